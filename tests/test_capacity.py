"""Observing and judging steps, against simulated servers."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.capacity import Judgement, judge, observe, summarize_ramp
from arangolab.histogram import Histogram
from arangolab.observing import settling_s
from arangolab.plan import Objective
from tests.fake_runs import arrivals, intervals, judged, simulate

CALM = judged(simulate(arrivals([5], 20), c=8, mean_s=0.2), 0, 20).observation


def step(rate: float, judgement: Judgement | None) -> dict[str, Any]:
    """A row of the steps table."""
    return {"rate_per_s": rate, "judgement": judgement}


def test_observation_counts_what_was_judged() -> None:
    """The settling part is left out, the rest is counted once, over all workers."""
    jobs = simulate(arrivals([10], 20), c=20, mean_s=0.1)
    seen = observe(intervals(jobs, 20, workers=2), 0, 20)
    assert seen.from_s == settling_s(20) == 6.0
    assert seen.processes == 2
    assert seen.intended == seen.started == 140
    assert seen.duration_s == pytest.approx(14, abs=0.1)
    assert seen.intended_per_s == pytest.approx(10, abs=0.1)
    assert seen.response_p95_ms == pytest.approx(300, rel=0.5)
    assert seen.injector_cpu_ratio == pytest.approx(0.02, rel=0.2)


def test_observation_takes_histograms_as_rows_and_within_intervals() -> None:
    """Rows of the histograms table and histograms carried by an interval count alike."""
    rows = intervals(simulate(arrivals([10], 20), c=20, mean_s=0.1), 20)
    bare = [{k: v for k, v in row.items() if k != "histograms"} for row in rows]
    table = [
        {"worker": 0, "t_s": row["t_s"], "name": name, "encoded": text}
        for row in rows
        for name, text in row["histograms"].items()
    ]
    decoded = [{**row, "encoded": Histogram.decode(row["encoded"])} for row in table]
    assert observe(rows, 0, 20) == observe(bare, 0, 20, histograms=table)
    assert observe(rows, 0, 20) == observe(bare, 0, 20, histograms=decoded)


@settings(deadline=None, max_examples=50)
@given(begin=st.floats(0, 4), late_s=st.floats(0, 0.3), lost=st.sampled_from([0.0, 0.3]))
@pytest.mark.slow
def test_lines_sent_and_received_are_compared_over_the_same_span(
    begin: float, late_s: float, lost: float
) -> None:
    """Wherever a hold begins, and however much later than the injectors the receiver counts."""
    rows = intervals(simulate(arrivals([10], 20), c=20, mean_s=0.1), 20)
    sent, points = 0, [(0.0, 0.0)]
    for row in rows:
        sent += row["statsd_lines"]
        points.append((row["t_s"] + late_s, sent * (1 - lost)))
    judgement = judge(observe(rows, begin, 16, statsd_received=points), Objective())
    assert any("telemetry lost" in w.text for w in judgement.warnings) == (lost > 0)


def test_observation_of_nothing_is_not_valid() -> None:
    """A step without accounting claims nothing."""
    judgement = judge(observe([], 0, 10), Objective())
    assert not judgement.sustained
    assert not judgement.valid
    assert "too few samples" in judgement.reasons[0]


def test_a_judgement_is_json() -> None:
    """What goes into the run file can be written as strict JSON."""
    for judgement in (judge(CALM, Objective()), judge(observe([], 0, 10), Objective())):
        assert json.loads(json.dumps(asdict(judgement), allow_nan=False))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    c=st.integers(2, 16),
    per_place=st.floats(1.5, 4.0),
    load=st.floats(0.2, 0.6),
    seed=st.integers(0, 1000),
)
@pytest.mark.slow
def test_well_below_capacity_is_sustained(c: int, per_place: float, load: float, seed: int) -> None:
    """A server with c places at up to 60 % load sustains it, held for 45 service times or more."""
    rate = max(1.0, load * c * per_place)
    if rate > 0.7 * c * per_place:
        return
    jobs = simulate(arrivals([rate], 40), c, 1 / per_place, seed=seed)
    judgement = judged(jobs, 0, 40)
    assert judgement.sustained, judgement.reasons


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    c=st.integers(2, 16),
    per_place=st.floats(1.5, 4.0),
    load=st.floats(1.6, 3.0),
    seed=st.integers(0, 1000),
    wait_s=st.sampled_from([2.0, 60.0]),
)
@pytest.mark.slow
def test_well_above_capacity_is_not_sustained(
    c: int, per_place: float, load: float, seed: int, wait_s: float
) -> None:
    """At 160 % load and more it fails, whether clients give up (errors) or pile up (none)."""
    jobs = simulate(arrivals([load * c * per_place], 40), c, 1 / per_place, wait_s, seed)
    judgement = judged(jobs, 0, 40)
    assert not judgement.sustained
    assert judgement.valid
    assert judgement.reasons


def test_growth_alone_is_a_breach() -> None:
    """In flight that grows steadily fails a step that has no error at all."""
    judgement = judged(simulate(arrivals([10], 40), c=4, mean_s=0.5), 0, 40)
    assert judgement.observation.failed == 0
    assert any("in flight grew" in reason for reason in judgement.reasons)


def test_a_bad_ending_is_not_averaged_away() -> None:
    """Errors in the last window count, though the whole stays below the objective."""
    rows = intervals(simulate(arrivals([20], 60), c=40, mean_s=0.1), 60)
    for row in rows[-3:]:
        row["failed"] = 3
    judgement = judge(observe(rows, 0, 60), Objective(error_ratio_max=0.02))
    assert judgement.observation.error_ratio < 0.02
    assert not judgement.sustained
    assert "towards the end" in judgement.reasons[0]


def test_failures_of_the_tests_own_making_are_not_held_against_the_server() -> None:
    """The ratio is judged without them, in the whole and towards the end; the check tells them."""
    rows = intervals(simulate(arrivals([20], 60), c=40, mean_s=0.1), 60)
    for row in rows:
        row["failed"] = 2
    own = [{"t_s": row["t_s"], "count": 2} for row in rows]
    seen = observe(rows, 0, 60, self_inflicted=own)
    assert seen.self_inflicted == seen.failed == 100
    assert seen.error_ratio == seen.worst_error_ratio == 0
    flagged = judge(seen, Objective())
    assert not flagged.valid
    assert "the test itself: 100 of 100 failures" in flagged.reasons[0]
    for row in rows:
        row["failed"] = 1
    few = [{"t_s": row["t_s"], "count": 1} for row in rows[::6]]
    for row in rows[::6]:
        row["failed"] = 2
    mixed = judge(observe(rows, 0, 60, self_inflicted=few), Objective())
    assert mixed.valid
    assert mixed.reasons[0].startswith("50 of ")
    for row in rows:
        row["failed"] = int(row in rows[::6])
    assert judge(observe(rows, 0, 60, self_inflicted=few), Objective()).sustained


def test_a_single_failure_at_the_end_is_not_a_bad_ending() -> None:
    """One failure among many is judged by the whole alone."""
    rows = intervals(simulate(arrivals([20], 60), c=40, mean_s=0.1), 60)
    rows[-1]["failed"] = 1
    assert judge(observe(rows, 0, 60), Objective()).sustained


@pytest.mark.parametrize(
    ("changes", "objective", "words"),
    [
        ({"worst_response_p95_ms": 900.0}, {"response_p95_ms_max": 500.0}, "900 ms (at most 500"),
        ({"shed": 5}, {}, "5 of 70 arrivals shed"),
        ({"finished": 40}, {}, "only 40 scenarios ended while 70 were due"),
        ({"worst_error_ratio": 0.1, "error_ratio": 0.1, "failed": 7}, {}, "7 of 71 scenarios"),
    ],
)
def test_each_part_of_the_objective_is_told_with_its_figures(
    changes: dict[str, Any], objective: dict[str, Any], words: str
) -> None:
    """A breach names what was seen and what was allowed."""
    seen = replace(CALM, **{"finished": 71, **changes})
    judgement = judge(seen, Objective(**objective))
    assert not judgement.sustained
    assert judgement.valid
    assert words in "; ".join(judgement.reasons)


def test_a_limited_injector_claims_nothing() -> None:
    """A step in which the injector was the limit is neither sustained nor failed."""
    judgement = judge(replace(CALM, injector_cpu_ratio=0.97, failed=50), Objective())
    assert not judgement.sustained
    assert not judgement.valid
    assert judgement.reasons[0].startswith("injector-limited: ")


GOOD = judge(CALM, Objective())
BAD = judge(replace(CALM, shed=20), Objective())
VOID = judge(replace(CALM, injector_cpu_ratio=0.97), Objective())


@pytest.mark.parametrize(
    ("steps", "sustained", "failed", "words"),
    [
        ([(2, GOOD), (4, GOOD), (6, BAD)], 4, 6, "Sustains 4 login/s; does not sustain 6 login/s"),
        ([(2, GOOD), (4, GOOD)], 4, None, "the limit was not reached"),
        ([(2, BAD)], None, 2, "the lowest rate tried"),
        ([(2, GOOD), (4, VOID)], 2, None, "cannot be believed"),
        ([(2, VOID)], None, None, "No step is valid"),
        ([(2, None)], None, None, "No step was judged"),
        ([], None, None, "No step was judged"),
        ([(4, GOOD), (6, BAD), (2, BAD)], 4, 6, "Sustains 4"),
        ([(2, GOOD), (6, BAD), (8, GOOD)], 2, 6, "Sustains 2"),
    ],
)
def test_a_ramp_is_summed_up(
    steps: list[tuple[float, Judgement | None]],
    sustained: float | None,
    failed: float | None,
    words: str,
) -> None:
    """The highest sustained rate below the first failing one, whatever came later."""
    for rows in (
        [step(rate, j) for rate, j in steps],
        [{"rate_per_s": rate, "judgement": asdict(j) if j else None} for rate, j in steps],
    ):
        result = summarize_ramp(rows, "login")
        assert (result.sustained_per_s, result.failed_per_s) == (sustained, failed)
        assert words in result.sentence


def rows_of(levels: list[float]) -> list[dict[str, Any]]:
    """Accounting of one worker whose in flight went so, at 10 a second."""
    return [
        {
            "worker": 0, "t_s": float(n + 1), "intended": 10, "started": 10, "shed": 0,
            "finished": 10, "failed": 0, "reused": 0, "in_flight": level,
        }
        for n, level in enumerate(levels)
    ]  # fmt: skip


def test_a_step_is_judged_once_it_is_steady() -> None:
    """A backlog that drains for 25 of 60 s is not held against the rate that drains it."""
    draining = [max(5.0, 130.0 - 5 * n) for n in range(60)]
    steady = [5.0 + n % 2 for n in range(60)]
    growing = [5.0 + n for n in range(60)]
    assert observe(rows_of(draining), 0, 60).from_s > 20
    assert judge(observe(rows_of(draining), 0, 60), Objective()).sustained
    assert observe(rows_of(steady), 0, 60).from_s == settling_s(60)
    assert observe(rows_of(growing), 0, 60).from_s == settling_s(60)
    assert not judge(observe(rows_of(growing), 0, 60), Objective()).sustained


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=80))
def test_the_judged_part_is_at_least_half_of_a_hold(levels: list[int]) -> None:
    """Whatever happens, no more than half is left out as not yet steady."""
    hold_s = float(len(levels))
    seen = observe(rows_of([float(level) for level in levels]), 0, hold_s)
    assert settling_s(hold_s) <= seen.from_s <= max(settling_s(hold_s), hold_s / 2 + 1)
