"""The schedule: the k-th start is due when it must be, whatever happened before."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.pacing import Pace, first_of_share, share_of, share_users

DAY_S = 86_400.0

rates = st.floats(0.01, 5_000)
changes = st.lists(st.tuples(st.floats(0.1, 50), st.floats(0, 50)), max_size=8)


def paces_of(rate_per_s: float, later: list[tuple[float, float]]) -> list[Pace]:
    """A pace from 0 on, then (seconds held, next rate) after (seconds held, next rate)."""
    paces = [Pace(0.0, 0.0, rate_per_s)]
    for held_s, rate in later:
        paces.append(paces[-1].change(paces[-1].anchor_s + held_s, rate))
    return paces


def starts_before(paces: list[Pace], end_s: float) -> list[float]:
    """When each start before ``end_s`` is due: g belongs to the last pace with anchor <= g."""
    due = []
    ends = [p.anchor_count for p in paces[1:]] + [paces[-1].count_at(end_s)]
    g = 0
    for pace, end in zip(paces, ends, strict=True):
        while g < end:
            due.append(pace.due_s(g))
            g += 1
    return due


@settings(deadline=None)
@given(rates, st.integers(0, 10**9))
def test_the_kth_start_is_due_after_k_intervals(rate_per_s: float, k: int) -> None:
    """Start 0 at once, start k after k/rate seconds."""
    assert Pace(0.0, 0.0, rate_per_s).due_s(k) == pytest.approx(k / rate_per_s)


@settings(deadline=None)
@given(rates)
def test_there_is_no_drift_over_a_day(rate_per_s: float) -> None:
    """The last start of a day is due when it should be, to a microsecond."""
    pace = Pace(0.0, 0.0, rate_per_s)
    k = math.floor(rate_per_s * DAY_S)
    assert pace.due_s(k) == pytest.approx(k / rate_per_s, abs=1e-6)
    assert pace.count_at(DAY_S) == pytest.approx(rate_per_s * DAY_S)


@settings(deadline=None)
@given(rates, st.floats(0.1, 10))
def test_a_time_has_as_many_starts_as_rate_times_time(rate_per_s: float, seconds: float) -> None:
    """Exactly: the starts due before the end, the one at 0 included."""
    expected = rate_per_s * seconds
    if expected <= 20_000:
        due = starts_before([Pace(0.0, 0.0, rate_per_s)], seconds)
        assert len(due) == math.ceil(expected)


@settings(deadline=None)
@given(rates.filter(lambda r: r <= 50), changes, st.floats(0.1, 20))
def test_rate_changes_neither_lose_nor_double_nor_bunch(
    rate_per_s: float, later: list[tuple[float, float]], last_held_s: float
) -> None:
    """Starts stay in order, the total is the integral of the rate, gaps are those of the rates."""
    paces = paces_of(rate_per_s, later)
    end_s = paces[-1].anchor_s + last_held_s
    due = starts_before(paces, end_s)
    assert len(due) == math.ceil(paces[-1].count_at(end_s))
    assert due == sorted(due)
    assert all(d <= end_s + 1e-6 for d in due)
    fastest = max(p.rate_per_s for p in paces)
    gaps = [b - a for a, b in itertools.pairwise(due)]
    assert all(gap * fastest > 1 - 1e-6 for gap in gaps)


@settings(deadline=None)
@given(st.floats(0.1, 50), st.floats(0.1, 20))
def test_a_pause_keeps_the_phase(rate_per_s: float, pause_s: float) -> None:
    """After rate 0 the start that was due next comes as much later as the pause was long."""
    before = Pace(0.0, 0.0, rate_per_s)
    at_s = 10.5 / rate_per_s
    after = before.change(at_s, 0.0).change(at_s + pause_s, rate_per_s)
    assert before.change(at_s, 0.0).due_s(11) == math.inf
    assert after.due_s(11) == pytest.approx(before.due_s(11) + pause_s)


@settings(deadline=None)
@given(st.floats(0, 500), st.floats(0, 500), st.floats(0.1, 3600), st.floats(0, 2))
def test_a_rise_reaches_the_rate_along_a_straight_line(
    begin: float, end: float, rise_s: float, part: float
) -> None:
    """Arrivals are the area under the line; a start is due when the area has reached it."""
    pace = Pace(5.0, 3.25, begin).change(10.0, end, rise_s)
    at_s = 10.0 + part * rise_s
    within_s, after_s = min(part, 1.0) * rise_s, max(0.0, part - 1.0) * rise_s
    risen = begin + (end - begin) * min(part, 1.0)
    area = (begin + risen) / 2 * within_s + end * after_s
    assert pace.rate_at(at_s) == pytest.approx(risen)
    assert pace.count_at(at_s) == pytest.approx(3.25 + 5 * begin + area, abs=1e-6)
    if pace.rate_at(at_s) > 1e-3:
        assert pace.due_s(pace.count_at(at_s)) == pytest.approx(at_s, rel=1e-4, abs=1e-4)


@settings(deadline=None)
@given(st.floats(1, 100), st.floats(1, 100), st.floats(1, 60), st.floats(0.1, 1))
def test_a_rise_that_is_cut_short_goes_on_from_where_it_was(
    begin: float, end: float, rise_s: float, part: float
) -> None:
    """Another change in the middle of a rise loses nothing and jumps nowhere."""
    rising = Pace(0.0, 0.0, begin).change(0.0, end, rise_s)
    at_s = part * rise_s
    after = rising.change(at_s, 7.0, 5.0)
    assert after.count_at(at_s) == rising.count_at(at_s)
    assert after.rate_at(at_s) == pytest.approx(rising.rate_at(at_s))
    assert after.rate_at(at_s + 5.0) == pytest.approx(7.0)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 16))
def test_shares_of_a_whole_add_up(whole: int, of: int) -> None:
    """And differ by at most one."""
    parts = [share_of(whole, index, of) for index in range(of)]
    assert sum(parts) == whole
    assert max(parts) - min(parts) <= 1


@settings(deadline=None)
@given(st.floats(0, 10**6), st.integers(1, 16))
def test_shares_of_starts_are_the_whole_without_overlap(not_before: float, of: int) -> None:
    """Each start from the anchor on belongs to exactly one process."""
    firsts = [first_of_share(not_before, index, of) for index in range(of)]
    first = math.ceil(not_before)
    assert sorted(firsts) == list(range(first, first + of))
    assert all(g % of == index for index, g in enumerate(firsts))


@settings(deadline=None)
@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 16))
def test_shares_of_users_are_the_range_without_overlap(first: int, size: int, of: int) -> None:
    """The parts lie end to end and differ by at most one user."""
    parts = [share_users(first, first + size, index, of) for index in range(of)]
    assert parts[0][0] == first
    assert parts[-1][1] == first + size
    assert all(b[0] == a[1] + 1 for a, b in itertools.pairwise(parts))
    sizes = [last - begin + 1 for begin, last in parts]
    assert max(sizes) - min(sizes) <= 1
