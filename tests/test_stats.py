"""Slopes, windows, percentiles, rates and thinning."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab import stats

finite = st.floats(-1e6, 1e6, allow_nan=False)


@given(slope=st.floats(-100, 100), level=finite, n=st.integers(2, 60))
def test_slope_of_a_line_is_its_slope(slope: float, level: float, n: int) -> None:
    """Points on a line give the line's slope, and an interval around it."""
    x = np.arange(n, dtype=float)
    found = stats.theil_sen_slope(x, level + slope * x)
    assert found.value == pytest.approx(slope, abs=1e-6)
    assert found.low <= found.value <= found.high


@given(st.integers(0, 10_000))
def test_slope_withstands_a_few_wild_values(seed: int) -> None:
    """A fifth of arbitrary outliers moves the slope little."""
    random = np.random.default_rng(seed)
    x = np.arange(50, dtype=float)
    y = 2 * x
    y[random.choice(50, 10, replace=False)] = random.uniform(-1e4, 1e4, 10)
    assert abs(stats.theil_sen_slope(x, y).value - 2) < 0.5


@given(st.integers(0, 10_000))
def test_slope_of_noise_rarely_claims_growth(seed: int) -> None:
    """The slope of pure noise stays small beside the noise."""
    y = np.random.default_rng(seed).normal(0, 1, 40)
    assert abs(stats.theil_sen_slope(np.arange(40.0), y).value) < 0.1


@pytest.mark.parametrize("points", [([], []), ([1.0], [2.0]), ([1.0, 1.0], [2.0, 3.0])])
def test_slope_of_too_few_points_is_unknown(points: tuple[list[float], list[float]]) -> None:
    """Without two points apart there is no slope."""
    assert math.isnan(stats.theil_sen_slope(*points).value)


def test_slope_of_many_points_stays_cheap() -> None:
    """Ten hours of samples give the slope without a quadratic bill."""
    x = np.arange(36_000.0)
    assert stats.theil_sen_slope(x, 0.25 * x).value == pytest.approx(0.25)


def test_rates_leave_out_restarts() -> None:
    """A total that went backwards gives nan, as does the first value."""
    found = stats.rates([0, 1, 3, 4], [0, 5, 9, 1])
    assert np.array_equal(found, [np.nan, 5, 2, np.nan], equal_nan=True)


@given(st.lists(finite, min_size=1), st.floats(0, 100))
def test_percentile_is_one_of_the_values(values: list[float], percent: float) -> None:
    """A percentile is a value that occurred; nan values do not count."""
    assert stats.percentile([*values, math.nan], percent) in values


def test_nothing_has_no_percentile_and_no_mean() -> None:
    """Empty input gives nan."""
    assert math.isnan(stats.percentile([], 95))
    assert math.isnan(stats.mean([math.nan]))


@given(st.floats(0, 100), st.floats(1, 100), st.integers(1, 9))
def test_windows_tile_the_span(start: float, length: float, count: int) -> None:
    """Windows follow each other without hole or overlap."""
    tiles = stats.windows(start, start + length, count)
    assert len(tiles) == count
    assert tiles[0][0] == pytest.approx(start)
    assert tiles[-1][1] == pytest.approx(start + length)
    assert all(a[1] == b[0] for a, b in pairwise(tiles))


@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        ([0, 1, 0, 1, 1], 3.0),
        ([1, 1, 1], 0.0),
        ([0, 1, 0], math.nan),
        ([1], 0.0),
        ([], math.nan),
    ],
)
def test_first_lasting_wants_two_in_a_row(holds: list[int], expected: float) -> None:
    """A single sample at the limit is chance; a series of one has to do."""
    found = stats.first_lasting(np.arange(float(len(holds))), holds)
    assert found == pytest.approx(expected, nan_ok=True)


@given(st.integers(0, 20_000), st.integers(10, 1000), st.integers(0, 999))
def test_thin_keeps_extremes_and_ends_in_few_points(n: int, most: int, seed: int) -> None:
    """At most ``most`` points are left; lowest, highest, first and last among them."""
    y = np.random.default_rng(seed).normal(size=n)
    x, kept = stats.thin(np.arange(float(n)), y, most)
    assert len(x) == len(kept) <= max(most, 5)
    assert np.all(np.diff(x) > 0)
    if n:
        assert kept.max() == y.max()
        assert kept.min() == y.min()
        assert (x[0], x[-1]) == (0, n - 1)


def test_thin_keeps_gaps() -> None:
    """A gap in the data is still one in the thinned curve."""
    y = np.ones(5000)
    y[2000] = np.nan
    assert np.isnan(stats.thin(np.arange(5000.0), y, 100)[1]).sum() == 1
