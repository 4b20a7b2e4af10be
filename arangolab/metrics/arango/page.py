"""What a page of the server's metrics says: Prometheus text, or the older statistics in JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from arangolab.metrics.arango.names import LIMITS, METRICS, STATISTICS, bare


@dataclass(frozen=True, slots=True)
class Times:
    """A histogram of seconds since the server started."""

    sum_s: float = 0.0
    count: float = 0.0
    buckets: tuple[tuple[float, float], ...] = ()
    """(upper bound in seconds, values up to it), ascending; () where they are not told."""


@dataclass(slots=True)
class Page:
    """What was understood, by the keys of ``names.METRICS`` and of ``names.LIMITS``."""

    values: dict[str, float] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=dict)

    def limits(self) -> dict[str, float]:
        """The limits that the server tells, by indicator."""
        found: dict[str, float] = {}
        for key, name in LIMITS.items():
            value = self.values.get(key, 0.0)
            if value > 0:
                found.setdefault(name, value)
        return found


def from_text(text: str) -> Page:
    """Read Prometheus text; lines that are not of that format end the reading, without error."""
    from prometheus_client.parser import text_string_to_metric_families

    page = Page()
    try:
        for family in text_string_to_metric_families(_wanted(text)):
            key = bare(family.name)
            if key in METRICS and METRICS[key].kind == "times":
                page.times[key] = _times(family.samples)
                continue
            value = math.fsum(sample.value for sample in family.samples)
            if (key in METRICS or key in LIMITS) and math.isfinite(value):
                page.values[key] = value
    except ValueError:
        return page
    return page


def from_statistics(said: Any) -> Page:
    """Read the reply of ``/_admin/statistics``, whatever of it is there."""
    page = Page()
    for path, key in STATISTICS.items():
        value = said
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if isinstance(value, Mapping):
            sum_s, count = value.get("sum"), value.get("count")
            if _is_number(sum_s) and _is_number(count):
                page.times[key] = Times(float(sum_s), float(count))
        elif _is_number(value):
            page.values[key] = float(value)
    return page


def _wanted(text: str) -> str:
    """The lines of the metrics wanted: a server has 290 families, parsing all takes its time."""
    lines = []
    for line in text.splitlines():
        name = line.split(" ", 3)[2] if line.startswith("# TYPE ") else line.partition("{")[0]
        if name.startswith("#"):
            continue
        key = bare(name.partition(" ")[0])
        for suffix in ("_bucket", "_sum", "_count"):
            key = key.removesuffix(suffix) if key.removesuffix(suffix) in METRICS else key
        if key in METRICS or key in LIMITS:
            lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _times(samples: list[Any]) -> Times:
    buckets: dict[float, float] = {}
    sum_s = count = 0.0
    for sample in samples:
        if not math.isfinite(sample.value):
            continue
        if sample.name.endswith("_bucket"):
            bound = float(sample.labels.get("le", "inf"))
            buckets[bound] = buckets.get(bound, 0.0) + sample.value
        elif sample.name.endswith("_sum"):
            sum_s += sample.value
        elif sample.name.endswith("_count"):
            count += sample.value
    return Times(sum_s, count, tuple(sorted(buckets.items())))


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
