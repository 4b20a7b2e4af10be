"""A collectd that is started for the run and ends with it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from arangolab.injector.relay import Further
from arangolab.measuring import Measuring
from arangolab.metrics.collectd.child import CollectdChild
from arangolab.metrics.collectd.config import HOSTNAME, MATCH
from arangolab.metrics.collectd.csvdir import CsvTail
from arangolab.metrics.collectd.typesdb import Types
from arangolab.metrics.collectd.values import LevelSums, Translator
from arangolab.metrics.note import Note
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample
from arangolab.runner.wall import WallClock

MOST_TROUBLES: Final = 20
"""Lines of its log that are told."""
_EXPECTED: Final = frozenset({"open_fds", "memory_maps"})
"""What an old collectd, or one without permission, does not tell of a process."""
_ENOUGH: Final = 3
"""Intervals after which what is missing is missing."""


class ChildSource:
    """Its files are followed while it writes them, and stay beside the run's."""

    def __init__(
        self, measuring: Measuring, folder: Path, server_pid: int | None, interval_s: float,
        types: Types,
    ) -> None:  # fmt: skip
        """Raises RunError when there is none that can be used."""
        self._child = CollectdChild(
            folder, server_pid=server_pid, interval_s=interval_s,
            percentiles=measuring.percentiles,
        )  # fmt: skip
        self._interval_s = interval_s
        self._tail = CsvTail(self._child.config.csv, types)
        self._sums = LevelSums()
        self._seen: dict[str, int] = {}
        self._values = self._troubles = 0
        self._delays_s: list[float] = []
        self._said: set[str] = set()
        self._notes: list[Note] = []
        if not self._child.config.match:
            text = "collectd does not watch the server's process: its command line is not known."
            self._notes.append(("left_out", text))

    @property
    def further(self) -> tuple[Further, ...]:
        """Its statsd server."""
        return (Further(host="127.0.0.1", port=self._child.port, microseconds=True),)

    @property
    def watches(self) -> bool:
        """Whether it tells of the server's process."""
        return bool(self._child.config.match)

    def start(self, wall: WallClock) -> None:
        """The run's time begins."""
        self._wall = wall
        self._translator = Translator(
            wall.started_unix_s, self._interval_s, here=HOSTNAME, match=MATCH
        )

    def sample(self) -> tuple[list[Sample], list[Note]]:
        """(what it has written since the last call, what is to be said)."""
        self._translator.started_unix_s = self._wall.started_unix_s
        found = [one for one in self._translator.samples(self._tail.poll()) if one.time_s >= 0]
        self._values += len(found)
        if found:
            now_s = self._wall.now_unix_s() - self._wall.started_unix_s
            self._delays_s.append(now_s - found[-1].time_s)
        self._look_at(found)
        self._look_after_it()
        notes, self._notes = self._notes, []
        return found + self._sums.samples(found), notes

    def finish(self) -> tuple[list[Sample], list[Note]]:
        """End it; the rest of what it writes."""
        self._child.close()
        return self.sample()

    def quality(self) -> list[Quality]:
        """How far its values can be trusted."""
        delays_s = sorted(self._delays_s)
        return [
            Quality(
                source="collectd",
                what=f"values of collectd {self._child.version}, started for the run",
                clock="this host's wall clock",
                resolution=f"intervals of {self._interval_s:g} s; CPU 10 ms, timings 1 us",
                delay_s=delays_s[len(delays_s) // 2] if delays_s else None,
                received=self._values,
                lost=self._tail.bad_rows + self._child.drops,
                cpu_s=self._child.cpu_s,
            )
        ]

    def close(self) -> None:
        """End it at once, if it has not."""
        if self._child.alive:
            self._child.close(at_once=True)

    def _look_at(self, samples: list[Sample]) -> None:
        """Whether it watches one process, and tells all of it."""
        for one in samples:
            self._seen[one.name] = self._seen.get(one.name, 0) + 1
            if one.name == "processes" and one.value != 1:
                self._say_once(
                    "warning",
                    f"collectd's expression matches {one.value:g} processes instead of one"
                    + (": its figures are sums over them." if one.value else "."),
                )
        if self._seen.get("threads", 0) >= _ENOUGH and (missing := _EXPECTED - set(self._seen)):
            why = "(another user's process, or collectd is older than 5.9)"
            text = f"collectd: {', '.join(sorted(missing))} are left out {why}."
            self._say_once("left_out", text)

    def _look_after_it(self) -> None:
        for line in self._child.troubles():
            self._troubles += 1
            if self._troubles <= MOST_TROUBLES:
                self._notes.append(("warning", f"collectd says: {line}"))
        if self._child.drops:
            text = "collectd loses statsd packets: its buffer is small (they are counted)."
            self._say_once("warning", text)
        if self._child.died:
            self._say_once("error", "collectd has ended; the run goes on without it.")

    def _say_once(self, kind: str, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._notes.append((kind, text))
