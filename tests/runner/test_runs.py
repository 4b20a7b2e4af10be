"""Whole runs against the embedded sandbox, counted to the last scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from arangolab.arrivals import Poisson
from arangolab.plan import Plan, Step
from arangolab.runfile.reader import open_run
from arangolab.runner import handle
from arangolab.runner.calibration import calibrate, processes_for
from arangolab.target import Target, api
from tests.runner.runs import plan_of, scenario, start


def counters(target: Target) -> int:
    """Logins that the users' counters know of."""
    query = "FOR u IN user COLLECT AGGREGATE n = SUM(u.counter) RETURN n"
    return int(api(target, "POST", "/_api/cursor", json={"query": query})["result"][0])


@pytest.mark.slow
def test_a_rate_held_for_a_time_is_exact(target: Target, tmp_path: Path) -> None:
    """20 a second for 2 s: 40 due, started, finished, and 40 logins in the data."""
    before = counters(target)
    run = start(target, tmp_path / "run.sqlite", (20, 2)).wait()
    figures = run.summary()
    assert (figures["status"], figures["ending"]) == (
        "completed", "All that was planned was held.",
    )  # fmt: skip
    assert [figures[n] for n in ("intended", "started", "finished", "shed", "failed")] == [
        40, 40, 40, 0, 0,
    ]  # fmt: skip
    assert figures["achieved_per_s"] == 20
    assert figures["statsd_sent"] == figures["statsd_received"] > 0
    assert counters(target) - before == 40
    assert [(s.rate_per_s, s.from_s, s.to_s) for s in run.steps()] == [(20, 0, 2)]
    judgement = run.steps()[0].judgement
    assert judgement is not None
    assert judgement["sustained"]
    assert run.verdict is not None
    assert "sandbox" in run.title.lower()


@pytest.mark.slow
def test_all_sources_are_sampled(target: Target, tmp_path: Path) -> None:
    """Injector, statsd, /proc and the server's own metrics, in the registered units."""
    run = start(target, tmp_path / "run.sqlite", (20, 2)).wait()
    samples = run.samples()
    assert list(samples.columns) == ["time_s", "source", "name", "value", "unit"]
    assert set(samples["source"]) >= {"injector", "statsd", "proc", "arango"}
    names = set(samples["name"])
    assert {"in_flight", "clients", "login.mean_ms", "threads", "open_fds", "memory_maps"} <= names
    assert {"cpu_user_cores", "cpu_system_cores", "v8_contexts_busy", "login.p95_ms"} <= names
    started = samples[samples["name"] == "started_per_s"]
    assert started["value"].sum() * 0.5 == pytest.approx(40, abs=1)


@pytest.mark.slow
def test_steps_and_processes_together_are_exact(target: Target, tmp_path: Path) -> None:
    """Two processes, three rates without a pause between: nothing lost, nothing doubled."""
    steps = ((20, 0.7), (50, 0.7), (10, 0.7))
    run = start(target, tmp_path / "run.sqlite", *steps, processes=2).wait()
    figures = run.summary()
    assert figures["intended"] == figures["started"] == figures["finished"] == 56
    assert figures["failed"] == 0
    assert [(s.rate_per_s, s.processes) for s in run.steps()] == [(20, 2), (50, 2), (10, 2)]
    assert [round(s.to_s or 0, 6) for s in run.steps()] == [0.7, 1.4, 2.1]
    assert set(run.intervals()["worker"]) == {0, 1}


@pytest.mark.slow
def test_a_warm_up_does_not_count(target: Target, tmp_path: Path) -> None:
    """It is driven and recorded, but no step and no judgement knows of it."""
    run = start(target, tmp_path / "run.sqlite", (20, 1), warm_up_s=1.0).wait()
    assert run.summary()["started"] == 40
    assert [(s.from_s, s.to_s) for s in run.steps()] == [(1, 2)]
    assert "Warm-up for 1 s" in "\n".join(run.events()["text"])


@pytest.mark.slow
def test_what_is_beyond_the_bound_is_shed(target: Target, tmp_path: Path) -> None:
    """Three in flight at most: the rest is counted as shed, and the step not sustained."""
    run = start(
        target, tmp_path / "run.sqlite", (20, 1), max_in_flight=3, drain_s=3.0,
        **scenario("def mine(session):\n    session.sleep(1.5)\n"),
    ).wait()  # fmt: skip
    figures = run.summary()
    assert (figures["intended"], figures["started"], figures["shed"]) == (20, 3, 17)
    assert figures["finished"] == 3
    assert figures["abandoned"] == 0


@pytest.mark.slow
def test_errors_are_grouped_with_their_first_message(target: Target, tmp_path: Path) -> None:
    """A scenario that raises: one kind, counted, with its first message; an event says so."""
    source = (
        "def mine(session):\n"
        "    with session.step('ask'):\n"
        "        raise LookupError(f'user {session.user} is unknown')\n"
    )
    run = start(target, tmp_path / "run.sqlite", (20, 0.5), **scenario(source)).wait()
    figures = run.summary()
    assert (figures["finished"], figures["failed"]) == (10, 10)
    (error,) = figures["errors"]
    assert error["count"] == 10
    assert "user 1 is unknown" in error["first_message"]
    assert (error["step"], error["error_num"], error["self_inflicted"]) == ("ask", 0, False)
    (step,) = figures["scenario_steps"]
    assert (step["name"], step["count"]) == ("ask", 10)
    assert step["response_p95_ms"] >= step["service_p95_ms"] > 0
    events = run.events()
    assert "user 1 is unknown" in "\n".join(events[events["kind"] == "error"]["text"])


@pytest.mark.slow
def test_the_ramp_stops_when_the_server_is_maxed_out(target: Target, tmp_path: Path) -> None:
    """The first rate is sustained, the second is not, the third is left out and said to be."""
    source = (
        "def mine(session):\n"
        "    session.check(session.user < 1000, 'too many')\n"
        "    session.sleep(0.01)\n"
    )
    run = start(
        target, tmp_path / "run.sqlite", (10, 3), (40, 3), (80, 3),
        stop_when_maxed_out=True, first_user=970, last_user=1000, **scenario(source),
    ).wait()  # fmt: skip
    steps = run.steps()
    assert [(s.judgement or {})["sustained"] for s in steps] == [True, False]
    assert run.ending == (
        "40 scenarios/s was not sustained; what was planned above it (1 more) was left out."
    )
    figures = run.summary()
    assert figures["sustained_per_s"] == 10
    assert figures["failed_per_s"] == 40
    assert steps[0].to_s == 3
    assert 3 <= steps[1].from_s < 4


@pytest.mark.slow
def test_one_file_is_left(target: Target, tmp_path: Path) -> None:
    """Neither a write-ahead log nor an index of it stays beside the run file."""
    path = tmp_path / "run.sqlite"
    live = start(target, path, (20, 0.3))
    while live.alive:
        live.run.new_samples()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert open_run(path).status == "completed"


@pytest.mark.slow
def test_a_rise_is_driven_and_not_judged(target: Target, tmp_path: Path) -> None:
    """From 0 to 40 a second within 2 s: the area under the line, then the hold."""
    plan = Plan(steps=(Step(rate_per_s=40, hold_s=1, rise_s=2),), last_user=1_000, interval_s=0.5)
    run = handle.start(plan, target, tmp_path / "run.sqlite").wait()
    assert run.summary()["started"] == 80
    assert [(s.rate_per_s, s.from_s, s.to_s) for s in run.steps()] == [(40, 2, 3)]
    samples = run.samples()
    asked = samples[(samples["source"] == "injector") & (samples["name"] == "rate_per_s")]
    assert 0 < asked["value"].iloc[0] < asked["value"].iloc[2] < 40


@pytest.mark.slow
def test_random_arrivals_of_two_processes_are_those_of_one(target: Target, tmp_path: Path) -> None:
    """The seed says when: as many starts, whoever makes them."""
    counts = []
    for processes in (1, 2):
        plan = plan_of((40, 2), arrivals="poisson", seed=3, processes=processes)
        run = handle.start(plan, target, tmp_path / f"{processes}.sqlite").wait()
        counts.append(run.summary()["started"])
    assert counts[0] == counts[1] == sum(Poisson(3).position(g) < 80 for g in range(200))


@pytest.mark.slow
def test_a_closed_loop_keeps_its_users_and_claims_no_capacity(
    target: Target, tmp_path: Path
) -> None:
    """Never more in flight than users; the verdict says what such a loop cannot tell."""
    plan = plan_of((0, 2), loop_users=3, think_s=0.01, processes=2, interval_s=0.25)
    run = handle.start(plan, target, tmp_path / "run.sqlite").wait()
    figures = run.summary()
    assert figures["started"] == figures["finished"] == figures["intended"] > 20
    assert run.intervals().groupby("t_s")["in_flight"].sum().max() <= 3
    assert figures["achieved_per_s"] == pytest.approx(figures["started"] / 2)
    assert figures["sustained_per_s"] is None
    assert "3 users in a closed loop with 10 ms of think time" in figures["verdict"]
    assert "finds no capacity" in figures["verdict"]


@pytest.mark.slow
def test_each_process_has_a_row_and_together_they_are_the_run(
    target: Target, tmp_path: Path
) -> None:
    """Counts add up; CPU, lateness and memory are each process's own."""
    run = start(target, tmp_path / "run.sqlite", (30, 2), processes=3).wait()
    figures = run.summary()
    rows = figures["processes"]
    assert [row["worker"] for row in rows] == [0, 1, 2]
    for name in ("intended", "started", "finished", "connections_opened"):
        assert sum(row[name] for row in rows) == figures[name]
    assert figures["injector_cpu_ratio"] == max(row["cpu_ratio"] for row in rows) > 0
    assert figures["rss_bytes"] == sum(row["rss_bytes"] for row in rows) > 3 * 10e6
    assert all(row["lateness_p99_ms"] is not None for row in rows)
    assert 0 < figures["injector_cpu_ms_per_scenario"] < 100


@pytest.mark.slow
def test_a_calibration_measures_what_a_scenario_costs(target: Target) -> None:
    """A login costs some tenths of a millisecond; twice the rate needs twice the processes."""
    found = calibrate(plan_of((4_000, 1)), target)
    assert 0.02 < found.cpu_ms_per_scenario < 5
    assert found.processes == processes_for(4_000, found.cpu_ms_per_scenario)
    assert found.sentence.startswith("One login costs the injector ")


@pytest.mark.parametrize(("rate", "cost_ms", "needed"), [(5, 1, 1), (600, 1, 1), (601, 1, 2)])
def test_processes_stay_well_below_a_core(rate: float, cost_ms: float, needed: int) -> None:
    """At most 60 % of one each."""
    assert processes_for(rate, cost_ms) == needed
