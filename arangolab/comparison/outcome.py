"""Better, worse, or it cannot be told; and why."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from arangolab import units
from arangolab.comparison.subject import LIMITED, Step, Subject
from arangolab.parameters import shown

Word = Literal["better", "worse", "cannot tell"]
SAME_RATE: Final = 0.01
"""Rates that differ by no more than this ratio are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One run against the first."""

    word: Word
    reason: str
    comparable: bool
    """They could be compared; False: nothing is said, whatever they found."""
    injector_limited: bool = False
    """It is the injector's fault that nothing can be said."""


def outcome(first: Subject, other: Subject, p95_tolerance: float) -> Outcome:
    """What became of ``first`` in ``other``."""
    hindrance = _hindrance(first, other)
    if hindrance:
        return Outcome(
            word="cannot tell",
            reason=hindrance,
            comparable=False,
            injector_limited=any(one.trouble.startswith(LIMITED) for one in (first, other)),
        )
    return _by_capacity(first, other) or _by_times(first, other, p95_tolerance)


def pairs(first: Subject, other: Subject) -> Iterator[tuple[Step, Step]]:
    """The steps of both at the same rates, of each rate the last."""
    for step in {one.rate_per_s: one for one in first.steps}.values():
        same = [
            one for one in other.steps
            if math.isclose(one.rate_per_s, step.rate_per_s, rel_tol=SAME_RATE)
        ]  # fmt: skip
        if same:
            yield step, same[-1]


def _hindrance(first: Subject, other: Subject) -> str:
    """Why they cannot be compared; "" when they can."""
    if first.sandbox != other.sandbox:
        return "one is of the sandbox, the other of an ArangoDB"
    if first.scenario != other.scenario:
        return f"the scenarios differ: {first.scenario} and {other.scenario}"
    unlike = _unlike(first, other)
    if unlike:
        return f"the scenarios were told otherwise: {unlike}"
    if first.objective != other.objective:
        return "the objectives differ: what one calls sustained, the other may not"
    for one in (first, other):
        if one.trouble:
            return f"{one.name} is not to be judged by: {one.trouble}"
    return ""


def _unlike(first: Subject, other: Subject) -> str:
    """The parameters of which the runs had different values.

    One that only one of them tells of (the other is of an earlier version) was as usual there.
    """
    said = []
    for name in sorted({*first.params, *other.params}):
        both = name in first.params and name in other.params
        differs = first.params[name] != other.params[name] if both else False
        if differs or (not both and name in first.changed + other.changed):
            values = [
                shown(one.params[name]) if name in one.params else "not told"
                for one in (first, other)
            ]
            said.append(f"{name} {' and '.join(values)}")
    return ", ".join(said)


def _by_capacity(first: Subject, other: Subject) -> Outcome | None:
    """The capacities' intervals; None where neither run came to a limit."""
    told = f"{first.interval} before, {other.interval} now"
    if other.low_per_s >= first.high_per_s:
        return _decided("better", f"the capacity is higher: {told}")
    if other.high_per_s <= first.low_per_s:
        return _decided("worse", f"the capacity is lower: {told}")
    if math.isinf(first.high_per_s) and math.isinf(other.high_per_s):
        return None
    return _decided("cannot tell", f"the intervals of the capacity overlap: {told}")


def _by_times(first: Subject, other: Subject, tolerance: float) -> Outcome:
    """The 95th percentiles at common rates, where no limit was reached."""
    none = "no limit was reached"
    changes = {}
    for before, now in pairs(first, other):
        if before.response_p95_ms and now.response_p95_ms:
            changes[now.rate_per_s] = now.response_p95_ms / before.response_p95_ms - 1
    if not changes:
        return _decided("cannot tell", f"{none}, and no rate was held in both", comparable=False)
    told = ", ".join(_change_words(rate, change) for rate, change in changes.items())
    reason = f"{none}; 95th percentile of the response time {told}"
    if all(change > tolerance for change in changes.values()):
        return _decided("worse", reason)
    if all(change < -tolerance / (1 + tolerance) for change in changes.values()):
        return _decided("better", reason)
    return _decided("cannot tell", f"{reason} (counted from {units.percent(tolerance)} on)")


def _change_words(rate_per_s: float, change: float) -> str:
    way = "longer" if change > 0 else "shorter"
    return f"{units.percent(abs(change))} {way} at {units.number(rate_per_s)}/s"


def _decided(word: Word, reason: str, *, comparable: bool = True) -> Outcome:
    return Outcome(word=word, reason=reason, comparable=comparable)
