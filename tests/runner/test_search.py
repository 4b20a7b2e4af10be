"""A search for the capacity as one run, against a sandbox of known capacity."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arangolab import dataset, lab
from arangolab.plan import Plan, Search, Step
from arangolab.runner import handle
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.runner.runs import said, scenario, start, until_started


@pytest.fixture
def limited(make_sandbox: Callable[..., SandboxProcess]) -> Target:
    """A sandbox that does at most 20 logins a second: 2 contexts, 0.1 s each."""
    server = make_sandbox(v8_contexts=2, transaction_delay_s=0.1)
    target = Target(urls=(server.url,))
    dataset.load(target, users=1_000)
    return target


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_capacity_of_a_sandbox(limited: Target, tmp_path: Path) -> None:
    """Found near 20 a second; every trial is in the file, and what gave out is named."""
    live = lab.find_capacity(
        limited, start_rate_per_s=8, trial_s=5, hold_s=10, width_ratio=0.3, users=(1, 1_000),
        path=tmp_path / "run.sqlite", warm_up_s=1.0,
    )  # fmt: skip
    run = live.wait()
    result = run.capacity
    assert result is not None
    assert result.status == "found", result
    assert 15 < result.capacity_per_s < 23  # type: ignore[operator]
    assert result.width_ratio <= 0.3  # type: ignore[operator]
    assert result.recovers is True
    assert result.sentence.startswith("Sandbox (not ArangoDB): sustains")
    trials = run.meta("trials")
    assert len(trials) == result.trials == len(run.steps())
    assert [t["rate_per_s"] for t in trials] == [s.rate_per_s for s in run.steps()]
    assert [t["kind"] for t in trials[-2:]] == ["overload", "recovery"]
    assert run.verdict is not None
    assert run.verdict["gave_out"] == "v8_contexts"
    assert run.verdict["sustained_per_s"] == result.capacity_per_s
    assert "Trial 3" in said(run, "search")


@pytest.mark.slow
def test_a_search_that_is_stopped_says_what_it_knows(target: Target, tmp_path: Path) -> None:
    """The result is that of the trials so far, and claims no more."""
    plan = Plan(
        steps=(Step(rate_per_s=10, hold_s=1),), last_user=1_000, interval_s=0.5,
        search=Search(start_rate_per_s=10, trial_s=1, hold_s=2),
    )  # fmt: skip
    live = handle.start(plan, target, tmp_path / "run.sqlite")
    until_started(live.run, 20)
    live.stop()
    run = live.wait()
    assert run.status == "stopped"
    assert run.capacity is not None
    assert run.capacity.status == "stopped"
    assert "ended before" in run.capacity.sentence


@pytest.mark.slow
def test_a_ramp_waits_between_its_steps_and_comes_back_down(target: Target, tmp_path: Path) -> None:
    """What is in flight ends before the next rate; after too much, the last good rate again."""
    source = (
        "import itertools\ncount = itertools.count()\n\n"
        "@scenario\n"
        "def mine(session):\n"
        "    session.sleep(0.4)\n"
        "    session.check(not 20 <= next(count) < 60, 'too much')\n"
    )
    run = start(
        target, tmp_path / "run.sqlite", (10, 2), (20, 2), (40, 2),
        stop_when_maxed_out=True, calm_s=5.0, ramp_down=True, **scenario_of(source),
    ).wait()  # fmt: skip
    steps = run.steps()
    assert [s.rate_per_s for s in steps] == [10, 20, 10]
    assert [(s.judgement or {})["sustained"] for s in steps] == [True, False, True]
    assert steps[1].from_s >= 2.4
    assert run.meta("recovery")["back_at_per_s"] == 10
    assert "it recovered at 10 scenarios/s" in said(run, "note")
    assert run.verdict is not None
    assert "After 20 scenarios/s it recovered at 10 scenarios/s" in run.verdict["sentence"]
    assert "(1 more) was left out" in run.ending


@pytest.mark.slow
def test_processes_are_the_way_to_ramp(target: Target, tmp_path: Path) -> None:
    """Each step comes with one more process; no start is lost or doubled."""
    run = lab.ramp(
        target, rates=[10, 20, 40], hold_s=2, add_processes=True, calm_s=5, users=(1, 1_000),
        path=tmp_path / "run.sqlite", interval_s=0.5,
    ).wait()  # fmt: skip
    assert [(s.rate_per_s, s.processes) for s in run.steps()] == [(10, 1), (20, 2), (40, 3)]
    assert set(run.intervals()["worker"]) == {0, 1, 2}
    assert run.summary()["started"] == 140


def scenario_of(source: str) -> dict[str, str]:
    """Fields of a plan for a whole file of one's own."""
    head = "from arangolab import scenario\n\n"
    return {**scenario(""), "scenario_source": head + source}
