"""Observing a held rate: its figures, out of the injectors' own accounting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from arangolab import inflight, stats
from arangolab.histogram import Histogram
from arangolab.observation import StepObservation

SETTLING_RATIO: Final = 0.3
SETTLING_S_MAX: Final = 10.0
WINDOWS_MAX: Final = 4
WINDOW_S_MIN: Final = 2.0
WINDOW_ARRIVALS_MIN: Final = 10.0
DISPERSION_INTERVALS_MIN: Final = 6

Row = Mapping[str, Any]


def settling_s(hold_s: float) -> float:
    """Seconds at the begin of a hold that are not judged."""
    return min(SETTLING_S_MAX, SETTLING_RATIO * hold_s)


def begins_s(rows: Sequence[Row], from_s: float, to_s: float) -> float:
    """When the judged part of a hold begins: once it has settled, and is steady (inflight.py)."""
    least_s = from_s + settling_s(to_s - from_s)
    held = [row for row in rows if from_s <= float(row["t_s"]) <= to_s]
    return inflight.steady_s(held, least_s, to_s)


def observe(
    intervals: Iterable[Row],
    from_s: float,
    to_s: float,
    *,
    histograms: Iterable[Row] = (),
    self_inflicted: Iterable[Row] = (),
    statsd_received: Sequence[tuple[float, float]] = (),
) -> StepObservation:
    """The hold from ``from_s`` to ``to_s`` out of the injectors' intervals.

    ``intervals``: rows as in the run file's table of that name (or ``asdict(Interval)`` with a
    ``worker``); a ``histograms`` dict in a row is used too.  ``histograms``: rows with t_s, name
    and encoded (text or a Histogram).  ``self_inflicted``: rows with t_s and count of the failures
    of the test's own making, which are not held against the server.  ``statsd_received``: (t_s,
    statsd lines received since the run's start), in the order of time; () when nobody counted.
    """
    rows = list(intervals)
    interval_s = usual_interval_s(rows)
    begin = begins_s(rows, from_s, to_s)
    inside = _within(rows, begin, to_s, interval_s)
    timed = [*_within(histograms, begin, to_s, interval_s), *_carried(inside)]
    counts = {name: sum(int(row.get(name) or 0) for row in inside) for name in _COUNTED}
    duration_s = _covered_s(inside, interval_s)
    late = _late_windows(begin, to_s, counts["intended"])
    own_rows = _within(self_inflicted, begin, to_s, interval_s)
    late_errors = [_late_errors(inside, own_rows, window, interval_s) for window in late]
    return StepObservation(
        from_s=begin,
        duration_s=duration_s,
        interval_s=interval_s,
        processes=len({row.get("worker", 0) for row in inside}),
        **_counted(counts, sum(int(row["count"]) for row in own_rows), late_errors),
        **_timings(timed, [_within(timed, *window, interval_s) for window in late]),
        **_in_flight(inflight.levels(inside)),
        dispersion=_dispersion(inside, interval_s),
        injector_cpu_ratio=_busiest_cpu(inside, duration_s),
        loop_lag_ms=max((float(r.get("loop_lag_s") or 0) for r in inside), default=0.0) * 1e3,
        statsd_sent=sum(int(row.get("statsd_lines") or 0) for row in inside),
        statsd_received=_received(statsd_received, inside, interval_s),
    )


_COUNTED: Final = ("intended", "started", "shed", "finished", "failed", "reused")


def _counted(counts: dict[str, int], own: int, late_errors: Sequence[float]) -> dict[str, Any]:
    """The counts, and what they are of each other; ``own``: failures of the test's making."""
    intended, finished = counts["intended"], counts["finished"]
    own = min(counts["failed"], own)
    error_ratio = _ratio(counts["failed"] - own, finished, empty=0.0)
    return {
        **counts,
        "self_inflicted": own,
        "error_ratio": error_ratio,
        "worst_error_ratio": max([error_ratio, *late_errors]),
        "achieved_ratio": _ratio(counts["started"] + counts["shed"], intended, empty=1.0),
        "finished_ratio": _ratio(finished, intended, empty=1.0),
    }


def _timings(timed: Sequence[Row], late: Sequence[Sequence[Row]]) -> dict[str, Any]:
    """Percentiles and means of the whole, and the worst of it and of the late windows."""
    response, service, lateness = (_merged(timed, n) for n in ("response", "service", "lateness"))
    parts = [response, *(_merged(window, "response") for window in late)]
    worst = {f"worst_response_p{p}_ms": _worst_ms(parts, p) for p in (50, 95, 99)}
    return worst | {
        "response_mean_ms": _mean_ms(response),
        "response_p50_ms": _percentile_ms(response, 50),
        "response_p95_ms": _percentile_ms(response, 95),
        "service_mean_ms": _mean_ms(service),
        "service_p50_ms": _percentile_ms(service, 50),
        "service_p95_ms": _percentile_ms(service, 95),
        "lateness_p99_ms": _percentile_ms(lateness, 99),
        "late_lateness_p99_ms": _percentile_ms(_merged(late[-1], "lateness"), 99),
    }


def _in_flight(levels: inflight.Levels) -> dict[str, Any]:
    return {
        "in_flight_early": levels.early,
        "in_flight_late": levels.late,
        "in_flight_end": levels.end,
        "in_flight_mean": levels.mean,
        "in_flight_slope_per_s": levels.slope_per_s,
        "in_flight_slope_low_per_s": levels.slope_low_per_s,
    }


def usual_interval_s(rows: Sequence[Row]) -> float:
    """Median time between two intervals of the same worker; 1 s when it cannot be told."""
    last: dict[Any, float] = {}
    gaps: list[float] = []
    for row in sorted(rows, key=lambda r: float(r["t_s"])):
        worker, t_s = row.get("worker", 0), float(row["t_s"])
        if worker in last and t_s > last[worker]:
            gaps.append(t_s - last[worker])
        last[worker] = t_s
    return stats.percentile(gaps, 50) if gaps else 1.0


def _within(rows: Iterable[Row], from_s: float, to_s: float, interval_s: float) -> list[Row]:
    """The rows whose interval has its middle within the span (``t_s`` is an interval's end)."""
    return [r for r in rows if from_s <= float(r["t_s"]) - interval_s / 2 < to_s]


def _carried(rows: Iterable[Row]) -> list[Row]:
    """The histograms that the intervals themselves carry, as rows."""
    return [
        {"t_s": row["t_s"], "name": name, "encoded": encoded}
        for row in rows
        for name, encoded in (row.get("histograms") or {}).items()
    ]


def _late_windows(from_s: float, to_s: float, intended: int) -> tuple[tuple[float, float], ...]:
    """The later half of the windows a hold is judged over."""
    most = min((to_s - from_s) / WINDOW_S_MIN, intended / WINDOW_ARRIVALS_MIN, WINDOWS_MAX)
    tiles = stats.windows(from_s, to_s, int(most))
    return tiles[len(tiles) // 2 :]


def _late_errors(
    rows: Iterable[Row], own_rows: Iterable[Row], window: tuple[float, float], interval_s: float
) -> float:
    inside = _within(rows, *window, interval_s)
    own = sum(int(row["count"]) for row in _within(own_rows, *window, interval_s))
    failed = sum(int(row["failed"]) for row in inside) - own
    finished = sum(int(row["finished"]) for row in inside)
    return _ratio(failed, finished, empty=0.0) if failed > 1 else 0.0


def _merged(rows: Iterable[Row], name: str) -> Histogram:
    total = Histogram()
    for row in rows:
        if row["name"] == name:
            one = row["encoded"]
            total.add(one if isinstance(one, Histogram) else Histogram.decode(one))
    return total


def _worst_ms(each: Sequence[Histogram], percent: int) -> float | None:
    values = [v for v in (_percentile_ms(one, percent) for one in each) if v is not None]
    return max(values, default=None)


def _dispersion(rows: Sequence[Row], interval_s: float) -> float | None:
    """How much counts vary; independent events have 1, evenly spaced ones nearly 0."""
    net: dict[int, int] = {}
    ends = 0
    for row in rows:
        slot = round(float(row["t_s"]) / interval_s)
        net[slot] = net.get(slot, 0) + int(row["started"]) - int(row["finished"])
        ends += int(row["finished"])
    if len(net) < DISPERSION_INTERVALS_MIN or not ends:
        return None
    return float(np.var(list(net.values()), ddof=1)) * len(net) / ends


def _percentile_ms(histogram: Histogram, percent: float) -> float | None:
    return histogram.percentile_s(percent) * 1e3 if histogram.count else None


def _mean_ms(histogram: Histogram) -> float | None:
    return histogram.mean_s() * 1e3 if histogram.count else None


def _ratio(part: float, whole: float, *, empty: float) -> float:
    return part / whole if whole else empty


def _received(
    points: Sequence[tuple[float, float]], rows: Sequence[Row], interval_s: float
) -> int | None:
    """Lines received while the rows' intervals lasted, between points as if at an even rate."""
    ends = [float(row["t_s"]) for row in rows]
    if not points or not ends:
        return None
    times, totals = zip(*points, strict=True)
    from_lines, to_lines = np.interp([min(ends) - interval_s, max(ends)], times, totals)
    return round(float(to_lines - from_lines))


def _covered_s(rows: Sequence[Row], interval_s: float) -> float:
    ends = [float(row["t_s"]) for row in rows]
    return max(ends) - min(ends) + interval_s if ends else 0.0


def _busiest_cpu(rows: Iterable[Row], duration_s: float) -> float:
    used_s: dict[Any, float] = {}
    for row in rows:
        worker = row.get("worker", 0)
        used_s[worker] = used_s.get(worker, 0.0) + float(row.get("cpu_s") or 0)
    return max(used_s.values(), default=0.0) / duration_s if duration_s else 0.0
