"""The server's resources, each read against its limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from arangolab import stats, units
from arangolab.metrics.register import STAND_INS
from arangolab.resources import INDICATORS, Indicator

if TYPE_CHECKING:
    import pandas as pd

SATURATED_SHARE: Final = 0.3
"""Of the samples of a failing step, so many at the limit make the resource saturated."""
ROSE_FACTOR: Final = 1.3
ROSE_MIN: Final = 3.0

EVENTS_MIN: Final = 2
"""Samples with an event, of a failing step, that make it count."""

Window = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an indicator did in a run."""

    name: str
    label: str
    unit: str
    limit: float | None
    """None: not known."""
    calm: float | None
    """Usual level (median) while the load was sustained; None: no such time."""
    peak: float
    """95th percentile of the level while the judged rate was not sustained, or of the whole."""
    ratio: float | None
    """Peak / limit."""
    first_saturated_s: float | None
    """From when on it was at its limit, in the failing step; None: it was not."""
    rose: bool
    """Well above its calm level."""
    follows: bool
    """Below its limit a rise is a symptom."""
    gives_out: str
    """Name of what gives out when it is at its limit."""
    event: bool = False
    """A rate of events that must not happen."""

    def words(self) -> str:
        """``4 of 4 busy``, ``1.9 of 2 cores used``, ``210 open``."""
        show = units.size if self.unit.startswith("bytes") else units.number
        unit = self.unit.removeprefix("bytes ")
        of = f" of {show(self.limit)}" if self.limit else ""
        return f"{show(round(self.peak, 2))}{of} {unit}"


def read(
    samples: pd.DataFrame,
    limits: Mapping[str, Any],
    calm: Sequence[Window],
    burn: Window | None,
    *,
    local: bool = True,
) -> tuple[Reading, ...]:
    """Every indicator that was sampled.

    ``limits``: v8_contexts, cores, memory_bytes, scheduler_queue, scheduler_threads, open_fds,
    memory_maps, threads; what is absent is not known.  ``calm``: the sustained steps (from_s,
    to_s); ``burn``: the first step that was not, or None.  ``local``: the server is on the
    runner's host, whose samples tell of it.
    """
    told = [one for one in INDICATORS if local or one.source != "host"]
    found = (_read_one(one, samples, limits, calm, burn) for one in told)
    return tuple(reading for reading in found if reading is not None)


def shares(samples: pd.DataFrame, limits: Mapping[str, Any], span: Window) -> dict[str, float]:
    """By name, the use of each indicator whose limit is known: 95th percentile in span / limit."""
    found = (_read_one(one, samples, limits, (), span) for one in INDICATORS)
    told = [one for one in found if one is not None and not one.event]
    return {one.name: one.ratio for one in told if one.ratio is not None}


def series(samples: pd.DataFrame, source: str, name: str) -> tuple[stats.Array, stats.Array]:
    """(times_s, values) of one sampled name, in the order of time; empty when absent."""
    if not len(samples):
        return np.empty(0), np.empty(0)
    rows = samples[(samples["source"] == source) & (samples["name"] == name)]
    rows = rows.sort_values("time_s")
    return rows["time_s"].to_numpy(dtype=float), rows["value"].to_numpy(dtype=float)


def within(times_s: stats.Array, values: stats.Array, spans: Sequence[Window]) -> stats.Array:
    """The values of those spans."""
    inside = np.zeros(len(times_s), dtype=bool)
    for from_s, to_s in spans:
        inside |= (times_s >= from_s) & (times_s <= to_s)
    return values[inside]


def _read_one(
    spec: Indicator,
    samples: pd.DataFrame,
    limits: Mapping[str, Any],
    calm: Sequence[Window],
    burn: Window | None,
) -> Reading | None:
    times_s, values = level(spec, samples)
    if not len(times_s):
        return None
    limit = _limit(spec, samples, limits)
    hot = within(times_s, values, [burn]) if burn else values
    peak = stats.percentile(hot if len(hot) else values, 95)
    usual = stats.percentile(within(times_s, values, calm), 50)
    known = None if math.isnan(usual) else usual
    return Reading(
        name=spec.name,
        label=spec.label,
        unit=spec.unit,
        limit=limit,
        calm=known,
        peak=peak,
        ratio=peak / limit if limit else None,
        first_saturated_s=_saturated(spec, times_s, values, limit, burn),
        rose=known is not None and peak > max(ROSE_FACTOR * known, known + ROSE_MIN),
        follows=spec.follows,
        gives_out=spec.gives_out,
        event=spec.event,
    )


def level(spec: Indicator, samples: pd.DataFrame) -> tuple[stats.Array, stats.Array]:
    """The use over time; names that add up are sampled at the same times."""
    for source in (spec.source, *STAND_INS.get(spec.source, ())):
        times_s, total = series(samples, source, spec.series[0])
        if len(times_s):
            break
    for name in spec.series[1:]:
        more_s, more = series(samples, source, name)
        both, here, there = np.intersect1d(times_s, more_s, return_indices=True)
        times_s, total = both, total[here] + more[there]
    if spec.only_with and len(times_s):
        with_s, level = series(samples, spec.source, spec.only_with)
        total = np.where(np.isin(times_s, with_s[level > 0]), total, 0.0)
    good = np.isfinite(total)
    return times_s[good], total[good]


def _limit(spec: Indicator, samples: pd.DataFrame, limits: Mapping[str, Any]) -> float | None:
    if spec.fixed is not None:
        return spec.fixed
    if spec.limit_series:
        told = stats.percentile(series(samples, spec.source, spec.limit_series)[1], 100)
        if told > 0:
            return told
    value = limits.get(spec.limit)
    usable = isinstance(value, int | float) and math.isfinite(value) and value > 0
    return float(value) if usable else None  # type: ignore[arg-type]


def _saturated(
    spec: Indicator,
    times_s: stats.Array,
    values: stats.Array,
    limit: float | None,
    burn: Window | None,
) -> float | None:
    if burn is None:
        return None
    inside = (times_s >= burn[0]) & (times_s <= burn[1])
    if spec.event:
        happened = times_s[inside & (values > 0)]
        return float(happened[0]) if len(happened) >= EVENTS_MIN else None
    if limit is None:
        return None
    full = values[inside] >= spec.threshold * limit
    if not len(full) or full.mean() < SATURATED_SHARE:
        return None
    since = stats.first_lasting(times_s[inside], full)
    return None if math.isnan(since) else since
