"""What a rate that was held for long came to: was it sustained throughout, and what drifts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from arangolab import stats, units
from arangolab.capacity import SANDBOX, judgement_dict
from arangolab.checks import LIMITED
from arangolab.objective import Objective
from arangolab.observing import Row
from arangolab.resources import INDICATORS, Indicator

SETTLING_RATIO: Final = 0.1
"""Part of the hold at its begin in which caches fill and pools grow; no drift is told of it."""
BLOCKS: Final = 40
BLOCKS_MIN: Final = 8
"""Medians of blocks are nearly independent of each other; single samples are not."""
GROWN_MIN: Final = 0.05
"""A drift over the hold below this part of the level is not told."""
SLOWER_MIN: Final = 0.1
"""A response time that grows by this part over the hold is a server that becomes slower."""

SHORT_S_MAX: Final = 0.05
SHORT_RATIO_MAX: Final = 0.001
"""What is missing of the time asked for up to here is the rounding of windows' borders."""

Fetch = Callable[[str, str], tuple[stats.Array, stats.Array]]
"""(times_s, values) of a sampled source and name, in the order of time; empty when absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How an indicator moved over a hold."""

    name: str
    label: str
    unit: str
    level: float
    """Median of the last tenth."""
    slope_per_h: float
    """Theil-Sen slope of the medians of blocks."""
    low_per_h: float
    high_per_h: float
    """Its 95 % interval (Sen 1968)."""
    grown_ratio: float
    """Growth over the hold / level at its begin."""
    limit: float | None
    to_limit_s: float | None
    """Seconds until the limit is reached, if it goes on like this; None: it does not, or there is
    no limit."""
    drifts: bool
    """Upwards or downwards, beyond chance, and by a part that matters."""

    def words(self) -> str:
        """``memory +12 MB an hour [10 MB, 14 MB], at its limit in 5 h 20 min``."""
        show = units.size if self.unit.startswith("bytes") else units.number
        sign = "+" if self.slope_per_h > 0 else ""
        unit = "" if self.unit.startswith("bytes") else f" {self.unit}"
        text = (
            f"{self.label} {sign}{show(self.slope_per_h)}{unit} an hour "
            f"[{show(self.low_per_h)}, {show(self.high_per_h)}]"
        )
        if self.to_limit_s is not None and self.limit is not None:
            text += f", at its limit of {show(self.limit)} in {units.seconds(self.to_limit_s)}"
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Endurance:
    """What a rate held for long came to."""

    rate_per_s: float
    held_s: float
    """Of the windows that were judged."""
    met: bool
    """Sustained as long as was asked for, not slower at the end, and nothing near its limit."""
    sustained: bool
    """Every window met the objective."""
    valid: bool
    """Every window may be believed, and all that was asked for was held and judged, or a window
    failed; False claims nothing about the server."""
    injector_limited: bool
    failed_from_s: float | None
    """Begin of the first window that did not meet the objective; None: all did."""
    reasons: tuple[str, ...]
    """Why not, in words with figures."""
    slower: bool
    """The response time drifted upwards."""
    exhausts: str | None
    """Name of what would reach its limit first, within as long again; None: nothing would."""
    drifts: tuple[Drift, ...]
    """Of everything that was sampled."""
    sentence: str
    asked_s: float = 0.0
    """How long it was to be held; 0: not said."""

    @property
    def short(self) -> bool:
        """Less was held and judged than was asked for."""
        return self.held_s < self.asked_s - max(SHORT_S_MAX, SHORT_RATIO_MAX * self.asked_s)


@dataclass(frozen=True, slots=True)
class _Watched:
    name: str
    label: str
    source: str
    series: tuple[str, ...]
    unit: str
    limit: float | None


def assess(
    windows: Sequence[Row],
    fetch: Fetch,
    limits: Mapping[str, Any],
    objective: Objective,
    *,
    asked_s: float = 0.0,
    scenario: str = "scenarios",
    sandbox: bool = False,
) -> Endurance:
    """The outcome of a hold that was judged window by window.

    ``windows``: rows with rate_per_s, from_s, to_s, judgement, in the order of time; at least one.
    ``limits``: as for indicators.read.  ``asked_s``: how long the rate was to be held; a window
    that was not judged, or never held because the run was stopped, is missing from it.
    """
    judged = [(row, judgement_dict(row.get("judgement"))) for row in windows]
    known = [(row, facts) for row, facts in judged if facts is not None]
    invalid = [facts for _, facts in known if not facts["valid"]]
    broken = [(row, facts) for row, facts in known if facts["valid"] and not facts["sustained"]]
    from_s = float(windows[0]["from_s"])
    to_s = max((_end_s(row) for row, _ in known), default=from_s)
    drifts = _drifts(fetch, limits, objective, from_s, to_s)
    slower = next((d for d in drifts if _slower(d)), None)
    near = [d for d in drifts if d.to_limit_s is not None and d.to_limit_s <= to_s - from_s]
    first = min(near, key=lambda d: d.to_limit_s or 0.0, default=None)
    reasons = (broken[0][1] if broken else invalid[0] if invalid else {}).get("reasons", ())
    sustained = len(known) == len(windows) and not broken and not invalid
    found = Endurance(
        rate_per_s=float(windows[0]["rate_per_s"]),
        held_s=math.fsum(_end_s(row) - float(row["from_s"]) for row, _ in known),
        asked_s=asked_s,
        met=False,
        sustained=sustained,
        valid=bool(known) and (bool(broken) or not invalid),
        injector_limited=any(str(f["reasons"][0]).startswith(LIMITED) for f in invalid),
        failed_from_s=float(broken[0][0]["from_s"]) if broken else None,
        reasons=tuple(reasons),
        slower=slower is not None,
        exhausts=first.name if first else None,
        drifts=drifts,
        sentence="",
    )
    if len(known) < len(windows) or found.short:
        found = replace(found, valid=bool(broken))
    met = found.valid and sustained and slower is None and first is None
    return _worded(replace(found, met=met), slower, first, scenario, sandbox)


def _end_s(window: Row) -> float:
    return float(window.get("to_s") or window["from_s"])


def _watched(objective: Objective) -> list[_Watched]:
    limits = dict(objective.response_limits_ms)
    response = [
        _Watched(f"response_p{p}", f"response time p{p}", "injector", (f"response_p{p}_ms",), "ms",
                 limits.get(p))
        for p in (50, 95)
    ]  # fmt: skip
    flight = _Watched("in_flight", "in flight", "injector", ("in_flight",), "scenarios", None)
    return [*response, flight]


def _drifts(
    fetch: Fetch, limits: Mapping[str, Any], objective: Objective, from_s: float, to_s: float
) -> tuple[Drift, ...]:
    begin_s = from_s + SETTLING_RATIO * (to_s - from_s)
    found = []
    for watched in _watched(objective):
        series = _sum(fetch, watched.source, watched.series)
        found.append(_drift(watched, *series, begin_s, to_s))
    for spec in INDICATORS:
        if spec.event or spec.only_with:
            continue
        watched = _Watched(
            spec.name, spec.label, spec.source, spec.series, spec.unit, _limit(spec, fetch, limits)
        )
        found.append(_drift(watched, *_sum(fetch, spec.source, spec.series), begin_s, to_s))
    return tuple(d for d in found if d is not None)


def _limit(spec: Indicator, fetch: Fetch, limits: Mapping[str, Any]) -> float | None:
    told = (
        stats.percentile(fetch(spec.source, spec.limit_series)[1], 100) if spec.limit_series else 0
    )
    for value in (spec.fixed, told, limits.get(spec.limit)):
        if isinstance(value, int | float) and math.isfinite(value) and value > 0:
            return float(value)
    return None


def _sum(fetch: Fetch, source: str, names: Sequence[str]) -> tuple[stats.Array, stats.Array]:
    times_s, total = fetch(source, names[0])
    for name in names[1:]:
        more_s, more = fetch(source, name)
        both, here, there = np.intersect1d(times_s, more_s, return_indices=True)
        times_s, total = both, total[here] + more[there]
    return times_s, total


def _drift(
    watched: _Watched, times_s: stats.Array, values: stats.Array, from_s: float, to_s: float
) -> Drift | None:
    """The drift between the times; None where there are too few samples."""
    blocks = [
        (float(np.mean(times_s[inside])), stats.percentile(values[inside], 50))
        for a, b in stats.windows(from_s, to_s, BLOCKS)
        if (inside := (times_s >= a) & (times_s < b) & np.isfinite(values)).any()
    ]
    if len(blocks) < BLOCKS_MIN:
        return None
    x, y = zip(*blocks, strict=True)
    slope = stats.theil_sen_slope(x, y)
    tenth = max(1, len(y) // 10)
    start, level = stats.percentile(y[:tenth], 50), stats.percentile(y[-tenth:], 50)
    rise = slope.value * (to_s - from_s)
    grown = rise / abs(start) if start else float(np.sign(rise))
    sure = (slope.low > 0 or slope.high < 0) and abs(grown) >= GROWN_MIN
    to_limit_s = None
    if sure and watched.limit is not None and slope.value > 0:
        to_limit_s = max(0.0, (watched.limit - level) / slope.value)
    return Drift(
        name=watched.name, label=watched.label, unit=watched.unit, level=level,
        slope_per_h=slope.value * 3600, low_per_h=slope.low * 3600, high_per_h=slope.high * 3600,
        grown_ratio=grown, limit=watched.limit, to_limit_s=to_limit_s, drifts=sure,
    )  # fmt: skip


def _missing_words(found: Endurance) -> str:
    """How much was held of what was asked for."""
    if not found.held_s:
        return "no window was judged"
    held = units.seconds(found.held_s)
    if not found.short:
        return f"{held} were held and judged, and a part was not judged"
    return f"only {held} of the {units.seconds(found.asked_s)} asked for were held and judged"


def _slower(drift: Drift) -> bool:
    return drift.name.startswith("response") and drift.drifts and drift.grown_ratio >= SLOWER_MIN


def _worded(
    found: Endurance, slower: Drift | None, first: Drift | None, scenario: str, sandbox: bool
) -> Endurance:

    rate, held = units.rate(found.rate_per_s, scenario), units.seconds(found.held_s)
    why = "; ".join(found.reasons)
    if not found.valid:
        text = f"Nothing is said about {rate}: {why or _missing_words(found)}."
    elif found.failed_from_s is not None:
        since = units.seconds(found.failed_from_s)
        text = f"{rate} were not sustained for {held}: from {since} on {why}."
    else:
        text = f"{rate} were sustained for {held}."
    if slower is not None:
        text += f" The server became slower: {slower.words()}."
    if first is not None and first is not slower:
        text += f" It would not last: {first.words()}."
    if found.met:
        moving = [d.words() for d in found.drifts if d.drifts and d.slope_per_h > 0]
        text += f" Rising: {'; '.join(moving)}." if moving else " Nothing rises."
    if sandbox:
        text = f"{SANDBOX}{text[0].lower()}{text[1:]}"
    return replace(found, sentence=text)
