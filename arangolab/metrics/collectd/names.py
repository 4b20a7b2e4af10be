"""What collectd calls its values, and what they are called here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from arangolab.metrics.collectd.typesdb import Kind


class Named(NamedTuple):
    """One of ours."""

    name: str
    unit: str
    factor: float = 1.0
    """What collectd's value, or its growth a second, is multiplied with."""


_PROCESS: Final[dict[tuple[str, str, str], tuple[str, str, float, str]]] = {
    # (type, type instance, data source): (name, unit, factor, meaning)
    ("ps_cputime", "", "user"): ("cpu_user_cores", "cores", 1e-6, "user CPU"),
    ("ps_cputime", "", "syst"): ("cpu_system_cores", "cores", 1e-6, "system CPU"),
    ("ps_count", "", "processes"): (
        "processes",
        "processes",
        1.0,
        "processes that the expression matches",
    ),
    ("ps_count", "", "threads"): ("threads", "threads", 1.0, "threads"),
    ("ps_rss", "", "value"): ("rss_bytes", "bytes", 1.0, "resident memory"),
    ("ps_vm", "", "value"): ("virtual_bytes", "bytes", 1.0, "virtual memory"),
    ("ps_data", "", "value"): ("data_bytes", "bytes", 1.0, "memory of data segments"),
    ("ps_code", "", "value"): ("code_bytes", "bytes", 1.0, "memory of code"),
    ("file_handles", "", "value"): ("open_fds", "descriptors", 1.0, "open file descriptors"),
    ("file_handles", "mapped", "value"): ("memory_maps", "maps", 1.0, "memory maps"),
    ("disk_octets", "", "read"): ("read_bytes_per_s", "bytes/s", 1.0, "read from disk"),
    ("disk_octets", "", "write"): ("written_bytes_per_s", "bytes/s", 1.0, "written to disk"),
    ("io_octets", "", "rx"): ("io_read_bytes_per_s", "bytes/s", 1.0, "read by system calls"),
    ("io_octets", "", "tx"): ("io_written_bytes_per_s", "bytes/s", 1.0, "written by system calls"),
    ("io_ops", "", "read"): ("io_reads_per_s", "1/s", 1.0, "system calls that read"),
    ("io_ops", "", "write"): ("io_writes_per_s", "1/s", 1.0, "system calls that write"),
    ("contextswitch", "voluntary", "value"): (
        "voluntary_switches_per_s",
        "1/s",
        1.0,
        "context switches of its own",
    ),
    ("contextswitch", "involuntary", "value"): (
        "involuntary_switches_per_s",
        "1/s",
        1.0,
        "context switches forced upon it",
    ),
    ("ps_pagefaults", "", "minflt"): (
        "minor_faults_per_s",
        "1/s",
        1.0,
        "page faults served from memory",
    ),
    ("ps_pagefaults", "", "majflt"): (
        "major_faults_per_s",
        "1/s",
        1.0,
        "page faults served from disk",
    ),
}
_GARBAGE: Final = frozenset({"ps_stacksize"})
"""10^14 in collectd 5.12."""
_LATENCY: Final = re.compile(r"(.+?)(_us)?-(average|lower|upper|sum|percentile-([\d.]+))")
_COUNT: Final = re.compile(r"(.+?)(?:_us)?-count")
_STATISTIC: Final = {"average": "mean", "lower": "lower", "upper": "upper", "sum": "sum"}


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


def name_of(
    one: Identifier, source: str, kind: Kind, match: str = "", *, apart: bool = False
) -> Named | None:
    """What the value is called here; None for what is of no use.

    ``source``: the data source within the type; ``match``: the processes plugin's name of the
    server under test, "" for whatever it is called; ``apart``: no process of that host is the
    server, so that its processes have their own names before what is told of them.
    """
    if one.plugin == "statsd":
        return _statsd(one, source, kind)
    if one.plugin == "processes" and one.plugin_instance:
        if one.type in _GARBAGE or match not in ("", one.plugin_instance):
            return None
        known = _PROCESS.get((one.type, one.type_instance, source))
        if known is not None:
            before = f"{one.plugin_instance}." if apart else ""
            return Named(before + known[0], *known[1:3])
    return _systematic(one, source, kind)


def told() -> Iterator[tuple[str, str, str]]:
    """(name, unit, meaning) of what is sampled of a process."""
    for name, unit, _, meaning in _PROCESS.values():
        yield name, unit, f"{meaning}, of the server's process by collectd"


def _statsd(one: Identifier, source: str, kind: Kind) -> Named:
    """Statsd metrics as the embedded receiver calls them.

    A timer whose name ends in ``_us`` was sent in microseconds under ``|ms``, because collectd
    cuts what is sent to whole milliseconds: what it stores as seconds are milliseconds then.
    """
    text = one.type_instance
    if one.type == "latency" and (match := _LATENCY.fullmatch(text)):
        statistic = _STATISTIC.get(match[3]) or "p" + match[4].replace(".", "_")
        return Named(f"{match[1]}.{statistic}_ms", "ms", 1.0 if match[2] else 1e3)
    if one.type == "gauge" and (counted := _COUNT.fullmatch(text)):
        return Named(f"{counted[1]}.count", "events")
    if one.type == "count":
        return Named(f"{text}.count", "events")
    if one.type == "derive":
        return Named(f"{text}.per_s", "1/s")
    if one.type == "objects":
        return Named(text, "members")
    return Named(text, "level") if one.type == "gauge" else _systematic(one, source, kind)


def _systematic(one: Identifier, source: str, kind: Kind) -> Named:
    left = f"{one.plugin}-{one.plugin_instance}" if one.plugin_instance else one.plugin
    right = f"{one.type}-{one.type_instance}" if one.type_instance else one.type
    end = "" if source == "value" else f".{source}"
    unit = "value" if kind in ("gauge", "absolute") else "value/s"
    return Named(f"{left}.{right}{end}", unit)
