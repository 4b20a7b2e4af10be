"""The search for the capacity, on servers that are only reckoned."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from arangolab.capacity import worded
from arangolab.objective import Objective
from arangolab.plan import Search
from arangolab.search import FALL_MAX, Probe, Result, Trial, advise, left_s, stopped
from tests.simulated import Server, find

HOW = Search(trial_s=10.0, hold_s=40.0, recovery=False)


def sharp(capacity: float, probe: Probe, **more: object) -> Trial:
    """How a server without any noise is judged."""
    values: dict[str, object] = {
        "rate_per_s": probe.rate_per_s, "kind": probe.kind, "held_s": probe.hold_s,
        "sustained": probe.rate_per_s <= capacity, "valid": True,
        "scenarios": int(probe.rate_per_s * probe.hold_s), "dispersion": 0.1,
    }  # fmt: skip
    return Trial(**{**values, **more})  # type: ignore[arg-type]


def search(capacity: float, how: Search = HOW) -> tuple[Result, list[Trial]]:
    """Search on a server without noise."""
    history: list[Trial] = []
    while isinstance(step := advise(history, how), Probe):
        history.append(sharp(capacity, step))
    return step, history


def step_of(history: list[Trial]) -> Probe:
    """A probe well below what was sustained at last."""
    best = max(t.rate_per_s for t in history if t.sustained and t.kind == "hold")
    return Probe(rate_per_s=0.75 * best, hold_s=50.0, kind="recovery", why="")


@settings(deadline=None, max_examples=60)
@example(capacity=0.0625, start=64.0)
@given(capacity=st.floats(0.05, 5000), start=st.floats(0.1, 100))
def test_a_sharp_capacity_is_found_wherever_it_starts(capacity: float, start: float) -> None:
    """Within the interval, which is as narrow as asked, by a bounded number of trials.

    From where the search does not give up: it goes down by FALL_MAX at most.
    """
    assume(start <= FALL_MAX * capacity)
    how = replace(HOW, start_rate_per_s=start, hold_s=max(40.0, 100 / capacity))
    result, history = search(capacity, how)
    assert result.status == "found", result
    assert result.low_per_s <= capacity * 1.005  # type: ignore[operator]  # rates have 3 digits
    assert result.high_per_s >= capacity * 0.995  # type: ignore[operator]
    assert result.width_ratio <= how.width_ratio  # type: ignore[operator]
    assert len(history) <= 16 + 2 * abs(math.log2(capacity / start))


@settings(deadline=None, max_examples=20, derandomize=True)
@given(
    places=st.integers(1, 16),
    mean_s=st.floats(0.05, 0.3),
    cv=st.floats(0, 1),
    poisson=st.booleans(),
    seed=st.integers(0, 10**6),
)
@pytest.mark.slow
def test_a_noisy_queue(places: int, mean_s: float, cv: float, poisson: bool, seed: int) -> None:
    """M/M/c and its like: the interval is at most a tenth of the capacity off, and is narrow."""
    server = Server(places=places, mean_s=mean_s, cv=cv, poisson=poisson, seed=seed)
    how = replace(HOW, start_rate_per_s=server.capacity_per_s / 9)
    result, history = find(server, how)
    assert result.status in ("found", "wide")
    assert result.low_per_s <= 1.1 * server.capacity_per_s  # type: ignore[operator]
    assert result.high_per_s >= 0.9 * server.capacity_per_s  # type: ignore[operator]
    assert len(history) <= how.trials_max


def test_a_server_that_collapses_and_comes_back() -> None:
    """Overload halves it until its queue is gone: the capacity is found, and that it recovers."""
    server = Server(places=8, mean_s=0.1, cv=0.3, collapse_at=100, seed=3)
    result, history = find(server, replace(HOW, start_rate_per_s=20, recovery=True))
    assert result.status == "found"
    assert result.low_per_s <= 80 <= result.high_per_s  # type: ignore[operator]
    assert [t.kind for t in history[-2:]] == ["overload", "recovery"]
    assert result.recovers is False  # 75 % of the capacity is more than half: metastable
    gentle = Server(places=8, mean_s=0.1, cv=0.3, seed=3)
    result, _ = find(gentle, replace(HOW, start_rate_per_s=20, recovery=True))
    assert result.recovers is True
    assert 0 < result.recovery_s < 20  # type: ignore[operator]


def test_a_server_that_never_recovers_is_told() -> None:
    """What it sustained before the overload, and what it does since."""
    server = Server(places=8, mean_s=0.1, cv=0.0, collapse_at=60, recovers=False, seed=3)
    result, _ = find(server, replace(HOW, start_rate_per_s=15))
    assert result.low_per_s <= 40 <= result.high_per_s  # type: ignore[operator]
    assert result.changed
    assert result.sustained_before_per_s == 60
    assert result.recovers is False
    sentence = worded(result, "login", Objective(), sandbox=True).sentence
    assert sentence.endswith(
        "Before it was overloaded it sustained 60 login/s: it did not recover."
    )


def test_a_server_that_becomes_slower() -> None:
    """The interval is about the end of the search, not about its beginning."""
    server = Server(places=8, mean_s=0.1, cv=0.3, slower_per_s=0.01 / 60, seed=5)
    result, _ = find(server, replace(HOW, start_rate_per_s=15))
    assert result.low_per_s <= 1.02 * server.capacity_per_s  # type: ignore[operator]
    assert result.high_per_s >= server.capacity_per_s  # type: ignore[operator]


def test_short_trials_come_first_and_full_holds_decide() -> None:
    """Doubling and coarse steps are short; at least two full holds, one of each outcome."""
    _, history = search(37.0)
    kinds = [trial.kind for trial in history]
    assert kinds == sorted(kinds, key=["trial", "hold"].index)
    assert {t.sustained for t in history if t.kind == "hold"} == {True, False}
    rates = [t.rate_per_s for t in history]
    assert rates[:6] == [1, 2, 4, 8, 16, 32]


def test_a_limited_injector_claims_nothing() -> None:
    """From 10/s on no trial is valid: no capacity, whatever was sustained below."""
    history: list[Trial] = []
    while isinstance(step := advise(history, HOW), Probe):
        limited = step.rate_per_s > 10
        why = "injector-limited: x" if limited else ""
        history.append(sharp(1e9, step, valid=not limited, injector_limited=limited, reason=why))
    assert step.status == "injector_limited"
    assert step.capacity_per_s is None
    assert not step.valid
    assert step.reason == "injector-limited: x"
    assert len(history) < 12


def test_one_trial_that_does_not_count_is_repeated() -> None:
    """A neighbour on the machine spoils one trial, not the search."""
    history: list[Trial] = []
    while isinstance(step := advise(history, HOW), Probe):
        spoilt = len(history) == 3
        history.append(
            sharp(50, step, valid=not spoilt, sustained=not spoilt and step.rate_per_s < 50)
        )
    assert step.status == "found"
    assert history[4].rate_per_s == history[3].rate_per_s


def test_nothing_is_sustained() -> None:
    """The search goes down by halves, and says so in the end."""
    result, history = search(0.0)
    assert result.status == "not_sustained"
    assert result.valid
    assert result.capacity_per_s is None
    assert len(history) <= 12


def test_the_highest_rate_allowed_is_not_exceeded() -> None:
    """With a bound on the rate the limit may not be reached."""
    result, history = search(1e9, replace(HOW, rate_max_per_s=20))
    assert result.status == "not_reached"
    assert result.low_per_s == 20
    assert max(t.rate_per_s for t in history) == 20


@settings(deadline=None, max_examples=40)
@given(most=st.floats(20, 3000), ratio=st.floats(0.2, 5))
@example(most=1234.0, ratio=4.0)
@example(most=1236.0, ratio=4.0)
@example(most=100.0, ratio=0.99)
def test_no_rate_above_the_bound_is_driven(most: float, ratio: float) -> None:
    """Rounding and overload included; once the bound is sustained, the search is over."""
    how = replace(HOW, start_rate_per_s=1.0, rate_max_per_s=most, recovery=True)
    result, history = search(ratio * most, how)
    assert max(t.rate_per_s for t in history) <= most
    if ratio > 1:
        assert (result.status, result.low_per_s, result.high_per_s) == ("not_reached", most, None)
        assert [t.rate_per_s for t in history].count(most) == 1
    else:
        assert result.status in ("found", "not_reached")
        assert len(history) < how.trials_max
    overload = [t for t in history if t.kind == "overload"]
    assert all(t.rate_per_s > ratio * most for t in overload)


@pytest.mark.parametrize(("valid", "sustained"), [(True, True), (False, False)])
def test_only_what_was_too_much_is_recovered_from(valid: bool, sustained: bool) -> None:
    """An overload that was sustained, or is not valid, says nothing about a recovery."""
    how = replace(HOW, recovery=True)
    history: list[Trial] = []
    while isinstance(step := advise(history, how), Probe):
        over = {"valid": valid, "sustained": sustained} if step.kind == "overload" else {}
        history.append(sharp(50.0, step, **over))
    assert history[-1].kind == "overload"
    assert step.recovers is step.recovery_s is None
    assert "recover" not in worded(step, "login", Objective(), sandbox=False).sentence
    back = sharp(50.0, step_of(history), recovery_s=1.0)
    assert stopped([*history, back], how).recovers is None


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_whatever_is_judged_the_search_ends(outcomes: list[tuple[bool, bool]]) -> None:
    """Within the bound on trials and what comes after; its estimate of the time left is sane."""
    how = replace(HOW, trials_max=25, recovery=True)
    history: list[Trial] = []
    while isinstance(step := advise(history, how), Probe):
        sustained, valid = outcomes[len(history) % len(outcomes)] if outcomes else (True, True)
        assert 0 < step.rate_per_s < math.inf
        assert step.hold_s > 0
        assert 0 <= left_s(history, how) < how.longest_s
        history.append(sharp(0, step, sustained=sustained and valid, valid=valid))
    assert len(history) <= how.trials_max + 2
    assert left_s(history, how) == 0
    assert asdict(stopped(history, how))["trials"] == len(history)
