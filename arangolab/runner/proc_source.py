"""The server's process, watched through its death and its return."""

from __future__ import annotations

from arangolab.listening import listener_pid
from arangolab.metrics.group import GroupSampler
from arangolab.metrics.note import Note
from arangolab.metrics.procfs import ProcessGone, ProcessSampler
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample
from arangolab.target import Server


class ProcessSource:
    """Samples of /proc, or none while there is no process to be seen."""

    def __init__(self, server: Server, port: int, interval_s: float, *, group: bool) -> None:
        """``port``: where the server listens; ``group``: with its whole process group."""
        self._interval_s = interval_s
        self._pid = server.pid
        self._port = port
        self._group = group
        self._sampler: ProcessSampler | GroupSampler | None = None
        self._said: set[str] = set()
        self._missed = 0
        self._earlier = (0, 0.0)
        self._watch(server.pid)

    def sample(self, time_s: float) -> tuple[list[Sample], list[Note]]:
        """(samples, what is to be said) at ``time_s``."""
        notes: list[Note] = []
        if self._sampler is None:
            return [], self._look_again()
        try:
            samples = self._sampler.sample(time_s)
        except ProcessGone:
            self._missed += 1
            notes.append(("error", f"The server's process {self._sampler.pid} has gone."))
            self._earlier = self._totals()
            self._sampler = None
            return [], notes
        for name, why in self._sampler.missing.items():
            if name not in self._said:
                self._said.add(name)
                notes.append(("left_out", f"/proc: {name} is left out ({why})."))
        return samples, notes

    def quality(self) -> Quality | None:
        """How far its samples can be trusted; None when there never was a process to see."""
        if self._pid is None:
            return None
        count, cost_s = self._totals()
        return Quality(
            source="proc",
            what="samples of the process",
            clock="monotonic, the runner's",
            resolution="CPU 10 ms (clock ticks), the rest exact",
            delay_s=0.0,
            received=count - self._missed,
            lost=self._missed,
            cpu_s=cost_s,
        )

    def _totals(self) -> tuple[int, float]:
        count, cost_s = self._earlier
        if self._sampler is not None:
            count += self._sampler.samples
            cost_s += self._sampler.cost_s
        return count, cost_s

    def _watch(self, pid: int | None) -> None:
        if pid is None:
            return
        try:
            kind = GroupSampler if self._group else ProcessSampler
            self._sampler = kind(pid, self._interval_s)
        except (ProcessGone, ProcessLookupError):
            self._sampler = None

    def _look_again(self) -> list[Note]:
        """After the process has gone: whether another one listens now."""
        if self._pid is None:
            return []
        self._missed += 1
        pid = listener_pid(self._port)
        self._watch(pid)
        if self._sampler is None:
            return []
        return [("note", f"The server is back: its process is {pid} now.")]
