"""Rates that were held on the way to the capacity, and what each is worth afterwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from arangolab.belief import spread_of

Kind = Literal["trial", "hold", "overload", "recovery"]

AGEING: Final = 0.01
"""The capacity wanders by so much from trial to trial (relative, a random walk)."""
STALE_RATIO: Final = 1.07
"""Two later judgements that contradict an earlier one by this much outweigh it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A rate that was held, and how that was judged."""

    rate_per_s: float
    kind: Kind
    held_s: float
    """Seconds used, draining included."""
    sustained: bool
    valid: bool
    scenarios: int
    """Arrivals due in the judged part."""
    dispersion: float | None = None
    """Variance / mean of arrivals less ends per interval; None: not known."""
    band_ratio: float = 0.0
    """Part of the arrivals that may be left behind before the judgement sees it."""
    injector_limited: bool = False
    """It is not valid because the injector was the limit."""
    reason: str = ""
    """Why it was not sustained, or not valid."""
    recovery_s: float | None = None
    """Of a recovery: seconds until in flight was back at its usual level; None: it was not."""
    spread_ratio: float = 0.1
    """Relative spread of the judgement by chance; set by the search."""


def weighed(valid: Sequence[Trial]) -> list[Trial]:
    """The trials that count, each with its spread.

    One that two later ones contradict is left out: the server has changed, or it was chance.
    """
    kept = [t for i, t in enumerate(valid) if not outdated(t, valid[i + 1 :])]
    dispersion = dispersion_of(kept)
    trials = []
    for age, t in zip(range(len(kept) - 1, -1, -1), kept, strict=True):
        spread = math.hypot(spread_of(t.scenarios, dispersion), AGEING * math.sqrt(age))
        trials.append(replace(t, spread_ratio=spread))
    return trials


def outdated(trial: Trial, later: Sequence[Trial]) -> bool:
    """Whether two later trials contradict this one clearly."""
    against = [t for t in later if t.sustained != trial.sustained]
    if trial.sustained:
        clear = [t for t in against if STALE_RATIO * t.rate_per_s <= trial.rate_per_s]
    else:
        clear = [t for t in against if t.rate_per_s >= STALE_RATIO * trial.rate_per_s]
    return len(clear) > 1


def dispersion_of(valid: Sequence[Trial]) -> float:
    """How much counts vary on this server, compared to independent events (1)."""
    seen = [t.dispersion for t in valid if t.dispersion is not None and not t.sustained]
    if not seen:
        return 1.0
    return min(3.0, max(0.1, sorted(seen)[len(seen) // 2]))


def sustained_before(history: Sequence[Trial], valid: Sequence[Trial]) -> float | None:
    """Highest rate once sustained, where the trials that count say it is too much now."""
    failing = [t.rate_per_s for t in valid if not t.sustained]
    all_valid = [t for t in history if t.valid and t.kind in ("trial", "hold")]
    once = [
        t.rate_per_s
        for i, t in enumerate(all_valid)
        if t.sustained and outdated(t, all_valid[i + 1 :])
    ]
    highest = max(once, default=None)
    clear = highest is not None and failing and highest >= 1.2 * min(failing)
    return highest if clear else None


def overloaded_since(history: Sequence[Trial], rate_per_s: float) -> bool:
    """Whether more than the rate was too much after it had been sustained."""
    last = max(i for i, t in enumerate(history) if t.sustained and t.rate_per_s == rate_per_s)
    return any(t.valid and not t.sustained and t.rate_per_s > rate_per_s for t in history[last:])
