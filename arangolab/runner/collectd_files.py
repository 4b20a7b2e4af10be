"""The files of a collectd that runs anyway, read at the run's end."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Final

from arangolab.metrics.collectd.csvdir import read_csv_dir
from arangolab.metrics.collectd.rrd import read_rrd_dir
from arangolab.metrics.collectd.typesdb import Types
from arangolab.metrics.collectd.values import Translator
from arangolab.metrics.collectd.watched import Watched
from arangolab.metrics.note import Note
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample
from arangolab.runner.wall import WallClock

SETTLE_S: Final = 2.0
"""Such a collectd has written the last interval after that."""
MOST_FAULTS: Final = 20
"""Files that cannot be read, of which each is told."""


class FilesSource:
    """RRD files where there are any, else CSV files."""

    def __init__(
        self, types: Types, folder: Path, interval_s: float, watched: Watched | None = None
    ) -> None:
        """``watched``: tells the server's process."""
        self._watched = Watched() if watched is None else watched
        self._types = types
        self._folder = folder
        self._interval_s = interval_s
        self._received = self._faults = 0
        self._steps_s: tuple[float, ...] = ()

    def start(self, wall: WallClock) -> None:
        """The run's time begins."""
        self._wall = wall

    def sample(self) -> tuple[list[Sample], list[Note]]:
        """Nothing while the run goes on."""
        return [], []

    def finish(self) -> tuple[list[Sample], list[Note]]:
        """(the run's span out of them, what is to be said)."""
        time.sleep(SETTLE_S)
        span = (self._wall.started_unix_s, self._wall.now_unix_s())
        if next(self._folder.glob("*/*/*.rrd"), None) is not None:
            read = read_rrd_dir(self._folder, *span)
        else:
            read = read_csv_dir(self._folder, self._types, *span)
        translator = Translator(span[0], self._interval_s, here=socket.gethostname())
        readings = self._watched.take(read.readings, span[1], last=True)
        translator.server_host = self._watched.host
        samples = [one for one in translator.samples(readings) if one.time_s >= 0]
        self._received, self._faults, self._steps_s = len(samples), len(read.faults), read.steps_s
        notes = [*self._left_out(read.faults), *self._watched.notes(), *self._said_of(samples)]
        return samples, notes

    def quality(self) -> list[Quality]:
        """How far the values can be trusted; [] while they are not read."""
        if not self._received:
            return []
        steps = " and ".join(f"{step_s:g} s" for step_s in self._steps_s)
        return [
            Quality(
                source="collectd",
                what=f"values from files in {self._folder}",
                clock="that collectd's host's wall clock",
                resolution=f"steps of {steps}" if steps else "times 1 ms as written; CPU 10 ms",
                delay_s=None,
                received=self._received,
                lost=self._faults,
                cpu_s=None,
            )
        ]

    def close(self) -> None:
        """Nothing is open."""

    def _left_out(self, faults: list[str]) -> list[Note]:
        notes: list[Note] = [("left_out", text) for text in faults[:MOST_FAULTS]]
        if len(faults) > MOST_FAULTS:
            notes.append(("left_out", f"{len(faults) - MOST_FAULTS} more files of that kind."))
        return notes

    def _said_of(self, samples: list[Sample]) -> list[Note]:
        if not samples:
            text = f"{self._folder} holds no values of the run's time; collectd writes them "
            return [("left_out", text + "elsewhere, or later (CacheTimeout, rrdcached).")]
        if (coarse_s := max(self._steps_s, default=0.0)) > self._interval_s:
            text = f"The RRD files in {self._folder} have steps of {coarse_s:g} s, the run of "
            return [("note", f"{text}{self._interval_s:g} s: what is shorter does not show.")]
        return []
