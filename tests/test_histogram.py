"""Histograms keep durations to 0.1 %, merge, and travel as text."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.histogram import HIGHEST_US, LOWEST_US, Histogram, merge

durations = st.lists(st.floats(1e-6, 3600), min_size=1, max_size=200)


def of(values_s: list[float]) -> Histogram:
    """A histogram of these durations."""
    made = Histogram()
    for value in values_s:
        made.record(value)
    return made


@settings(max_examples=40, deadline=None)
@given(durations)
def test_percentiles_are_right_to_a_thousandth(values_s: list[float]) -> None:
    """Against the sorted values themselves, at the rank that HdrHistogram rounds to."""
    histogram = of(values_s)
    for percent in (50, 95, 99):
        rank = max(1, math.floor(percent / 100 * len(values_s) + 0.5))
        true = sorted(values_s)[rank - 1]
        assert histogram.percentile_s(percent) == pytest.approx(true, rel=2e-3, abs=2e-6)
    assert histogram.mean_s() == pytest.approx(np.mean(values_s), rel=2e-3, abs=2e-6)


@settings(max_examples=40, deadline=None)
@given(durations, durations)
def test_merging_is_counting_together(a: list[float], b: list[float]) -> None:
    """Processes and intervals can be put together after the fact."""
    merged = merge([of(a).encode(), of(b).encode()])
    both = of(a + b)
    assert merged.count == len(a) + len(b)
    assert merged.percentile_s(95) == both.percentile_s(95)
    assert merged.encode() == both.encode()
    one_by_one = of(a)
    one_by_one.add(of(b))
    assert merged.encode() == one_by_one.encode()
    merged.add(of(b))
    assert merged.count == len(a) + 2 * len(b)


def test_values_outside_the_range_count_at_its_bounds() -> None:
    """Nothing is dropped in silence."""
    histogram = of([0.0, 1e-9, 1e6])
    assert histogram.count == 3
    assert histogram.percentile_s(1) == pytest.approx(LOWEST_US / 1e6)
    assert histogram.percentile_s(100) == pytest.approx(HIGHEST_US / 1e6, rel=1e-3)


def test_an_empty_histogram_has_no_percentiles() -> None:
    """Not zero: nan."""
    empty = Histogram()
    assert empty.count == 0
    assert np.isnan(empty.percentile_s(50))
    assert np.isnan(empty.mean_s())


def test_reset_forgets_everything() -> None:
    """So that one histogram serves interval after interval."""
    histogram = of([1.0])
    histogram.reset()
    assert histogram.count == 0


@given(st.lists(st.floats(1e-6, 3600), min_size=1, max_size=50))
def test_middles_of_counters_are_the_librarys(values_s: list[float]) -> None:
    """Reckoned for all at once instead of one by one."""
    made = Histogram()
    made.record_all(values_s)
    middles_s, counts = made.values()
    hdr = made._hdr
    lowest_us = [hdr.get_value_from_index(k) for k, n in enumerate(hdr.counts) if n]
    assert counts.sum() == len(values_s)
    expected = [(low + hdr.get_highest_equivalent_value(low)) / 2e6 for low in lowest_us]
    assert middles_s == pytest.approx(expected)
