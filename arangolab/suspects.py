"""What may have given out in a failing step: resources at their limits, and what errors say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from arangolab import indicators, stats
from arangolab.evidence import Clue, clues
from arangolab.indicators import Reading, Window

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

CLUE_SHARE_MIN: Final = 0.1
"""Errors that are fewer than this share of all explain nothing."""
LATE_S: Final = 5.0
LATE_RATIO: Final = 0.2
"""A resource saturated later after the breach than this (of the hold) is a consequence."""
CPU_LEAD_S: Final = 2.0
"""A full CPU makes every other resource be held for longer, so it goes before its equals."""
SERVER_SHARE_MIN: Final = 0.4
"""A host's full CPU is the server's limit only if the server itself uses so much of its cores."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A resource that may have given out."""

    name: str
    """What gives out: a resource's name, or a clue's cause."""
    label: str
    since_s: float
    """Seconds of the run from which on it was at its limit, or its first error."""
    readings: tuple[Reading, ...]
    """What was read of it, the first saturated first; () where errors alone tell."""
    clue: Clue | None

    @property
    def reading(self) -> Reading | None:
        """What was saturated first."""
        return self.readings[0] if self.readings else None

    @property
    def rank(self) -> float:
        """Ascending: who was first."""
        return self.since_s - (CPU_LEAD_S if self.name == "cpu" else 0.0)


def suspects(
    readings: Sequence[Reading],
    errors: Iterable[Row],
    burn: Window | None,
    breach_s: float | None,
) -> list[Suspect]:
    """What may have given out in the failing step (``burn``), the first first.

    ``breach_s``: when that step first went wrong.  What reached its limit long after it is a
    consequence, and no suspect.
    """
    if burn is None or breach_s is None:
        return []
    telling = _telling(errors, burn)
    latest_s = breach_s + max(LATE_S, LATE_RATIO * (burn[1] - burn[0]))
    groups: dict[str, list[Reading]] = {}
    for reading in readings:
        since_s = reading.first_saturated_s
        if since_s is not None and since_s <= latest_s and _counts(reading, readings):
            groups.setdefault(reading.gives_out, []).append(reading)
    found = [_of_readings(name, group, telling.pop(name, None)) for name, group in groups.items()]
    found += [Suspect(c.cause, c.label, c.first_s, (), c) for c in telling.values()]
    return sorted(found, key=lambda suspect: suspect.rank)


def breach_s(samples: pd.DataFrame, errors: Iterable[Row], burn: Window) -> float:
    """When the failing step first went wrong: an error, a shed arrival, clients piling up."""
    times_s, levels = indicators.series(samples, "injector", "in_flight")
    inside = (times_s >= burn[0]) & (times_s <= burn[1])
    before = levels[times_s < burn[0]]
    usual = stats.percentile(before, 95) if len(before) else 0.0
    signs = [stats.first_lasting(times_s[inside], levels[inside] > 1.5 * usual + 3)]
    for name in ("shed_per_s", "failed_per_s"):
        at_s, values = indicators.series(samples, "injector", name)
        signs += list(at_s[(values > 0) & (at_s >= burn[0])][:1])
    signs += [c.first_s for c in _telling(errors, burn).values() if c.first_s >= burn[0]]
    return min((float(s) for s in signs if math.isfinite(s)), default=burn[1])


def _telling(errors: Iterable[Row], burn: Window) -> dict[str, Clue]:
    """What a good part of the errors points to, by cause."""
    rows = list(errors)
    total = sum(int(row.get("count") or 0) for row in rows)
    return {
        c.cause: c
        for c in clues(rows)
        if c.first_s <= burn[1] and c.count >= CLUE_SHARE_MIN * total
    }


def _counts(reading: Reading, readings: Sequence[Reading]) -> bool:
    """A host full of others' work says nothing of the server."""
    if reading.name != "host_cpu":
        return True
    own = next((one.ratio for one in readings if one.name == "cpu"), None)
    return own is not None and own >= SERVER_SHARE_MIN


def _of_readings(name: str, group: list[Reading], clue: Clue | None) -> Suspect:
    ordered = sorted(group, key=lambda one: one.first_saturated_s or 0.0)
    first = ordered[0]
    return Suspect(name, first.label, first.first_saturated_s or 0.0, tuple(ordered), clue)
