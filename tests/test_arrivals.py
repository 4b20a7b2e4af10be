"""Where starts lie: evenly, or as independent users come."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.arrivals import Arrivals, Even, Poisson, arrivals_of
from arangolab.pacing import Pace

kinds = st.sampled_from(["constant", "poisson"])


def kolmogorov_smirnov(gaps: list[float]) -> float:
    """Largest distance of the gaps' distribution from the exponential one of mean 1, times sqrt n.

    Above 1.63 in one of a hundred samples of such gaps (Kolmogorov's distribution).
    """
    n = len(gaps)
    expected = [1 - math.exp(-gap) for gap in sorted(gaps)]
    distance = max(max((i + 1) / n - p, p - i / n) for i, p in enumerate(expected))
    return distance * math.sqrt(n)


def test_even_starts_are_one_unit_apart() -> None:
    """Start g lies at g, and the first from a position on is the next whole number."""
    assert [Even().position(g) for g in range(3)] == [0.0, 1.0, 2.0]
    assert (Even().first_from(0, 2.5), Even().first_from(7, 2.5), Even().first_from(0, 3)) == (
        3,
        7,
        3,
    )


@pytest.mark.parametrize("seed", range(2))
def test_random_starts_have_exponential_gaps(seed: int) -> None:
    """They pass a Kolmogorov-Smirnov test, and neighbours do not depend on each other."""
    arrivals = Poisson(seed)
    positions = [0.0, *(arrivals.position(g) for g in range(20_000))]
    gaps = [b - a for a, b in itertools.pairwise(positions)]
    assert kolmogorov_smirnov(gaps) < 1.63
    together = sum((a - 1) * (b - 1) for a, b in itertools.pairwise(gaps)) / len(gaps)
    assert abs(together) < 4 / math.sqrt(len(gaps))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 15_000), min_size=1, max_size=8))
def test_positions_depend_on_the_seed_alone(seed: int, asked: list[int]) -> None:
    """In whatever order they are asked for, also far behind."""
    whole = Poisson(seed)
    expected = {g: whole.position(g) for g in sorted(asked)}
    other = Poisson(seed)
    assert [other.position(g) for g in asked] == [expected[g] for g in asked]


@settings(deadline=None)
@given(kinds, st.integers(0, 5000), st.floats(0, 6000))
def test_the_first_start_from_a_position_on(kind: str, g: int, position: float) -> None:
    """It is the smallest number that is neither before the one nor the other."""
    arrivals: Arrivals = arrivals_of(kind, 1)  # type: ignore[arg-type]
    first = arrivals.first_from(g, position)
    assert first >= g
    assert arrivals.position(first) >= position
    assert first == g or arrivals.position(first - 1) < position


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 100), st.lists(st.floats(1, 200), min_size=1, max_size=5))
def test_random_starts_follow_the_rate(seed: int, rates: list[float]) -> None:
    """Through changes of the rate: as many starts as the rates ask for, within chance."""
    pace, starts, g, arrivals = Pace(0.0, 0.0, rates[0]), 0, 0, Poisson(seed)
    for number, rate in enumerate([*rates[1:], 1.0], start=1):
        following = pace.change(number * 10.0, rate)
        while arrivals.position(g) < following.anchor_count:
            assert pace.anchor_s <= pace.due_s(arrivals.position(g)) <= number * 10.0 + 1e-6
            g, starts = g + 1, starts + 1
        pace = following
    expected = 10 * sum(rates)
    assert abs(starts - expected) < 6 * math.sqrt(expected) + 1
