"""Intervals of several workers, put together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.histogram import Histogram
from arangolab.injector.protocol import Interval
from arangolab.metrics.register import NAMES
from arangolab.metrics.sample import Sample
from arangolab.runner.ledger import Ledger
from arangolab.runner.merge import merged_samples


def interval(t_s: float, **values: Any) -> Interval:
    """An interval that ends at ``t_s``."""
    return Interval(t_s=t_s, **values)


def by_name(samples: list[Sample]) -> dict[str, float]:
    """The samples' values; each comes from the injector and has its registered unit."""
    for sample in samples:
        assert NAMES[sample.source, sample.name][0] == sample.unit
    return {sample.name: sample.value for sample in samples}


def times(*durations_s: float) -> dict[str, str]:
    """Histograms of these durations."""
    histogram = Histogram()
    for duration_s in durations_s:
        histogram.record(duration_s)
    return {name: histogram.encode() for name in ("service", "response", "lateness")}


def test_counts_add_up_and_levels_too() -> None:
    """Two workers: rates over the interval, levels of both, the busiest one's CPU."""
    rows = [
        (0, interval(2, started=3, in_flight=1, cpu_s=0.5, loop_lag_s=0.01, connections_open=2)),
        (1, interval(2, started=5, in_flight=4, cpu_s=0.2, loop_lag_s=0.03, connections_open=3)),
    ]
    found = by_name(merged_samples(rows, dict(rows), time_s=2, interval_s=2, rate_per_s=4))
    assert found["started_per_s"] == 4
    assert found["in_flight"] == 5
    assert found["connections_open"] == 5
    assert found["cpu_ratio"] == 0.25
    assert found["loop_lag_ms"] == 30
    assert (found["processes"], found["rate_per_s"]) == (2, 4)


def test_percentiles_are_of_all_workers_together() -> None:
    """Histograms are merged before a percentile is read; without any there is a gap."""
    rows = [(0, interval(1, histograms=times(0.1))), (1, interval(1, histograms=times(0.3)))]
    found = by_name(merged_samples(rows, dict(rows), time_s=1, interval_s=1, rate_per_s=1))
    assert found["service_mean_ms"] == pytest.approx(200, rel=1e-3)
    assert found["response_p99_ms"] == pytest.approx(300, rel=1e-3)
    empty = [(0, interval(1))]
    assert "service_p50_ms" not in by_name(
        merged_samples(empty, dict(empty), time_s=1, interval_s=1, rate_per_s=1)
    )


def test_an_interval_waits_for_all_workers() -> None:
    """Until the last one has spoken, or will not any more."""
    ledger = Ledger(1.0)
    ledger.add(0, interval(1, started=2))
    assert ledger.take(1.1, {0, 1}, 1.0) == []
    ledger.add(1, interval(1, started=2))
    assert by_name(ledger.take(1.1, {0, 1}, 1.0))["started_per_s"] == 4
    ledger.add(0, interval(2, started=1))
    assert by_name(ledger.take(3.0, {0, 1}, 1.0))["started_per_s"] == 1


def test_who_has_left_counts_no_longer() -> None:
    """The levels of a worker that ended are gone with it."""
    ledger = Ledger(1.0)
    for worker in (0, 1):
        ledger.add(worker, interval(1, in_flight=3))
    ledger.left(1)
    found = by_name(ledger.take(2.0, {0}, 1.0))
    assert (found["in_flight"], found["processes"]) == (3, 1)


@settings(deadline=None)
@given(st.permutations([(worker, t) for worker in range(3) for t in range(1, 5)]))
def test_the_order_does_not_matter(arrivals: list[tuple[int, int]]) -> None:
    """Whichever worker speaks first: the same sum in the end, each time once."""
    ledger = Ledger(1.0)
    for worker, t_s in arrivals:
        ledger.add(worker, interval(t_s, started=worker + 10 * t_s))
    samples = ledger.take(99.0, {0, 1, 2}, 1.0)
    started = [(s.time_s, s.value) for s in samples if s.name == "started_per_s"]
    assert started == [(t, 3 + 30 * t) for t in range(1, 5)]
