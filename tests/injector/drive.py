"""An injector driven by a test as a runner drives it, with all that it said."""

from __future__ import annotations

import queue
import time
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

from arangolab.histogram import Histogram, merge
from arangolab.injector.launcher import Exited, FromInjector, Injector
from arangolab.injector.protocol import (
    Fatal,
    FirstError,
    Go,
    Interval,
    Message,
    Pace,
    Ready,
    Setup,
    Stop,
)
from arangolab.plan import Part

M = TypeVar("M")

SUMMED = ("intended", "started", "shed", "finished", "failed", "abandoned", "reused", "retries",
          "connections_opened", "statsd_lines", "statsd_packets", "bytes_sent")  # fmt: skip


def setup_for(
    url: str, scenario: str = "aql_read", scenario_source: str | None = None, **changes: Any
) -> Setup:
    """A setup for a test: short timeouts, root without password."""
    setup = Setup(
        worker=0,
        urls=(url,),
        user="root",
        password="",
        database="_system",
        parts=(Part(name=scenario, source=scenario_source),),
        max_in_flight=100,
        statsd_host="127.0.0.1",
        statsd_port=0,
        interval_s=0.2,
        deadline_s=60.0,
        connect_timeout_s=10.0,
        read_timeout_s=20.0,
    )
    return replace(setup, **changes)


class Drive:
    """One injector, its messages kept as they come."""

    def __init__(self, setup: Setup) -> None:
        self.said: list[Message] = []
        self.exited: Exited | None = None
        self.t0_s = 0.0
        self._queue: queue.SimpleQueue[FromInjector] = queue.SimpleQueue()
        self.injector = Injector(setup, self._queue)

    def __enter__(self) -> Drive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.injector.close()

    def pump(self, seconds: float) -> None:
        """Take in what comes for so long, or until the process is gone."""
        end = time.monotonic() + seconds
        while self.exited is None and (left := end - time.monotonic()) > 0:
            try:
                _, message = self._queue.get(timeout=left)
            except queue.Empty:
                return
            if isinstance(message, Exited):
                self.exited = message
            else:
                self.said.append(message)

    def await_a(self, kind: type[M], timeout_s: float = 15.0) -> M:
        """The first message of the kind, waited for."""
        end = time.monotonic() + timeout_s
        while not (found := self.all(kind)):
            assert time.monotonic() < end, f"no {kind.__name__} within {timeout_s} s: {self.said}"
            assert self.exited is None, f"exited: {self.exited} {self.said}"
            self.pump(0.02)
        return found[0]

    def all(self, kind: type[M]) -> list[M]:
        """All messages of the kind so far."""
        return [m for m in self.said if isinstance(m, kind)]

    def go(self, *paces: Pace) -> None:
        """Wait until it is ready, then begin the run with these paces."""
        self.await_a(Ready)
        self.t0_s = time.monotonic()
        self.injector.send(Go(t0_monotonic_s=self.t0_s))
        for pace in paces:
            self.injector.send(pace)

    def run(self, rate_per_s: float, seconds: float, drain_s: float = 10.0, **changes: Any) -> None:
        """One rate for so long, exactly, then an end with drain."""
        self.go(
            pace(rate_per_s, **changes),
            pace(0, anchor_s=seconds, anchor_count=rate_per_s * seconds, **changes),
        )
        self.pump(self.t0_s + seconds - time.monotonic())
        self.stop(drain_s)
        self.assert_books_balance()

    def assert_books_balance(self) -> None:
        """What was intended was started or shed, and what was started has ended somehow."""
        assert self.total("intended") == self.total("started") + self.total("shed")
        in_flight = self.all(Interval)[-1].in_flight
        ended = self.total("finished") + self.total("abandoned")
        assert self.total("started") == ended + in_flight
        for interval in self.all(Interval):
            assert interval.intended == interval.started + interval.shed

    def histogram(self, name: str) -> Histogram:
        """A histogram of the whole run."""
        encoded = [i.histograms[name] for i in self.all(Interval) if name in i.histograms]
        return merge(encoded)

    def stop(self, drain_s: float = 0.0, timeout_s: float = 15.0) -> Exited:
        """Stop it and wait until it is gone."""
        self.injector.send(Stop(drain_s=drain_s))
        return self.await_exit(timeout_s)

    def await_exit(self, timeout_s: float = 15.0) -> Exited:
        """Wait until it is gone."""
        self.pump(timeout_s)
        assert self.exited is not None, f"still there after {timeout_s} s"
        return self.exited

    def total(self, name: str) -> int:
        """The sum of a count over all intervals."""
        return sum(getattr(i, name) for i in self.all(Interval))

    def errors(self) -> dict[str, int]:
        """Failed scenarios by kind."""
        total: dict[str, int] = {}
        for interval in self.all(Interval):
            for kind, count in interval.errors.items():
                total[kind] = total.get(kind, 0) + count
        return total

    def first_errors(self) -> dict[str, FirstError]:
        """The first error of each kind."""
        return {e.kind: e for e in self.all(FirstError)}

    def fatal(self) -> Fatal:
        """The message with which it gave up."""
        self.await_exit()
        return self.all(Fatal)[0]


def pace(
    rate_per_s: float, anchor_s: float = 0.0, anchor_count: float = 0.0, **changes: Any
) -> Pace:
    """A pace of one injector alone over users 1..1000."""
    made = Pace(
        anchor_s=anchor_s,
        anchor_count=anchor_count,
        rate_per_s=rate_per_s,
        index=0,
        of=1,
        first_user=1,
        last_user=1000,
        max_in_flight=100,
    )
    return replace(made, **changes)
