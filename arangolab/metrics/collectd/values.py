"""What collectd calls its values, and what they are called here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from arangolab.metrics.collectd.typesdb import Kind
from arangolab.metrics.sample import Sample

LONGEST_GAP: Final = 3.0
"""Intervals between two totals beyond which their difference is no rate, but a gap."""
_FAR_GAP_S: Final = 60.0

_PROCESS: Final[dict[tuple[str, str, str], tuple[str, str, float]]] = {
    # (type, type instance, data source): (name, unit, factor)
    ("ps_cputime", "", "user"): ("cpu_user_cores", "cores", 1e-6),
    ("ps_cputime", "", "syst"): ("cpu_system_cores", "cores", 1e-6),
    ("ps_count", "", "processes"): ("processes", "processes", 1.0),
    ("ps_count", "", "threads"): ("threads", "threads", 1.0),
    ("ps_rss", "", "value"): ("rss_bytes", "bytes", 1.0),
    ("ps_vm", "", "value"): ("virtual_bytes", "bytes", 1.0),
    ("file_handles", "", "value"): ("open_fds", "descriptors", 1.0),
    ("file_handles", "mapped", "value"): ("memory_maps", "maps", 1.0),
    ("disk_octets", "", "read"): ("read_bytes_per_s", "bytes/s", 1.0),
    ("disk_octets", "", "write"): ("written_bytes_per_s", "bytes/s", 1.0),
    ("io_octets", "", "rx"): ("io_read_bytes_per_s", "bytes/s", 1.0),
    ("io_octets", "", "tx"): ("io_written_bytes_per_s", "bytes/s", 1.0),
    ("io_ops", "", "read"): ("io_reads_per_s", "1/s", 1.0),
    ("io_ops", "", "write"): ("io_writes_per_s", "1/s", 1.0),
    ("contextswitch", "voluntary", "value"): ("voluntary_switches_per_s", "1/s", 1.0),
    ("contextswitch", "involuntary", "value"): ("involuntary_switches_per_s", "1/s", 1.0),
    ("ps_pagefaults", "", "minflt"): ("minor_faults_per_s", "1/s", 1.0),
    ("ps_pagefaults", "", "majflt"): ("major_faults_per_s", "1/s", 1.0),
}
_LATENCY: Final = re.compile(r"(.+?)(_us)?-(average|lower|upper|sum|percentile-([\d.]+))")
_COUNT: Final = re.compile(r"(.+?)(?:_us)?-count")
_STATISTIC: Final = {"average": "mean", "lower": "lower", "upper": "upper", "sum": "sum"}
_WORKER: Final = re.compile(r"(.+)\.w\d+")


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a value list of collectd is called."""

    host: str
    plugin: str
    plugin_instance: str
    type: str
    type_instance: str

    @classmethod
    def parse(cls, host: str, plugin: str, kind: str) -> Identifier:
        """From the three parts of ``host/plugin-instance/type-instance``."""
        plugin_name, _, plugin_instance = plugin.partition("-")
        type_name, _, type_instance = kind.partition("-")
        return cls(host, plugin_name, plugin_instance, type_name, type_instance)


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


class Translator:
    """Readings to samples of a run: our names and units, totals made rates.

    A total's first value, one after a reset and one after a gap give no sample: a rate that is
    not known is a gap, not a zero.
    """

    def __init__(
        self, started_unix_s: float, interval_s: float = 1.0, *, here: str = "", match: str = ""
    ) -> None:
        """Begin without a history.

        ``here``: the host whose samples carry no host name; ``match``: the processes plugin's
        name of the server, "" for whatever it is called.
        """
        self._started_unix_s = started_unix_s
        self._longest_s = max(LONGEST_GAP * interval_s, _FAR_GAP_S)
        self._here = here
        self._match = match
        self._totals: dict[tuple[Identifier, str], tuple[float, float]] = {}

    def samples(self, readings: Iterable[Reading]) -> list[Sample]:
        """Their samples, in the same order."""
        return [sample for one in readings if (sample := self._sample(one)) is not None]

    def _sample(self, reading: Reading) -> Sample | None:
        named = self._name(reading)
        value = self._value(reading)
        if named is None or value is None or not math.isfinite(value):
            return None
        name, unit, factor = named
        host = reading.identifier.host
        return Sample(
            reading.time_unix_s - self._started_unix_s,
            "collectd",
            name,
            value * factor,
            unit,
            "" if host == self._here else host,
        )

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
        if not 0 < passed_s <= self._longest_s or grown < 0:
            return None
        return grown / passed_s

    def _name(self, reading: Reading) -> tuple[str, str, float] | None:
        """(name, unit, factor); None for what is of no use."""
        one = reading.identifier
        if one.plugin == "statsd":
            return _statsd_name(reading)
        if one.plugin == "processes" and one.plugin_instance:
            if one.type == "ps_stacksize" or self._match not in ("", one.plugin_instance):
                return None
            known = _PROCESS.get((one.type, one.type_instance, reading.source))
            if known is not None:
                return known
        return _systematic(reading)


def _statsd_name(reading: Reading) -> tuple[str, str, float] | None:
    """Statsd metrics as the embedded receiver calls them.

    A timer whose name ends in ``_us`` was sent in microseconds under ``|ms``, because collectd
    cuts what is sent to whole milliseconds: what it stores as seconds are milliseconds then.
    """
    one = reading.identifier
    text = one.type_instance
    if one.type == "latency" and (match := _LATENCY.fullmatch(text)):
        statistic = _STATISTIC.get(match[3]) or "p" + match[4].replace(".", "_")
        return f"{match[1]}.{statistic}_ms", "ms", 1.0 if match[2] else 1e3
    if one.type == "gauge" and (counted := _COUNT.fullmatch(text)):
        return f"{counted[1]}.count", "events", 1.0
    if one.type == "count":
        return f"{text}.count", "events", 1.0
    if one.type == "derive":
        return f"{text}.per_s", "1/s", 1.0
    if one.type == "objects":
        return text, "members", 1.0
    return (text, "level", 1.0) if one.type == "gauge" else _systematic(reading)


def _systematic(reading: Reading) -> tuple[str, str, float]:
    one = reading.identifier
    left = f"{one.plugin}-{one.plugin_instance}" if one.plugin_instance else one.plugin
    right = f"{one.type}-{one.type_instance}" if one.type_instance else one.type
    source = "" if reading.source == "value" else f".{reading.source}"
    unit = "value" if reading.kind in ("gauge", "absolute") else "value/s"
    return f"{left}.{right}{source}", unit, 1.0


def summed_levels(samples: Iterable[Sample]) -> list[Sample]:
    """Per-worker gauges (``clients.w0``) of one time summed as ``clients``, beside themselves."""
    sums: dict[tuple[int, str, str], tuple[float, float]] = {}
    for one in samples:
        worker = _WORKER.fullmatch(one.name)
        if worker and one.unit == "level":
            key = (round(one.time_s), worker[1], one.host)
            time_s, total = sums.get(key, (0.0, 0.0))
            sums[key] = (max(time_s, one.time_s), total + one.value)
    return [
        Sample(time_s, "collectd", name, total, "level", host)
        for (_, name, host), (time_s, total) in sums.items()
    ]
