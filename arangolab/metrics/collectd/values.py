"""collectd's values as samples of a run."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Final

from arangolab.metrics.collectd.names import Identifier, name_of
from arangolab.metrics.collectd.typesdb import Kind
from arangolab.metrics.sample import Sample

LONGEST_GAP: Final = 3.0
"""Intervals between two totals beyond which their difference is no rate, but a gap."""
USUAL_S: Final = 10.0
"""collectd's interval where it is not told otherwise."""
_STEPS_KEPT: Final = 5
AT_ONCE_S: Final = 0.1
"""What collectd tells of a process in an interval is stamped within that time."""
_WORKER: Final = re.compile(r"(.+)\.w\d+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as collectd tells it."""

    identifier: Identifier
    source: str
    """The data source within the type."""
    kind: Kind
    """``gauge`` too for what was made a rate already, as in RRD files."""
    time_unix_s: float
    value: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder of collectd's files holds of a span."""

    readings: list[Reading]
    """In the order of time."""
    faults: list[str]
    """What could not be read, a sentence each."""
    steps_s: tuple[float, ...] = ()
    """The files' resolutions, where they have one."""


class Translator:
    """Readings to samples of a run: our names and units, totals made rates.

    A total's first value, one after a reset and one after a gap give no sample: a rate that is
    not known is a gap, not a zero.  So are the zeros that collectd tells of a process which is
    not there.
    """

    def __init__(
        self, started_unix_s: float, interval_s: float = 1.0, *, here: str = "", match: str = ""
    ) -> None:
        """Begin without a history.

        ``here``: the host whose samples carry no host name; ``match``: the processes plugin's
        name of the server, "" for whatever it is called.
        """
        self.started_unix_s = started_unix_s
        """When the run's time began, by the clock that stamps the readings."""
        self.ahead_s: dict[str, float] = {}
        """By how much a host's clock is ahead of that; 0 where it is not told."""
        self.server_host: str | None = None
        """The only host of which a process can be the server, as it calls itself; None: each."""
        self._interval_s = interval_s
        self._here = here
        self._match = match
        self._totals: dict[tuple[Identifier, str], tuple[float, float]] = {}
        self._steps_s: dict[tuple[Identifier, str], deque[float]] = {}

    def samples(self, readings: Sequence[Reading]) -> list[Sample]:
        """Their samples, in the same order."""
        absent = _absent(readings)
        return [
            sample
            for one in readings
            if (sample := self._sample(one)) is not None
            and (sample.name == "processes" or not _is_absent(one, absent))
        ]

    def _sample(self, reading: Reading) -> Sample | None:
        one = reading.identifier
        apart = self.server_host not in (None, one.host)
        named = name_of(one, reading.source, reading.kind, self._match, apart=apart)
        value = self._value(reading)
        if named is None or value is None or not math.isfinite(value):
            return None
        time_s = reading.time_unix_s - self.ahead_s.get(one.host, 0.0) - self.started_unix_s
        host = "" if one.host == self._here else one.host
        return Sample(time_s, "collectd", named.name, value * named.factor, named.unit, host)

    def _value(self, reading: Reading) -> float | None:
        """The level, or the growth of a total a second."""
        if reading.kind in ("gauge", "absolute"):
            return reading.value
        key = (reading.identifier, reading.source)
        before = self._totals.get(key)
        self._totals[key] = (reading.time_unix_s, reading.value)
        if before is None:
            return None
        passed_s, grown = reading.time_unix_s - before[0], reading.value - before[1]
        if passed_s <= 0 or self._is_gap(key, passed_s) or grown < 0:
            return None
        return grown / passed_s

    def _is_gap(self, key: tuple[Identifier, str], passed_s: float) -> bool:
        """Whether values are missing in between: by collectd's own interval, as seen so far."""
        steps_s = self._steps_s.setdefault(key, deque(maxlen=_STEPS_KEPT))
        usual_s = median_low(steps_s) if steps_s else USUAL_S
        steps_s.append(passed_s)
        return passed_s > LONGEST_GAP * max(usual_s, self._interval_s)


def _absent(readings: Iterable[Reading]) -> dict[tuple[str, str], list[float]]:
    """When what was watched was not there, by host and name."""
    found: dict[tuple[str, str], list[float]] = {}
    for one in readings:
        if one.identifier.type == "ps_count" and one.source == "processes" and one.value == 0:
            found.setdefault(_process(one), []).append(one.time_unix_s)
    return found


def _is_absent(reading: Reading, absent: dict[tuple[str, str], list[float]]) -> bool:
    times = absent.get(_process(reading), ())
    return any(abs(reading.time_unix_s - at_s) < AT_ONCE_S for at_s in times)


def _process(reading: Reading) -> tuple[str, str]:
    one = reading.identifier
    return one.host, one.plugin_instance if one.plugin == "processes" else ""


class LevelSums:
    """Per-worker gauges (``clients.w0``) summed as ``clients``, beside themselves."""

    def __init__(self) -> None:
        self._levels: dict[tuple[str, str], dict[str, float]] = {}

    def samples(self, samples: Iterable[Sample]) -> list[Sample]:
        """The sums, one for each time at which the workers' levels are told."""
        found: list[Sample] = []
        told: dict[tuple[str, str], tuple[float, set[str]]] = {}
        for one in sorted(samples, key=lambda one: one.time_s):
            worker = _WORKER.fullmatch(one.name)
            if worker is None or one.unit != "level":
                continue
            key = (worker[1], one.host)
            time_s, names = told.get(key, (one.time_s, set[str]()))
            if one.name in names:  # the next interval begins
                found.append(self._sum(key, time_s))
                names = set()
            self._levels.setdefault(key, {})[one.name] = one.value
            told[key] = (one.time_s, names | {one.name})
        return found + [self._sum(key, time_s) for key, (time_s, _) in told.items()]

    def _sum(self, key: tuple[str, str], time_s: float) -> Sample:
        name, host = key
        return Sample(time_s, "collectd", name, sum(self._levels[key].values()), "level", host)
