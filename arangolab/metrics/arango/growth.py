"""Pages of metrics, one after the other, as samples: totals become rates, histograms intervals."""

from __future__ import annotations

from collections.abc import Iterator

from arangolab.metrics.arango.names import METRICS
from arangolab.metrics.arango.page import Page, Times
from arangolab.metrics.sample import Sample

PERCENTILE = 95


class Growth:
    """Remembers the page before.  A total that fell (a restart) is a gap, not a rate."""

    def __init__(self) -> None:
        self._before: tuple[float, Page] | None = None

    def samples(self, page: Page, time_s: float) -> list[Sample]:
        """The samples at ``time_s``; rates and times from the second page on."""
        found = [Sample(time_s, "arango", *rest) for rest in self._rows(page, time_s)]
        self._before = (time_s, page)
        return found

    def _rows(self, page: Page, time_s: float) -> Iterator[tuple[str, float, str]]:
        before_s, before = self._before or (time_s, Page())
        for key, value in page.values.items():
            metric = METRICS.get(key)
            if metric is None:
                continue
            if metric.kind == "level":
                yield metric.name, value, metric.unit
            elif key in before.values and value >= before.values[key] and time_s > before_s:
                yield metric.name, (value - before.values[key]) / (time_s - before_s), metric.unit
        for key, times in page.times.items():
            if key in before.times:
                yield from _interval(METRICS[key].name, times, before.times[key])


def _interval(name: str, now: Times, before: Times) -> Iterator[tuple[str, float, str]]:
    """Mean and percentile of what came between the two."""
    count = now.count - before.count
    if count <= 0 or now.sum_s < before.sum_s:
        return
    yield f"{name}_mean_ms", (now.sum_s - before.sum_s) / count * 1e3, "ms"
    earlier = dict(before.buckets)
    grown = [(bound, total - earlier.get(bound, 0.0)) for bound, total in now.buckets]
    value_s = quantile_s(grown, PERCENTILE / 100)
    if value_s is not None:
        yield f"{name}_p{PERCENTILE}_ms", value_s * 1e3, "ms"


def quantile_s(buckets: list[tuple[float, float]], share: float) -> float | None:
    """The value below which that share lies, as Prometheus's histogram_quantile has it.

    ``buckets``: (upper bound in seconds, count up to it), ascending.  Within a bucket values are
    taken as spread evenly; beyond the last finite bound that bound is told.  None without counts.
    """
    if not buckets or buckets[-1][1] <= 0:
        return None
    rank = share * buckets[-1][1]
    low_s, below = 0.0, 0.0
    for bound_s, count in buckets:
        if count >= rank and count > below:
            if bound_s == float("inf"):
                return low_s
            return low_s + (bound_s - low_s) * (rank - below) / (count - below)
        low_s, below = bound_s, count
    return low_s
