"""collectd's data types: which values a type has, and of which kind.

Source: types.db(5) of collectd 5.12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from arangolab.metrics.collectd.config import TYPES_DB

Kind = Literal["gauge", "derive", "counter", "absolute"]
_KINDS: Final[dict[str, Kind]] = {
    "GAUGE": "gauge",
    "DERIVE": "derive",
    "COUNTER": "counter",
    "ABSOLUTE": "absolute",
}


@dataclass(frozen=True, slots=True)
class DataSource:
    """One value of a type."""

    name: str
    kind: Kind
    """A level, a total that grows (derive, counter), or an amount since the last time."""


Types = Mapping[str, tuple[DataSource, ...]]

_BUILT_IN: Final = """
contextswitch value:DERIVE:0:U
count value:GAUGE:0:U
derive value:DERIVE:0:U
disk_octets read:DERIVE:0:U, write:DERIVE:0:U
file_handles value:GAUGE:0:U
fork_rate value:DERIVE:0:U
gauge value:GAUGE:U:U
io_octets rx:DERIVE:0:U, tx:DERIVE:0:U
io_ops read:DERIVE:0:U, write:DERIVE:0:U
latency value:GAUGE:0:U
objects value:GAUGE:0:U
ps_code value:GAUGE:0:U
ps_count processes:GAUGE:0:U, threads:GAUGE:0:U
ps_cputime user:DERIVE:0:U, syst:DERIVE:0:U
ps_data value:GAUGE:0:U
ps_pagefaults minflt:DERIVE:0:U, majflt:DERIVE:0:U
ps_rss value:GAUGE:0:U
ps_stacksize value:GAUGE:0:U
ps_state value:GAUGE:0:U
ps_vm value:GAUGE:0:U
"""


def parse(text: str) -> dict[str, tuple[DataSource, ...]]:
    """Types by name; lines that cannot be understood are passed over."""
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition("#")[0].strip().replace("\t", " ").partition(" ")
        sources = [_source(part) for part in rest.split(",") if part.strip()]
        known = tuple(source for source in sources if source is not None)
        if name and known and len(known) == len(sources):
            found[name] = known
    return found


def _source(text: str) -> DataSource | None:
    name, _, rest = text.strip().partition(":")
    kind = _KINDS.get(rest.partition(":")[0].upper())
    return DataSource(name, kind) if name and kind else None


def load(path: Path = TYPES_DB) -> Types:
    """The types of this host's collectd; those that arangolab knows by itself where it has none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return {**parse(_BUILT_IN), **parse(text)}
