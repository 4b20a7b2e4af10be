"""Reads RRD files as collectd's rrdtool plugin writes them, without a lock.

A lock taken by a reader makes collectd discard what it has to write.  Only what librrd 1.4 and
later write on 64-bit little-endian machines can be read (the format is the machine's own memory).
Source: rrd_format.h of rrdtool 1.7 (version 0003): stat_head, ds_def, rra_def, live_head,
pdp_prep, cdp_prep, rra_ptr, then the archives' rows.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from arangolab.errors import RunFileError
from arangolab.metrics.collectd.names import Identifier
from arangolab.metrics.collectd.values import Found, Reading

_STAT: Final = struct.Struct("<4s5s7xd3Q80x")
"""cookie, version, float cookie, data sources, archives, step; ten unused values."""
_DS: Final = struct.Struct("<20s20s80x")
_RRA: Final = struct.Struct("<20s4xQQ80x")
_LIVE: Final = struct.Struct("<qq")
_PDP_BYTES: Final = 112
_CDP_BYTES: Final = 80
_FLOAT_COOKIE: Final = 8.642135e130
_WORD: Final = 8


@dataclass(frozen=True, slots=True)
class Archive:
    """Rows of one resolution."""

    cf: str
    """How values were put together: AVERAGE, MIN, MAX, LAST."""
    step_s: int
    rows: int
    pointer: int
    """The row that was written last."""
    at_bytes: int
    """Where its rows begin in the file."""


@dataclass(frozen=True, slots=True)
class Series:
    """Part of an archive: ``values[i]`` holds for the step that ends at ``times_unix_s[i]``."""

    step_s: int
    times_unix_s: Any
    """Array of whole seconds."""
    values: dict[str, Any]
    """Arrays by data source; NaN where nothing is known."""


class Rrd:
    """One file, read once as it stands."""

    def __init__(self, path: Path) -> None:
        """Raise RunFileError when it cannot be read, or is not such a file."""
        self.path = path
        try:
            self._data = path.read_bytes()
        except OSError as error:
            raise _bad(path, str(error.strerror)) from error
        try:
            self._read_head()
        except struct.error:
            raise _bad(path, "it is cut off") from None

    def _read_head(self) -> None:
        cookie, version, real, ds_count, rra_count, self.step_s = _STAT.unpack_from(self._data)
        if cookie != b"RRD\0":
            raise _bad(self.path, "it is not an RRD file")
        if real != _FLOAT_COOKIE or ds_count > 1000 or rra_count > 1000:
            raise _bad(self.path, "it is of a machine of another kind; rrdtool dump reads it there")
        if version.rstrip(b"\0") not in (b"0003", b"0004", b"0005"):
            raise _bad(self.path, f"its version is {_text(version)}")
        at = _STAT.size
        raw = [_DS.unpack_from(self._data, at + n * _DS.size) for n in range(ds_count)]
        self.sources = tuple(_text(name) for name, _ in raw)
        self.kinds = tuple(_text(kind) for _, kind in raw)
        at += ds_count * _DS.size
        definitions = [_RRA.unpack_from(self._data, at + n * _RRA.size) for n in range(rra_count)]
        at += rra_count * _RRA.size
        self.last_update_unix_s, _ = _LIVE.unpack_from(self._data, at)
        at += _LIVE.size + ds_count * _PDP_BYTES + rra_count * ds_count * _CDP_BYTES
        pointers = struct.unpack_from(f"<{rra_count}Q", self._data, at)
        at += rra_count * _WORD
        self.archives = tuple(self._archives(definitions, pointers, at))

    def _archives(
        self, definitions: list[tuple[bytes, int, int]], pointers: tuple[int, ...], at: int
    ) -> Iterator[Archive]:
        for (cf, rows, per_row), pointer in zip(definitions, pointers, strict=True):
            size = rows * len(self.sources) * _WORD
            if at + size > len(self._data) or pointer >= max(1, rows):
                raise _bad(self.path, "it is cut off")
            yield Archive(_text(cf), per_row * self.step_s, rows, pointer, at)
            at += size

    def fetch(self, from_unix_s: float, to_unix_s: float, cf: str = "AVERAGE") -> Series:
        """The finest archive that reaches back to the span's begin, as ``rrdtool fetch`` takes it.

        Raises RunFileError when there is no archive of that kind.
        """
        import numpy as np

        archives = [one for one in self.archives if one.cf == cf]
        if not archives:
            raise _bad(self.path, f"it has no archive of {cf} values")
        covering = [one for one in archives if self._begin(one) <= from_unix_s]
        archive = (
            min(covering, key=lambda one: one.step_s)
            if covering
            else min(archives, key=self._begin)
        )
        step_s, count = archive.step_s, len(self.sources)
        table = np.frombuffer(
            self._data, dtype="<f8", count=archive.rows * count, offset=archive.at_bytes
        ).reshape(archive.rows, count)
        table = np.roll(table, archive.rows - 1 - archive.pointer, axis=0)
        end = self._end(archive)
        times = np.arange(end - (archive.rows - 1) * step_s, end + 1, step_s)
        after, until = (math.floor(t / step_s) * step_s for t in (from_unix_s, to_unix_s))
        inside = (times > after) & (times <= until + step_s)
        return Series(
            step_s,
            times[inside],
            {name: table[inside, n] for n, name in enumerate(self.sources)},
        )

    def _end(self, archive: Archive) -> int:
        """End of the last whole step."""
        return int(self.last_update_unix_s) // archive.step_s * archive.step_s

    def _begin(self, archive: Archive) -> int:
        return self._end(archive) - archive.rows * archive.step_s


def read_rrd_dir(folder: Path, from_unix_s: float, to_unix_s: float) -> Found:
    """The readings of the span.

    ``folder``: the plugin's DataDir, with HOST/PLUGIN[-INSTANCE]/TYPE[-INSTANCE].rrd in it.
    Values in RRD files are rates already: all are gauges.
    """
    found: list[Reading] = []
    bad: list[str] = []
    steps_s: set[float] = set()
    for file in sorted(folder.glob("*/*/*.rrd")):
        identifier = Identifier.parse(file.parent.parent.name, file.parent.name, file.stem)
        try:
            series = Rrd(file).fetch(from_unix_s, to_unix_s)
        except RunFileError as error:
            bad.append(error.what)
            continue
        steps_s.add(float(series.step_s))
        for name, values in series.values.items():
            found += [
                Reading(identifier, name, "gauge", float(time_s), float(value))
                for time_s, value in zip(series.times_unix_s, values, strict=True)
                if not math.isnan(value)
            ]
    found.sort(key=lambda reading: reading.time_unix_s)
    return Found(found, bad, tuple(sorted(steps_s)))


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("ascii", "replace")


def _bad(path: Path, why: str) -> RunFileError:
    return RunFileError(f"The RRD file {path} cannot be used: {why}.")
