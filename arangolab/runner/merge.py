"""The injectors' accounting, put together: samples of the source ``injector``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from arangolab.histogram import Histogram, merge
from arangolab.injector.protocol import Interval
from arangolab.metrics.register import NAMES
from arangolab.metrics.sample import Sample

_RATES: Final = ("intended", "started", "shed", "finished", "failed", "connections_opened")
_PERCENTILES: Final = (
    ("lateness", (99,)),
    ("service", (50, 95)),
    ("response", (50, 95, 99)),
    ("server_queue", (95,)),
)
_MEANS: Final = frozenset({"service", "server_queue"})


def merged_samples(
    intervals: Sequence[tuple[int, Interval]],
    latest: Mapping[int, Interval],
    *,
    time_s: float,
    interval_s: float,
    rate_per_s: float,
) -> list[Sample]:
    """Samples of all workers together.

    ``intervals``: (worker, Interval) that came since the last time, ``interval_s`` ago;
    ``latest``: each active worker's last one, for the levels.
    """
    values: dict[str, float] = {"rate_per_s": rate_per_s, "processes": float(len(latest))}
    for name in _RATES:
        values[f"{name}_per_s"] = sum(getattr(i, name) for _, i in intervals) / interval_s
    values["in_flight"] = float(sum(i.in_flight for i in latest.values()))
    values["connections_open"] = float(sum(i.connections_open for i in latest.values()))
    values["rss_bytes"] = float(sum(i.rss_bytes for i in latest.values()))
    if intervals:
        values["cpu_ratio"] = _busiest(intervals) / interval_s
        values["loop_lag_ms"] = max(i.loop_lag_s for _, i in intervals) * 1e3
    values |= _times(intervals)
    return [
        Sample(time_s, "injector", name, value, NAMES["injector", name][0])
        for name, value in values.items()
    ]


def _busiest(intervals: Iterable[tuple[int, Interval]]) -> float:
    """CPU seconds of the worker that used most."""
    cpu_s: dict[int, float] = {}
    for worker, interval in intervals:
        cpu_s[worker] = cpu_s.get(worker, 0.0) + interval.cpu_s
    return max(cpu_s.values())


def _times(intervals: Sequence[tuple[int, Interval]]) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, percents in _PERCENTILES:
        histogram = _merged(intervals, name)
        if not histogram.count:
            continue
        for percent in percents:
            values[f"{name}_p{percent}_ms"] = histogram.percentile_s(percent) * 1e3
        if name in _MEANS:
            values[f"{name}_mean_ms"] = histogram.mean_s() * 1e3
    return values


def _merged(intervals: Iterable[tuple[int, Interval]], name: str) -> Histogram:
    return merge(i.histograms[name] for _, i in intervals if name in i.histograms)
