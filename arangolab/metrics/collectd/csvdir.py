"""What collectd's csv plugin writes: read as a whole, or followed while it is written.

A file holds one value list of one day: ``HOST/PLUGIN[-INSTANCE]/TYPE[-INSTANCE]-YYYY-MM-DD``, a
header ``epoch,SOURCE,...`` and a line for each interval.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from arangolab.metrics.collectd.names import Identifier
from arangolab.metrics.collectd.typesdb import Types
from arangolab.metrics.collectd.values import Found, Reading

_DAY: Final = re.compile(r"(.+)-\d{4}-\d\d-\d\d")


class CsvTail:
    """Follows a directory: each line is read once, when it is whole."""

    def __init__(self, folder: Path, types: Types) -> None:
        """``folder``: the plugin's DataDir, which need not be there yet."""
        self._folder = folder
        self._types = types
        self._read: dict[Path, int] = {}
        self._heads: dict[Path, tuple[str, ...]] = {}
        self.rows = 0
        """Lines read."""
        self.bad_rows = 0
        """Lines that could not be understood."""

    def poll(self) -> list[Reading]:
        """What was written since the last call, in the order of time."""
        found = [one for file in _files(self._folder) for one in self._new_of(file)]
        return sorted(found, key=lambda reading: reading.time_unix_s)

    def _new_of(self, file: Path) -> Iterator[Reading]:
        try:
            if file.stat().st_size <= self._read.get(file, 0):
                return
            with file.open("rb") as opened:
                opened.seek(self._read.get(file, 0))
                text = opened.read()
        except OSError:
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._read[file] = self._read.get(file, 0) + len(whole)
        identifier = _identifier(file)
        for line in whole.decode("utf-8", "replace").splitlines():
            if line.startswith("epoch,"):
                self._heads[file] = tuple(line.split(",")[1:])
            elif identifier is not None:
                yield from self._readings(file, identifier, line)

    def _readings(self, file: Path, identifier: Identifier, line: str) -> Iterator[Reading]:
        head = self._heads.get(file, ())
        try:
            time_unix_s, *values = (float(word) for word in line.split(","))
        except ValueError:
            values = []
        if not values or len(values) != len(head):
            self.bad_rows += 1
            return
        self.rows += 1
        kinds = {one.name: one.kind for one in self._types.get(identifier.type, ())}
        for name, value in zip(head, values, strict=True):
            yield Reading(identifier, name, kinds.get(name, "gauge"), time_unix_s, value)


def read_csv_dir(folder: Path, types: Types, from_unix_s: float, to_unix_s: float) -> Found:
    """The readings of the span."""
    tail = CsvTail(folder, types)
    found = [one for one in tail.poll() if from_unix_s <= one.time_unix_s <= to_unix_s]
    bad = [f"{folder}: {tail.bad_rows} lines could not be understood."] if tail.bad_rows else []
    return Found(found, bad)


def _files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.glob("*/*/*")) if _DAY.fullmatch(file.name)]


def _identifier(file: Path) -> Identifier | None:
    day = _DAY.fullmatch(file.name)
    if day is None:
        return None
    return Identifier.parse(file.parent.parent.name, file.parent.name, day[1])
