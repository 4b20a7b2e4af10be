"""The search for the capacity, as a pure state machine: judged trials in, the next rate out.

Doubling from the first rate until one is not sustained; short trials at the median of what is
believed (belief.py) while that is vague; full holds there, again and again, until the interval is
narrow enough, one of each outcome at least; then once too much and back down, to see whether the
server recovers.  The state is the history itself, so a search can be continued from a file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from arangolab.belief import Belief, belief, spread_of
from arangolab.found import Result as Result
from arangolab.found import Status as Status
from arangolab.plan import Search
from arangolab.trials import Kind, dispersion_of, overloaded_since, sustained_before, weighed
from arangolab.trials import Trial as Trial

SCENARIOS_MIN: Final = 12
"""A trial lasts until so many are due, or for a full hold."""
FALL_MAX: Final = 1024.0
"""The search goes down by this factor from its first rate, then gives up."""
TRIAL_WORTH: Final = 1.2
"""A short trial is worth its time while the belief's spread is above this part of its own."""
AIMS: Final = (0.5, 0.7, 0.85, 0.95, 0.99)
"""Quantiles to try after so many judgements alike: what surprises says most."""
INVALID_MAX: Final = 4
CEILING_RATIO: Final = 1.15
"""Between a sustained rate and one at which the test fails, closer than this nothing is tried."""
OVERLOAD_RATIO: Final = 1.3
RECOVERY_RATIO: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What to hold next."""

    rate_per_s: float
    hold_s: float
    kind: Kind
    why: str
    """In words, for the log."""
    drain_first: bool = True
    """Wait until what is in flight has ended before it begins."""


def advise(history: Sequence[Trial], how: Search) -> Probe | Result:
    """The next rate to hold, or what the search came to."""
    tried = [trial for trial in history if trial.kind in ("trial", "hold")]
    valid = weighed([trial for trial in tried if trial.valid])
    if stuck := _stuck(tried, valid, how):
        return _result(stuck, history, valid, how)
    probe = _bracket(tried, valid, how) or _refine(tried, valid, how)
    if probe is not None and len(tried) < how.trials_max:
        return probe
    after = _come_back(history, valid, how)
    if after is not None:
        return after
    return _result("found" if probe is None else "wide", history, valid, how)


def stopped(history: Sequence[Trial], how: Search) -> Result:
    """What is known when the search is ended before it has come to an end by itself."""
    valid = weighed([t for t in history if t.valid and t.kind in ("trial", "hold")])
    return _result("stopped", history, valid, how)


def left_s(history: Sequence[Trial], how: Search) -> float:
    """About how many seconds the search will still take."""
    step = advise(history, how)
    if isinstance(step, Result):
        return 0.0
    if step.kind in ("overload", "recovery"):
        return step.hold_s
    valid = weighed([t for t in history if t.valid and t.kind in ("trial", "hold")])
    back_s = 2 * how.trial_s + how.hold_s if how.recovery else 0.0
    up = any(t.sustained for t in valid)
    down = any(not t.sustained for t in valid)
    if not (up and down):
        return 5 * how.trial_s + 4 * how.hold_s + back_s
    now = belief(valid, how.confidence)
    excess = (now.width_ratio / how.width_ratio) ** 2
    holds = min(6.0, max(1.0, excess)) if step.kind == "hold" else 4.0
    trials = max(0.0, math.log2(max(1.0, excess))) / 2 if step.kind == "trial" else 0.0
    return trials * how.trial_s + holds * how.hold_s + back_s


# -- looking for the region -----------------------------------------------------------------


def _bracket(tried: Sequence[Trial], valid: Sequence[Trial], how: Search) -> Probe | None:
    """Up by doubling until a rate is not sustained; down by halving until one is."""
    if not tried:
        return _trial(how.start_rate_per_s, how, "the first rate")
    best = max((t.rate_per_s for t in valid if t.sustained), default=None)
    worst = min((t.rate_per_s for t in valid if not t.sustained), default=None)
    if not tried[-1].valid:
        return _again(tried, best, how)
    if worst is None and best is not None:
        ceiling = _ceiling(tried)
        if ceiling is not None:
            return _trial(math.sqrt(best * ceiling), how, "below what the test can do")
        return _trial(2 * best, how, f"{_shown(best)}/s was sustained")
    if best is None and worst is not None:
        return _trial(worst / 2, how, f"{_shown(worst)}/s was not sustained")
    return None


def _again(tried: Sequence[Trial], best: float | None, how: Search) -> Probe:
    """The last trial does not count: the same once more, then something lower."""
    last = tried[-1]
    if len(tried) < 2 or tried[-2].valid:
        why = f"the last trial is not valid: {last.reason}"
        once_more = _hold if last.kind == "hold" else _trial
        return once_more(last.rate_per_s, how, why)
    lower = math.sqrt(best * last.rate_per_s) if best else last.rate_per_s / 2
    return _trial(lower, how, f"at {_shown(last.rate_per_s)}/s the test itself fails")


def _ceiling(tried: Sequence[Trial]) -> float | None:
    """Lowest rate at which the test itself failed; None: it never did twice."""
    bad = sorted(t.rate_per_s for t in tried if not t.valid)
    return bad[0] if len(bad) > 1 else None


def _stuck(tried: Sequence[Trial], valid: Sequence[Trial], how: Search) -> Status | None:
    """Whether going on makes no sense, and what that means."""
    invalid = [t for t in tried if not t.valid]
    best = max((t.rate_per_s for t in valid if t.sustained), default=None)
    worst = min((t.rate_per_s for t in valid if not t.sustained), default=None)
    if invalid and worst is None:
        ceiling = _ceiling(tried)
        near = ceiling is not None and best is not None and ceiling <= CEILING_RATIO * best
        if near or len(invalid) >= INVALID_MAX:
            return "injector_limited" if invalid[-1].injector_limited else "invalid"
    if len(invalid) >= 2 * INVALID_MAX:
        return "injector_limited" if invalid[-1].injector_limited else "invalid"
    if best is None and worst is not None and worst <= how.start_rate_per_s / FALL_MAX:
        return "not_sustained"
    if best is not None and _at_most(best, worst, valid, how):
        return "not_reached"
    if len(tried) >= how.trials_max and (best is None or worst is None):
        return "not_sustained" if best is None else "not_reached"
    return None


def _at_most(best: float, worst: float | None, valid: Sequence[Trial], how: Search) -> bool:
    """The highest rate allowed was sustained; of full holds none was not, nor was the last."""
    if best < _most(how):
        return False
    top = valid[-1].kind == "hold" and valid[-1].sustained and valid[-1].rate_per_s >= _most(how)
    return worst is None or (top and all(t.sustained for t in valid if t.kind == "hold"))


# -- closing in -----------------------------------------------------------------------------


def _refine(tried: Sequence[Trial], valid: Sequence[Trial], how: Search) -> Probe | None:
    """Trials, then full holds, at the median; None: the interval is narrow enough."""
    now = belief(valid, how.confidence)
    held = [t for t in valid if t.kind == "hold"]
    if now.width_ratio <= how.width_ratio:
        return _confirm(now, held, how)
    rate = now.quantile(_aim(valid))
    spread = math.log(now.high_per_s / now.low_per_s) / 4
    own = spread_of(int(0.7 * how.trial_s * rate), dispersion_of(valid))
    if spread > TRIAL_WORTH * own and not held and tried[-1].kind == "trial":
        return _trial(
            rate, how, f"it is between {_shown(now.low_per_s)} and {_shown(now.high_per_s)}/s"
        )
    return _hold(rate, how, f"it is between {_shown(now.low_per_s)} and {_shown(now.high_per_s)}/s")


def _aim(valid: Sequence[Trial]) -> float:
    """Which quantile to try: the median, or beyond it where all was alike of late."""
    last = valid[-1].sustained
    alike = next((i for i, t in enumerate(reversed(valid)) if t.sustained != last), len(valid))
    beyond = AIMS[min(alike, len(AIMS)) - 1]
    return beyond if last else 1 - beyond


def _confirm(now: Belief, held: Sequence[Trial], how: Search) -> Probe | None:
    """One full hold of each outcome is needed, whatever the trials say."""
    if not any(t.sustained for t in held):
        return _hold(now.low_per_s, how, "no full hold was sustained so far")
    if all(t.sustained for t in held):
        return _hold(now.high_per_s, how, "every full hold was sustained so far")
    return None


# -- and back -------------------------------------------------------------------------------


def _come_back(history: Sequence[Trial], valid: Sequence[Trial], how: Search) -> Probe | None:
    """Once too much, if that is allowed, and at once back down to what was sustained."""
    if not how.recovery:
        return None
    kinds = [t.kind for t in history]
    now = belief(valid, how.confidence)
    if "overload" not in kinds:
        rate = _allowed(OVERLOAD_RATIO * now.high_per_s, how)
        if rate <= now.high_per_s:
            return None
        return Probe(
            rate_per_s=rate, hold_s=how.trial_s, kind="overload",
            why="too much on purpose, to see whether the server recovers",
        )  # fmt: skip
    if "recovery" not in kinds and _overloaded(history):
        return Probe(
            rate_per_s=_allowed(RECOVERY_RATIO * now.low_per_s, how),
            hold_s=how.trial_s + how.hold_s,
            kind="recovery", why="back down after the overload", drain_first=False,
        )  # fmt: skip
    return None


def _overloaded(history: Sequence[Trial]) -> bool:
    """What was to be too much was: else there is nothing to recover from."""
    return any(t.kind == "overload" and t.valid and not t.sustained for t in history)


# -- what came out --------------------------------------------------------------------------


def _result(
    status: Status, history: Sequence[Trial], valid: Sequence[Trial], how: Search
) -> Result:
    known = any(t.sustained for t in valid) and any(not t.sustained for t in valid)
    best = max((t.rate_per_s for t in valid if t.sustained), default=None)
    worst = min((t.rate_per_s for t in valid if not t.sustained), default=None)
    capacity, low, high = None, best, None if status == "not_reached" else worst
    if known and status in ("found", "wide", "stopped"):
        now = belief(valid, how.confidence)
        capacity, low, high = now.median_per_s, now.low_per_s, now.high_per_s
    before = sustained_before(history, valid)
    back = next((t for t in history if t.kind == "recovery" and t.valid), None)
    back = back if _overloaded(history) else None
    bad = [t for t in history if not t.valid and t.kind in ("trial", "hold")]
    recovers = None if back is None else back.recovery_s is not None and back.sustained
    if before is not None and overloaded_since(history, before):
        recovers, back = False, None
    return Result(
        status=status,
        capacity_per_s=capacity,
        low_per_s=low,
        high_per_s=high,
        confidence=how.confidence,
        trials=len(history),
        time_used_s=math.fsum(t.held_s for t in history),
        reason=bad[-1].reason if bad and status in ("injector_limited", "invalid") else "",
        changed=before is not None,
        sustained_before_per_s=before,
        recovers=recovers,
        recovery_s=None if back is None else back.recovery_s,
    )


# -- probes ---------------------------------------------------------------------------------


def _trial(rate: float, how: Search, why: str) -> Probe:
    """Short; longer where so few are due that they would say nothing."""
    rate = _allowed(rate, how)
    seconds = min(max(how.trial_s, SCENARIOS_MIN / (0.7 * rate)), max(how.trial_s, how.hold_s))
    return Probe(rate_per_s=rate, hold_s=seconds, kind="trial", why=why)


def _hold(rate: float, how: Search, why: str) -> Probe:
    return Probe(rate_per_s=_allowed(rate, how), hold_s=how.hold_s, kind="hold", why=why)


def _most(how: Search) -> float:
    return how.rate_max_per_s or math.inf


def _allowed(rate: float, how: Search) -> float:
    """The rate in three digits, or the highest allowed, to the last digit."""
    most = _most(how)
    return most if rate >= most else min(float(f"{rate:.3g}"), most)


def _shown(rate: float) -> str:
    return f"{rate:.3g}"
