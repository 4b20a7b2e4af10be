"""statsd: the grammar of its lines, and what an interval of them amounts to.

The grammar is that of the reference server (github.com/statsd/statsd, 0.10):
``key:value|type[|@rate]``, several lines a packet, several ``value|type`` a line, tags after
``|#``.  Stricter on purpose: an unknown type is a bad line instead of a counter, and a rate of 0,
NaN and infinities are refused.  DogStatsD's ``|T...`` and ``|c:...`` tails are accepted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from arangolab.measuring import PERCENTILES, percentile_name
from arangolab.metrics.sample import Sample

Kind = Literal["c", "g", "ms", "s"]

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_NOT_IN_KEY: Final = re.compile(r"[^A-Za-z0-9_.;=-]")
_WORKER: Final = re.compile(r"(.+)\.w\d+")


@dataclass(frozen=True, slots=True)
class Metric:
    """One value of a line."""

    key: str
    value: float
    kind: Kind
    rate: float = 1.0
    """Sample rate, above 0 and up to 1."""
    signed: bool = False
    """A gauge's value with + or -: a change of the level instead of the level."""
    text: str = ""
    """A set's member as it was sent."""


def parse(packet: bytes) -> tuple[list[Metric], int, int]:
    """(metrics, lines, bad lines) of a packet; never raises.

    A line counts as bad when any of its values is; its good values still count.
    """
    metrics: list[Metric] = []
    lines = bad = 0
    for line in packet.decode("utf-8", "replace").split("\n"):
        if not line:
            continue
        lines += 1
        found = list(_values(line))
        metrics += [metric for metric in found if metric is not None]
        bad += not found or None in found
    return metrics, lines, bad


def _values(line: str) -> Iterator[Metric | None]:
    """Each value of the line, None for one that cannot be understood."""
    body, _, tags = line.partition("|#")
    parts = body.split(":")
    key = _key(parts[0], tags.partition("|")[0])
    rest = _rejoin_containers(parts[1:])
    if not rest:
        yield None
    for part in rest:
        yield _value(key, part)


def _rejoin_containers(parts: list[str]) -> list[str]:
    """DogStatsD's ``|c:ID`` tail has a colon of its own: put it back together and drop it."""
    joined: list[str] = []
    for part in parts:
        if joined and joined[-1].endswith("|c") and "|" not in part and joined[-1].count("|") > 1:
            joined[-1] = joined[-1][:-2]
        else:
            joined.append(part)
    return joined


def _key(text: str, tags: str) -> str:
    key = _NOT_IN_KEY.sub("", re.sub(r"\s+", "_", text).replace("/", "-"))
    pairs = (tag.partition(":") for tag in tags.split(",") if tag)
    return key + "".join(f";{_key(name, '')}={_key(value, '')}" for name, _, value in pairs)


def _value(key: str, part: str) -> Metric | None:
    fields = part.split("|")
    fields = fields[:2] + [f for f in fields[2:] if not f.startswith("T")]
    if len(fields) not in (2, 3) or fields[1] not in ("c", "g", "ms", "s") or not key:
        return None
    text, kind = fields[0], fields[1]
    rate = _rate(fields[2]) if len(fields) == 3 else 1.0
    if rate is None or not text:
        return None
    if kind == "s":
        return Metric(key, 0.0, "s", rate, text=text)
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    if not math.isfinite(value) or (kind == "ms" and value < 0):
        return None
    signed = kind == "g" and text[0] in "+-"
    return Metric(key, value, kind, rate, signed)  # type: ignore[arg-type]


def _rate(text: str) -> float | None:
    if not text.startswith("@") or not _NUMBER.fullmatch(text[1:]):
        return None
    rate = float(text[1:])
    return rate if 0 < rate <= 1 else None


@dataclass(slots=True)
class Aggregate:
    """What came in an interval; gauges keep their level over intervals."""

    counters: dict[str, float] = field(default_factory=dict)
    gauges: dict[str, float] = field(default_factory=dict)
    timers: dict[str, list[float]] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    """Timer values, those not sent because of a sample rate counted in."""
    sets: dict[str, set[str]] = field(default_factory=dict)
    percentiles: tuple[float, ...] = PERCENTILES

    def add(self, metric: Metric) -> None:
        """Take one value in."""
        key = metric.key
        match metric.kind:
            case "c":
                self.counters[key] = self.counters.get(key, 0.0) + metric.value / metric.rate
            case "g":
                level = self.gauges.get(key, 0.0) if metric.signed else 0.0
                self.gauges[key] = level + metric.value
            case "ms":
                self.timers.setdefault(key, []).append(metric.value)
                self.weights[key] = self.weights.get(key, 0.0) + 1 / metric.rate
            case "s":
                self.sets.setdefault(key, set()).add(metric.text)

    def flush(self, time_s: float, interval_s: float) -> list[Sample]:
        """The interval's samples; the next one begins.

        A counter that was seen once is sampled as 0 while nothing comes; a timer without values
        has a count of 0 and nothing else (a gap, not a zero).
        """
        rows = [
            *self._counter_rows(interval_s),
            *self._gauge_rows(),
            *self._timer_rows(interval_s),
            *((key, float(len(members)), "members") for key, members in self.sets.items()),
        ]
        self.counters = dict.fromkeys(self.counters, 0.0)
        self.timers = {key: [] for key in self.timers}
        self.weights = dict.fromkeys(self.weights, 0.0)
        self.sets = {key: set() for key in self.sets}
        return [Sample(time_s, "statsd", name, value, unit) for name, value, unit in rows]

    def _counter_rows(self, interval_s: float) -> Iterator[tuple[str, float, str]]:
        for key, total in self.counters.items():
            yield f"{key}.count", total, "events"
            yield f"{key}.per_s", total / interval_s, "1/s"

    def _gauge_rows(self) -> Iterator[tuple[str, float, str]]:
        sums: dict[str, float] = {}
        for key, level in self.gauges.items():
            yield key, level, "level"
            worker = _WORKER.fullmatch(key)
            if worker:
                sums[worker[1]] = sums.get(worker[1], 0.0) + level
        for key, level in sums.items():
            if key not in self.gauges:
                yield key, level, "level"

    def _timer_rows(self, interval_s: float) -> Iterator[tuple[str, float, str]]:
        for key, values in self.timers.items():
            yield f"{key}.count", self.weights[key], "events"
            yield f"{key}.per_s", self.weights[key] / interval_s, "1/s"
            for statistic, value in timer_statistics(values, self.percentiles).items():
                yield f"{key}.{statistic}_ms", value, "ms"


def timer_statistics(
    values: list[float], percentiles: Iterable[float] = PERCENTILES
) -> dict[str, float]:
    """lower, upper, sum, mean, median, percentiles as the reference server has them; {} if empty.

    Its percentile is the value at index round(percent / 100 x n) - 1 of the sorted values.
    """
    if not values:
        return {}
    ordered = sorted(values)
    n = len(ordered)
    total = math.fsum(ordered)
    found = {"lower": ordered[0], "upper": ordered[-1], "sum": total, "mean": total / n}
    found["median"] = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    for percent in percentiles:
        index = max(1, math.floor(percent / 100 * n + 0.5)) - 1
        found[percentile_name(percent)] = ordered[index]
    return found
