"""Everything that is sampled besides the injectors: statsd, /proc, the server's own metrics."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from arangolab.injector.relay import Further
from arangolab.measuring import address_of
from arangolab.metrics.arango.sampler import ArangoSampler
from arangolab.metrics.host import HostSampler
from arangolab.metrics.limits import process_limits
from arangolab.metrics.note import Note
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample
from arangolab.metrics.statsd.receiver import StatsdReceiver
from arangolab.plan import Plan
from arangolab.runner.collectd_source import CollectdSource, server_host
from arangolab.runner.proc_source import ProcessSource
from arangolab.runner.wall import WallClock
from arangolab.target import Server, Target

FLUSH_S: Final = 0.1
"""The injectors keep their statsd lines for that long, at most, to send them together."""
POINTS_KEPT: Final = 10_000
"""More than the intervals that one judgement looks at."""


class Sources:
    """Opened before the injectors start, sampled each interval, closed at the end."""

    def __init__(self, plan: Plan, target: Target, server: Server, folder: Path) -> None:
        """``folder``: for what a source keeps.  Raises RunError without a statsd socket."""
        self.statsd = StatsdReceiver(percentiles=plan.measuring.percentiles)
        self._plan = plan
        self._target = target
        self._proc = ProcessSource(
            server, _port(target), plan.interval_s, group=plan.measuring.process_group
        )
        self._pid = server.pid
        self._host = HostSampler(os.getpid(), *([server.pid] if server.pid else []))
        self.collectd = CollectdSource(
            plan.measuring, folder, server.pid, plan.interval_s,
            server_host(target.url, local=server.local),
        )  # fmt: skip
        self._notes: list[Note] = [("left_out", note) for note in server.notes]
        if self.statsd.buffer_note:
            self._notes.append(("note", self.statsd.buffer_note))
        self.arango: ArangoSampler | None = None
        self._said: set[str] = set()
        self._received: deque[tuple[float, int]] = deque([(0.0, 0)], maxlen=POINTS_KEPT)
        self._now_s: Callable[[], float] = lambda: 0.0

    @property
    def further(self) -> tuple[Further, ...]:
        """Statsd servers, besides our own, that the injectors' lines go to."""
        measuring = self._plan.measuring
        if not measuring.statsd_to:
            return self.collectd.further
        host, port = address_of(measuring.statsd_to)
        asked = Further(host=host, port=port, prefix=measuring.statsd_prefix)
        return (asked, *self.collectd.further)

    def start(self, now_s: Callable[[], float], started_unix_s: float) -> None:
        """The run's time begins, then on the wall clock: start what has a thread of its own."""
        self._now_s = now_s
        self.collectd.start(WallClock(now_s, started_unix_s))
        self._sample_process(0.0)
        self._host.sample(0.0)
        self.arango = ArangoSampler(self._target, self._plan.interval_s, now_s)

    def sample(self, time_s: float) -> tuple[list[Sample], list[Note]]:
        """(samples, what is to be said) of the interval that ends at ``time_s``."""
        samples = self.statsd.flush(time_s)
        self._say_of_statsd()
        self._received.append((time_s, self.statsd.lines))
        samples += self._sample_process(time_s)
        samples += self._host.sample(time_s)
        if self.arango is not None:
            scraped, said = self.arango.take()
            samples += scraped
            self._notes += said
        self._add(samples, self.collectd.sample())
        notes, self._notes = self._notes, []
        return samples, notes

    def finish(self) -> tuple[list[Sample], list[Note]]:
        """What comes only once the run is over."""
        return self.collectd.finish()

    def _add(self, samples: list[Sample], found: tuple[list[Sample], list[Note]]) -> None:
        samples += found[0]
        self._notes += found[1]

    def statsd_received(self) -> list[tuple[float, int]]:
        """(t_s, statsd lines received up to then) at each sample of late, and now."""
        return [*self._received, (self._now_s(), self.statsd.lines)]

    def limits(self) -> dict[str, float]:
        """Limits that the server told of itself."""
        return dict(self.arango.limits) if self.arango is not None else {}

    @property
    def cores_max(self) -> float | None:
        """Cores that the server's process may use now; None where it cannot be seen."""
        return process_limits(self._pid).get("cores") if self._pid else None

    def close(self) -> None:
        """Stop sampling."""
        self.statsd.close()
        self.collectd.close()
        if self.arango is not None:
            self.arango.close()

    def quality(self) -> list[Quality]:
        """How far each source can be trusted, as of now."""
        arango = self.arango.quality() if self.arango is not None else None
        own = [self._statsd_quality(), self._proc.quality(), self._host_quality()]
        found = [*own, *self.collectd.quality(), arango]
        return [one for one in found if one is not None]

    def _statsd_quality(self) -> Quality:
        return Quality(
            source="statsd",
            what="lines",
            clock="monotonic, the runner's",
            resolution=f"intervals of {self._plan.interval_s:g} s; timings as sent (1 us)",
            delay_s=FLUSH_S / 2,
            received=self.statsd.lines,
            lost=self.statsd.drops or 0,
            cpu_s=self.statsd.cpu_s,
            bad=self.statsd.bad_lines,
        )

    def _host_quality(self) -> Quality:
        return Quality(
            source="host",
            what="samples of the runner's host",
            clock="monotonic, the runner's",
            resolution="CPU 10 ms (clock ticks), disks 1 ms",
            delay_s=0.0,
            received=self._host.samples,
            lost=0,
            cpu_s=self._host.cost_s,
        )

    def _say_of_statsd(self) -> None:
        """Once each; how many it were in the end is in the samples and among the qualities."""
        if self.statsd.first_bad:
            text = "statsd: lines come that cannot be understood (they are counted), the first: "
            self._say_once("warning", text + self.statsd.first_bad)
        if self.statsd.drops:
            text = "statsd: the kernel drops packets because the buffer is full (they are counted)."
            self._say_once("warning", text)

    def _say_once(self, kind: str, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._notes.append((kind, text))

    def _sample_process(self, time_s: float) -> list[Sample]:
        samples, notes = self._proc.sample(time_s)
        self._notes += notes
        return samples


def _port(target: Target) -> int:
    from urllib.parse import urlsplit

    parts = urlsplit(target.url)
    return parts.port or (443 if parts.scheme == "https" else 80)
