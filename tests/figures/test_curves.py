"""Samples as curves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arangolab.figures.curves import series_of, step_curves, traces_for, with_gaps
from arangolab.figures.store import KEPT_MAX, SampleStore
from arangolab.metrics.register import NAMES
from arangolab.metrics.sample import Sample
from tests.fake_runs import LIMITS, ramp, table


def test_every_curve_shows_a_registered_sample() -> None:
    """Names come from the register of samples, so that no curve waits for what never comes."""
    from arangolab.figures.curves import CURVES

    assert {curve.key for curve in CURVES} <= set(NAMES)


def test_gaps_are_gaps() -> None:
    """A hole in the samples breaks the curve; usual jitter does not."""
    times = np.array([1, 2, 3.2, 4, 10, 11.0])
    x, y = with_gaps(times, np.ones(6))
    assert np.isnan(y).sum() == 1
    assert 4 < x[int(np.flatnonzero(np.isnan(y))[0])] < 10


def test_what_was_not_sampled_is_not_drawn() -> None:
    """No trace without points, none of zeros made up."""
    traces = traces_for(series_of(table([(1.0, "proc", "threads", 9.0, "threads")])))
    assert [t.curve.uid for t in traces] == ["threads"]
    assert traces_for({}) == []


def test_steps_of_the_scenario_become_curves() -> None:
    """A mean per step, not of the whole scenario, in the order of the alphabet."""
    names = [
        ("statsd", "login.mean_ms"),
        ("statsd", "login.update_user.mean_ms"),
        ("statsd", "login.read.mean_ms"),
        ("statsd", "login.read.p95_ms"),
        ("proc", "x.y.mean_ms"),
    ]
    found = step_curves(names)
    assert [c.label for c in found] == ["read mean", "update_user mean"]
    assert all(c.uid.isidentifier() for c in found)


def test_cores_are_drawn_only_where_they_do_not_flatten_the_curves() -> None:
    """64 cores over a use of one core are left out."""
    series = series_of(ramp().samples())
    assert "cores" in {t.curve.uid for t in traces_for(series, LIMITS)}
    assert "cores" not in {t.curve.uid for t in traces_for(series, {"cores": 64})}


def test_curves_are_thinned() -> None:
    """Ten hours of samples are drawn as at most a thousand points."""
    t = np.arange(36_000.0)
    (trace,) = traces_for({("proc", "threads"): (t, np.sin(t))})
    assert len(trace.x) <= 1000


@given(st.lists(st.floats(0.5, 1.5), min_size=1, max_size=300))
def test_a_store_keeps_what_it_is_given(steps: list[float]) -> None:
    """Short runs come out as they went in, whatever shape the rows have."""
    times = np.cumsum(steps)
    for shape in ("tuple", "dict", "sample", "table"):
        store = SampleStore()
        rows = [(float(t), "proc", "threads", float(t) * 2, "threads") for t in times]
        if shape == "table":
            store.add(table(rows))
        elif shape == "dict":
            names = ("time_s", "source", "name", "value")
            store.add(dict(zip(names, row[:4], strict=True)) for row in rows)
        else:
            store.add(Sample(*row) if shape == "sample" else row for row in rows)  # type: ignore[arg-type]
        x, y = store.series()[("proc", "threads")]
        assert np.array_equal(x, times)
        assert np.array_equal(y, times * 2)


def test_a_store_is_bounded_and_keeps_gaps() -> None:
    """Hours of samples take no more memory than minutes; holes stay holes."""
    store = SampleStore()
    store.add((float(t), "proc", "threads", 1.0) for t in range(30_000) if not 100 < t < 200)
    x, y = store.series()[("proc", "threads")]
    assert len(x) <= KEPT_MAX
    assert np.isnan(y).sum() == 1
    assert (x[0], x[-1]) == (0, 29_999)
