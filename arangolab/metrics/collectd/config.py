"""The configuration of a collectd: of the one that a run starts, and of one on another host.

Source: collectd.conf(5) of collectd 5.12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arangolab.measuring import PERCENTILES

PLUGIN_DIR: Final = Path("/usr/lib/collectd")
TYPES_DB: Final = Path("/usr/share/collectd/types.db")
HOSTNAME: Final = "lab"
MATCH: Final = "server"
"""The processes plugin's name for the server under test."""
_CMDLINE_BYTES: Final = 4096
"""The part of a command line that collectd's expression is matched against."""
_SPECIAL: Final = re.compile(r"([\\^$.\[\]|()*+?{}])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A collectd that a run starts: statsd and the server's process in, CSV files out."""

    folder: Path
    """Where it keeps its log and its files."""
    statsd_port: int
    interval_s: float = 1.0
    match: str = ""
    """Extended regular expression of the server's command line; "": it cannot be had."""
    percentiles: tuple[float, ...] = PERCENTILES

    @property
    def log(self) -> Path:
        """What collectd says."""
        return self.folder / "collectd.log"

    @property
    def csv(self) -> Path:
        """Where its values are written."""
        return self.folder / "csv"

    @property
    def file(self) -> Path:
        """The configuration itself."""
        return self.folder / "collectd.conf"

    def text(self) -> str:
        """The configuration file's text."""
        return "\n".join((*self._head(), *self._statsd(), *self._processes(), *self._csv(), ""))

    def _head(self) -> tuple[str, ...]:
        return (
            f"BaseDir {quoted(self.folder)}",
            f"PluginDir {quoted(PLUGIN_DIR)}",
            f"TypesDB {quoted(TYPES_DB)}",
            f"Hostname {quoted(HOSTNAME)}",
            "FQDNLookup false",
            f"Interval {self.interval_s:g}",
            "LoadPlugin logfile",
            "<Plugin logfile>",
            "  LogLevel info",
            "  PrintSeverity true",
            f"  File {quoted(self.log)}",
            "  Timestamp true",
            "</Plugin>",
        )

    def _statsd(self) -> tuple[str, ...]:
        return (
            "LoadPlugin statsd",
            "<Plugin statsd>",
            '  Host "127.0.0.1"',
            f'  Port "{self.statsd_port}"',
            "  CounterSum true",
            *(f"  TimerPercentile {percent:g}" for percent in self.percentiles),
            "  TimerLower true",
            "  TimerUpper true",
            "  TimerSum true",
            "  TimerCount true",
            "</Plugin>",
        )

    def _processes(self) -> tuple[str, ...]:
        return ("LoadPlugin processes", *processes_block(self.match)) if self.match else ()

    def _csv(self) -> tuple[str, ...]:
        return (
            "LoadPlugin csv",
            "<Plugin csv>",
            f"  DataDir {quoted(self.csv)}",
            "  StoreRates false",
            "</Plugin>",
        )


def processes_block(match: str) -> tuple[str, ...]:
    """The lines that have collectd watch the server's process."""
    return (
        "<Plugin processes>",
        "  CollectFileDescriptor true",
        "  CollectMemoryMaps true",
        "  CollectContextSwitch true",
        f"  ProcessMatch {quoted(MATCH)} {quoted(match)}",
        "</Plugin>",
    )


def remote_lines(host: str, port: int) -> str:
    """What to add to collectd.conf on the server's host, so that it sends its values here."""
    return "\n".join(
        (
            "<LoadPlugin processes>",
            "  Interval 1",
            "</LoadPlugin>",
            *processes_block("^([^ ]*/)?arangod( |$)"),
            "<LoadPlugin network>",
            "  FlushInterval 1",
            "</LoadPlugin>",
            "<Plugin network>",
            f'  <Server {quoted(host)} "{port}">',
            "  </Server>",
            "</Plugin>",
        )
    )


def command_match(command: bytes) -> str:
    """The expression that matches this command line (as in /proc/PID/cmdline) and no other."""
    words = command.rstrip(b"\0").replace(b"\0", b" ")[: _CMDLINE_BYTES - 1]
    whole = len(command) < _CMDLINE_BYTES
    text = words.decode("utf-8", "replace").rstrip()
    return "^" + _SPECIAL.sub(r"\\\1", text) + (" *$" if whole else "")


def quoted(value: object) -> str:
    """As a string of collectd's configuration."""
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
