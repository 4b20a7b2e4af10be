"""collectd in a run: a child, packets of one elsewhere, files of one that runs anyway."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from arangolab.errors import ArangolabError
from arangolab.injector.relay import Further
from arangolab.measuring import Measuring, address_of
from arangolab.metrics.collectd import typesdb
from arangolab.metrics.collectd.child import CollectdChild
from arangolab.metrics.collectd.config import HOSTNAME, MATCH
from arangolab.metrics.collectd.csvdir import CsvTail, read_csv_dir
from arangolab.metrics.collectd.listener import NetworkListener
from arangolab.metrics.collectd.rrd import read_rrd_dir
from arangolab.metrics.collectd.values import Reading, Translator, summed_levels
from arangolab.metrics.note import Note
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample

SETTLE_S = 2.0
"""A collectd that runs anyway has written the last interval after that."""
MOST_TROUBLES = 20


class CollectdSource:
    """What is asked for and cannot be had is said; the run goes on without it."""

    def __init__(
        self, measuring: Measuring, folder: Path, server_pid: int | None, interval_s: float
    ) -> None:
        """``folder``: where a child keeps its files, beside the run's."""
        self._measuring = measuring
        self._interval_s = interval_s
        self._types = typesdb.load()
        self._started_unix_s = 0.0
        self._notes: list[Note] = []
        self._troubles = 0
        self._rows = 0
        self._delays_s: list[float] = []
        self._odd_processes = self._gone = False
        self._said: set[Note] = set()
        self._child: CollectdChild | None = None
        self._listener: NetworkListener | None = None
        if measuring.collectd:
            self._start_child(folder, server_pid)
        if measuring.collectd_listen:
            self._start_listener()
        self._tail = CsvTail(self._child.config.csv, self._types) if self._child else None

    @property
    def further(self) -> tuple[Further, ...]:
        """The child's statsd server, if there is one."""
        if self._child is None:
            return ()
        return (Further(host="127.0.0.1", port=self._child.port, microseconds=True),)

    def start(self, started_unix_s: float) -> None:
        """The run's time begins at that wall clock time."""
        self._started_unix_s = started_unix_s
        from_s, interval_s = started_unix_s, self._interval_s
        self._own = Translator(from_s, interval_s, here=HOSTNAME, match=MATCH)
        self._others = Translator(from_s, interval_s, here=socket.gethostname())

    def sample(self) -> tuple[list[Sample], list[Note]]:
        """(samples that have come since the last call, what is to be said)."""
        samples: list[Sample] = []
        if self._tail is not None:
            samples += self._of_child(self._tail.poll())
        if self._listener is not None:
            samples += self._counted(self._others.samples(self._listener.take()))
        self._look_after_child()
        self._say_refused()
        notes, self._notes = self._notes, []
        return samples, notes

    def finish(self) -> tuple[list[Sample], list[Note]]:
        """The rest, once the run is over: what the child still writes, and files of another."""
        if self._child is not None:
            self._child.close()
        samples, notes = self.sample()
        if self._measuring.collectd_files:
            time.sleep(SETTLE_S)
            more, said = self._of_files(Path(self._measuring.collectd_files))
            samples, notes = samples + more, notes + said
        return samples, notes

    def quality(self) -> Quality | None:
        """How far its samples can be trusted; None where there is no collectd."""
        if self._child is None and self._listener is None and not self._rows:
            return None
        delays_s = sorted(self._delays_s)
        lost = self._tail.bad_rows if self._tail is not None else 0
        if self._listener is not None:
            lost += self._listener.bad + self._listener.drops + self._listener.overflow
        return Quality(
            source="collectd",
            what="values",
            clock="wall clock of collectd's host",
            resolution="CPU 10 ms; timings 1 us where they were sent so, else 1 ms",
            delay_s=delays_s[len(delays_s) // 2] if delays_s else None,
            received=self._rows,
            lost=lost,
            cpu_s=self._child.cpu_s if self._child is not None else None,
        )

    def close(self) -> None:
        """End what was started."""
        if self._listener is not None:
            self._listener.close()
        if self._child is not None and self._child.alive:
            self._child.close(at_once=True)

    # -- inside -----------------------------------------------------------------------------

    def _start_child(self, folder: Path, server_pid: int | None) -> None:
        try:
            self._child = CollectdChild(
                folder, server_pid=server_pid, interval_s=self._interval_s,
                percentiles=self._measuring.percentiles,
            )  # fmt: skip
        except ArangolabError as error:
            self._notes.append(("left_out", f"collectd is left out. {error}"))
            return
        if not self._child.config.match:
            text = "collectd does not watch the server's process: its command line is not known."
            self._notes.append(("left_out", text))

    def _start_listener(self) -> None:
        host, port = address_of(self._measuring.collectd_listen)
        try:
            self._listener = NetworkListener(self._types, host, port)
        except ArangolabError as error:
            self._notes.append(("left_out", f"collectd's packets are left out. {error}"))

    def _of_child(self, readings: list[Reading]) -> list[Sample]:
        samples = self._counted(self._own.samples(readings))
        for sample in samples:
            if sample.name == "processes" and sample.value != 1 and not self._odd_processes:
                self._odd_processes = True
                text = f"collectd's expression matches {sample.value:g} processes instead of one: "
                self._notes.append(("warning", text + "its figures are sums over them."))
        return samples + summed_levels(samples)

    def _of_files(self, folder: Path) -> tuple[list[Sample], list[Note]]:
        """The run's time span out of the files of a collectd that runs anyway."""
        span = (self._started_unix_s, time.time())
        if next(folder.glob("*/*/*.rrd"), None) is not None:
            readings, bad = read_rrd_dir(folder, *span)
        else:
            readings, bad = read_csv_dir(folder, self._types, *span)
        notes: list[Note] = [("left_out", text) for text in bad[:MOST_TROUBLES]]
        if not readings:
            text = f"{folder} holds no values of the run's time; collectd writes them elsewhere, "
            notes.append(("left_out", text + "or later (CacheTimeout)."))
        return self._counted(self._others.samples(readings), live=False), notes

    def _counted(self, samples: list[Sample], *, live: bool = True) -> list[Sample]:
        """The run's own, counted; those from before its start are not of it."""
        found = [sample for sample in samples if sample.time_s >= 0]
        self._rows += len(found)
        if live and found:
            now_s = time.time() - self._started_unix_s
            self._delays_s.append(now_s - found[-1].time_s)
        return found

    def _look_after_child(self) -> None:
        if self._child is None:
            return
        for line in self._child.troubles():
            self._troubles += 1
            if self._troubles <= MOST_TROUBLES:
                self._notes.append(("warning", f"collectd says: {line}"))
        if self._child.died and not self._gone:
            self._gone = True
            self._notes.append(("error", "collectd has ended; the run goes on without it."))

    def _say_refused(self) -> None:
        if self._listener is None:
            return
        for word in sorted(self._listener.refused):
            text = f"collectd's {word} packets are refused: their secret is not known here."
            if ("warning", text) not in self._said:
                self._said.add(("warning", text))
                self._notes.append(("warning", text))
