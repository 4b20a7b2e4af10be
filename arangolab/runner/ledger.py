"""The injectors' intervals as they come in, put together once all have spoken."""

from __future__ import annotations

from arangolab.injector.protocol import Interval
from arangolab.metrics.note import Note
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample
from arangolab.runner.health import Health
from arangolab.runner.merge import merged_samples


class Ledger:
    """Intervals of the same end belong together, whichever order they come in."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._waiting: dict[float, list[tuple[int, Interval]]] = {}
        self._merged_to_s = 0.0
        self._count = self._lost = 0
        self._cpu_s = 0.0
        self.latest: dict[int, Interval] = {}
        """The last interval of each worker that is still there."""
        self._health: dict[int, Health] = {}
        self._notes: list[Note] = []

    def add(self, worker: int, interval: Interval) -> None:
        """A worker's interval came."""
        self._waiting.setdefault(interval.t_s, []).append((worker, interval))
        self.latest[worker] = interval
        self._count += 1
        self._cpu_s += interval.cpu_s
        said = self._health.setdefault(worker, Health(worker)).hear(interval)
        self._notes += [("warning", text) for text in said]

    def notes(self) -> list[Note]:
        """What is to be said of the processes since the last time."""
        said, self._notes = self._notes, []
        return said

    def left(self, worker: int) -> None:
        """The worker has ended; it no longer counts among the levels."""
        self.latest.pop(worker, None)

    def in_flight_after(self, t_s: float) -> int | None:
        """What all workers had in flight then or later; None while one has not told."""
        if any(interval.t_s < t_s for interval in self.latest.values()):
            return None
        return sum(interval.in_flight for interval in self.latest.values())

    def take(self, now_s: float, workers: set[int], rate_per_s: float) -> list[Sample]:
        """Samples of the intervals that are complete, or will not be any more."""
        samples: list[Sample] = []
        for t_s in sorted(self._waiting):
            rows = self._waiting[t_s]
            absent = workers - {worker for worker, _ in rows}
            if absent and now_s < t_s + self._interval_s:
                continue
            del self._waiting[t_s]
            self._lost += len(absent)
            length_s = t_s - self._merged_to_s
            self._merged_to_s = max(t_s, self._merged_to_s)
            samples += merged_samples(
                rows,
                self.latest,
                time_s=t_s,
                interval_s=max(length_s, self._interval_s),  # a short last one is no burst
                rate_per_s=rate_per_s,
            )
        return samples

    def quality(self) -> Quality:
        """How far the samples can be trusted."""
        return Quality(
            source="injector",
            what="interval reports of injector processes",
            clock="monotonic, one for all processes of this host",
            resolution=f"intervals of {self._interval_s:g} s; times to 1 us, histograms to 0.1 %",
            delay_s=0.0,
            received=self._count,
            lost=self._lost,
            cpu_s=self._cpu_s,
        )
