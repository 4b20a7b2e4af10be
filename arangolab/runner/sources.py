"""Everything that is sampled besides the injectors: statsd, /proc, the server's own metrics."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from arangolab.listening import listener_pid
from arangolab.metrics.arango import ArangoSampler, Note
from arangolab.metrics.procfs import ProcessGone, ProcessSampler
from arangolab.metrics.receiver import StatsdReceiver
from arangolab.metrics.sample import Sample
from arangolab.plan import Plan
from arangolab.target import Server, Target

POINTS_KEPT: Final = 10_000
"""More than the intervals that one judgement looks at."""


class Sources:
    """Opened before the injectors start, sampled each interval, closed at the end."""

    def __init__(self, plan: Plan, target: Target, server: Server) -> None:
        """Raise RunError when the statsd socket cannot be opened."""
        self.statsd = StatsdReceiver()
        self._plan = plan
        self._target = target
        self._server = server
        self._port = _port(target)
        self._proc: ProcessSampler | None = None
        self._said: set[str] = set()
        self._notes: list[Note] = [("left_out", note) for note in server.notes]
        self.arango: ArangoSampler | None = None
        self._received: deque[tuple[float, int]] = deque([(0.0, 0)], maxlen=POINTS_KEPT)
        self._now_s: Callable[[], float] = lambda: 0.0
        self._watch(server.pid)

    def start(self, now_s: Callable[[], float]) -> None:
        """The run's time begins: start what has a thread of its own."""
        self._now_s = now_s
        if self._proc is not None:
            self._sample_process(0.0)
        self.arango = ArangoSampler(self._target, self._plan.interval_s, now_s)

    def sample(self, time_s: float) -> tuple[list[Sample], list[Note]]:
        """(samples, what is to be said) of the interval that ends at ``time_s``."""
        samples = self.statsd.flush(time_s)
        self._received.append((time_s, self.statsd.lines))
        samples += self._sample_process(time_s)
        if self.arango is not None:
            scraped, said = self.arango.take()
            samples += scraped
            self._notes += said
        notes, self._notes = self._notes, []
        return samples, notes

    def statsd_received(self) -> list[tuple[float, int]]:
        """(t_s, statsd lines received up to then) at each sample of late, and now."""
        return [*self._received, (self._now_s(), self.statsd.lines)]

    def limits(self) -> dict[str, float]:
        """Limits that the server told of itself."""
        return dict(self.arango.limits) if self.arango is not None else {}

    def close(self) -> None:
        """Stop sampling."""
        self.statsd.close()
        if self.arango is not None:
            self.arango.close()

    def _watch(self, pid: int | None) -> None:
        if pid is None:
            return
        try:
            self._proc = ProcessSampler(pid)
        except ProcessGone:
            self._proc = None

    def _sample_process(self, time_s: float) -> list[Sample]:
        if self._proc is None:
            self._look_again()
            return []
        try:
            samples = self._proc.sample(time_s)
        except ProcessGone:
            self._notes.append(("error", f"The server's process {self._proc.pid} has gone."))
            self._proc = None
            return []
        for name, why in self._proc.missing.items():
            if name not in self._said:
                self._said.add(name)
                self._notes.append(("left_out", f"/proc: {name} is left out ({why})."))
        return samples

    def _look_again(self) -> None:
        """After the process has gone: whether another one listens now."""
        if self._server.pid is None:
            return
        pid = listener_pid(self._port)
        self._watch(pid)
        if self._proc is not None:
            self._notes.append(("note", f"The server is back: its process is {pid} now."))


def _port(target: Target) -> int:
    from urllib.parse import urlsplit

    parts = urlsplit(target.url)
    return parts.port or (443 if parts.scheme == "https" else 80)
