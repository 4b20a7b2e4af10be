"""Scenarios in flight over a held rate: their level and whether it rises."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from arangolab import stats

BATCH: Final = 2
"""Points that count as one in looking for the steady state."""
BATCHES_MIN: Final = 4
"""Half of the batches, at least."""


class Levels(NamedTuple):
    """Scenarios in flight; None: there is no point to tell it from."""

    early: float | None = None
    late: float | None = None
    """Means over the first and over the last third."""
    end: float | None = None
    mean: float | None = None
    slope_per_s: float | None = None
    """Theil-Sen slope."""
    slope_low_per_s: float | None = None
    """Lower end of its 95 % interval."""


def levels(rows: Sequence[Mapping[str, Any]]) -> Levels:
    """The levels of the accounting's ``rows`` (worker, t_s, in_flight)."""
    times, totals = series(rows)
    if not totals:
        return Levels()
    third = max(1, len(totals) // 3)
    slope = stats.theil_sen_slope(times, totals)
    known = not math.isnan(slope.value)
    return Levels(
        early=sum(totals[:third]) / third,
        late=sum(totals[-third:]) / third,
        end=totals[-1],
        mean=sum(totals) / len(totals),
        slope_per_s=slope.value if known else None,
        slope_low_per_s=slope.low if known else None,
    )


def series(rows: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[float]]:
    """(times_s, scenarios in flight over all workers), one point per interval.

    Workers report at slightly different times: at each report the last level of each counts,
    and one full round of reports makes one point.
    """
    level: dict[Any, float] = {}
    workers = {row.get("worker", 0) for row in rows}
    fresh: set[Any] = set()
    times, totals = [], []
    for row in sorted(rows, key=lambda r: float(r["t_s"])):
        worker = row.get("worker", 0)
        level[worker] = float(row["in_flight"])
        fresh.add(worker)
        if fresh == workers:
            times.append(float(row["t_s"]))
            totals.append(sum(level.values()))
            fresh.clear()
    return times, totals


def steady_s(rows: Sequence[Mapping[str, Any]], least_s: float, to_s: float) -> float:
    """From when on the level is steady, seconds of the run; ``least_s`` at the earliest.

    White's rule (MSER, Simulation 69, 1997): leave out as much of the begin as makes the mean of
    the rest most certain.  More than ``least_s`` is left out only where that at least halves the
    uncertainty, and not when it would be more than half of all: then there is no steady state.
    """
    times, totals = series(rows)
    batches = [
        (times[at], sum(totals[at : at + BATCH]) / BATCH)
        for at in range(0, len(totals) - BATCH + 1, BATCH)
        if times[at] <= to_s
    ]
    half = len(batches) // 2
    if half < BATCHES_MIN:
        return least_s
    levels = np.array([level for _, level in batches])
    certain = [float(np.var(levels[at:])) / (len(levels) - at) for at in range(half + 1)]
    usual = next((at for at, (t_s, _) in enumerate(batches) if t_s >= least_s), 0)
    best = int(np.argmin(certain))
    if best in (0, half) or best <= usual or 2 * certain[best] > certain[min(usual, half)]:
        return least_s
    return max(least_s, batches[best][0])
