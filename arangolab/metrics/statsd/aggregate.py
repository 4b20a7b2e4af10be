"""What an interval of statsd lines amounts to."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from arangolab.measuring import PERCENTILES, percentile_name
from arangolab.metrics.sample import Sample
from arangolab.metrics.statsd.gauges import with_sums
from arangolab.metrics.statsd.lines import Metric

MOST_NAMES: Final = 2_000
"""Names kept apart; values of further ones are counted as not taken."""
MOST_MEMBERS: Final = 100_000
"""Members of a set kept apart in an interval."""
_LONG_MEMBER: Final = 128
"""A longer member is kept as its hash."""
MOST_TIMES: Final = 1_000_000
"""Values of a timer kept in an interval; beyond, percentiles and median are of these alone."""


class Timer:
    """Values of one timer in an interval."""

    __slots__ = ("beyond", "lower", "total", "unsent", "upper", "values")

    def __init__(self) -> None:
        self.values = array("d")
        self.unsent = 0.0
        """Values that were not sent because of a sample rate."""
        self.beyond = 0
        """Values that were not kept."""
        self.total = 0.0
        self.lower, self.upper = math.inf, -math.inf
        """Sum and bounds of those not kept."""

    @property
    def count(self) -> float:
        """Values, those not sent counted in."""
        return len(self.values) + self.beyond + self.unsent

    def add(self, value: float, rate: float = 1.0) -> None:
        """Take one value in."""
        self.unsent += 1 / rate - 1
        if len(self.values) < MOST_TIMES:
            self.values.append(value)
            return
        self.beyond += 1
        self.total += value
        self.lower, self.upper = min(self.lower, value), max(self.upper, value)

    def statistics(self, percentiles: Iterable[float]) -> dict[str, float]:
        """As :func:`timer_statistics`."""
        found = timer_statistics(self.values, percentiles)
        if self.beyond:
            found["lower"] = min(found["lower"], self.lower)
            found["upper"] = max(found["upper"], self.upper)
            found["sum"] += self.total
            found["mean"] = found["sum"] / (len(self.values) + self.beyond)
        return found


class Aggregate:
    """What came in an interval; gauges keep their level over intervals."""

    def __init__(self, percentiles: tuple[float, ...] = PERCENTILES) -> None:
        self._percentiles = percentiles
        self._counters: dict[str, float] = {}
        self._gauges: dict[str, float] = {}
        self._timers: dict[str, Timer] = {}
        self._sets: dict[str, set[str]] = {}
        self.not_taken = 0
        """Values of names, and members of sets, beyond the most that are kept apart; and what adds
        up to more than a number can hold."""

    def add(self, metrics: Iterable[Metric]) -> None:
        """Take values in."""
        for key, value, kind, rate, signed, text in metrics:
            if kind == "ms":
                timer = self._timers.get(key) or self._new_timer(key)
                if timer is not None:
                    timer.add(value, rate)
            elif kind == "c":
                if key in self._counters or self._has_room():
                    self._counters[key] = self._counters.get(key, 0.0) + value / rate
            elif kind == "g":
                if key in self._gauges or self._has_room():
                    level = self._gauges.get(key, 0.0) if signed else 0.0
                    self._gauges[key] = level + value
            elif key in self._sets or self._has_room():
                self._add_member(self._sets.setdefault(key, set()), text)

    def add_plain(self, lines: Iterable[tuple[str, str, str]]) -> None:
        """Take in what :func:`arangolab.metrics.statsd.lines.plain` found."""
        timers, counters, gauges = self._timers, self._counters, self._gauges
        for key, text, kind in lines:
            value = float(text)
            if kind == "ms":
                timer = timers.get(key) or self._new_timer(key)
                if timer is not None:
                    timer.add(value)
            elif kind == "c":
                if key in counters or self._has_room():
                    counters[key] = counters.get(key, 0.0) + value
            elif key in gauges or self._has_room():
                gauges[key] = value

    def flush(self, time_s: float, interval_s: float) -> list[Sample]:
        """The interval's samples; the next one begins.

        A counter that was seen once is sampled as 0 while nothing comes; a timer without values
        has a count of 0 and nothing else (a gap, not a zero).  What adds up to more than a number
        can hold is not taken.
        """
        rows = [
            *self._counter_rows(interval_s),
            *((key, level, "level") for key, level in with_sums(self._gauges).items()),
            *self._timer_rows(interval_s),
            *((key, float(len(members)), "members") for key, members in self._sets.items()),
        ]
        self._counters = dict.fromkeys(self._counters, 0.0)
        self._timers = {key: Timer() for key in self._timers}
        self._sets = {key: set() for key in self._sets}
        told = [row for row in rows if math.isfinite(row[1])]
        self.not_taken += len(rows) - len(told)
        self._gauges = {key: level for key, level in self._gauges.items() if math.isfinite(level)}
        return [Sample(time_s, "statsd", name, value, unit) for name, value, unit in told]

    def _has_room(self) -> bool:
        """Whether a further name may be kept; its value counts as not taken when it may not."""
        known = len(self._counters) + len(self._gauges) + len(self._timers) + len(self._sets)
        self.not_taken += known >= MOST_NAMES
        return known < MOST_NAMES

    def _new_timer(self, key: str) -> Timer | None:
        return self._timers.setdefault(key, Timer()) if self._has_room() else None

    def _add_member(self, members: set[str], text: str) -> None:
        if len(text) > _LONG_MEMBER:
            text = blake2b(text.encode("utf-8", "replace")).hexdigest()
        if len(members) < MOST_MEMBERS or text in members:
            members.add(text)
        else:
            self.not_taken += 1

    def _counter_rows(self, interval_s: float) -> Iterator[tuple[str, float, str]]:
        for key, total in self._counters.items():
            yield f"{key}.count", total, "events"
            yield f"{key}.per_s", total / interval_s, "1/s"

    def _timer_rows(self, interval_s: float) -> Iterator[tuple[str, float, str]]:
        for key, timer in self._timers.items():
            yield f"{key}.count", timer.count, "events"
            yield f"{key}.per_s", timer.count / interval_s, "1/s"
            for statistic, value in timer.statistics(self._percentiles).items():
                yield f"{key}.{statistic}_ms", value, "ms"


def timer_statistics(
    values: ArrayLike, percentiles: Iterable[float] = PERCENTILES
) -> dict[str, float]:
    """lower, upper, sum, mean, median, percentiles as the reference server has them; {} if empty.

    Its percentile is the value at index round(percent / 100 x n) - 1 of the sorted values.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    if not n:
        return {}
    with np.errstate(over="ignore"):
        total = ordered.sum()
        median = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    found = {"lower": float(ordered[0]), "upper": float(ordered[-1]), "sum": float(total)}
    found["mean"] = float(total) / n
    found["median"] = float(median)
    for percent in percentiles:
        index = max(1, math.floor(percent / 100 * n + 0.5)) - 1
        found[percentile_name(percent)] = float(ordered[index])
    return found
