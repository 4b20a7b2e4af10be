"""What happened in an interval: counts that add up, and histograms."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Final

from arangolab.histogram import Histogram
from arangolab.injector.failure import Failure
from arangolab.injector.protocol import FirstError, Interval

MOST_KINDS: Final = 100
"""Kinds of error told apart; later ones count as OTHER."""
MOST_STEPS: Final = 50
"""Names of steps told apart; later ones count as OTHER."""
OTHER: Final = "other"
_FOLD_AT: Final = 5_000
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Levels:
    """How things stand, and totals since the process started."""

    connections_open: int
    connections_opened: int
    bytes_sent: int
    bytes_received: int
    statsd_lines: int
    statsd_packets: int


class Series:
    """Durations of one interval: kept as they come, counted into a histogram at its end."""

    __slots__ = ("_histogram", "add", "values_s")

    def __init__(self) -> None:
        self._histogram = Histogram()
        self.values_s: list[float] = []
        self.add = self.values_s.append

    def fold(self) -> None:
        """Move the values into the histogram."""
        self._histogram.record_all(self.values_s)
        self.values_s.clear()

    def take(self) -> str | None:
        """The interval's histogram as text, None when empty; begin the next."""
        self.fold()
        if not self._histogram.count:
            return None
        text = self._histogram.encode()
        self._histogram.reset()
        return text


class Accounting:
    """The injector's own books.

    ``intended == started + shed`` and, over the run, ``started == finished + abandoned +
    in_flight``, at the end of each interval.
    """

    def __init__(self) -> None:
        self.intended = 0
        self.started = 0
        self.shed = 0
        self.finished = 0
        self.failed = 0
        self.abandoned = 0
        self.reused = 0
        self.in_flight = 0
        self.loop_lag_s = 0.0
        self.lateness = Series()
        self.service = Series()
        self.response = Series()
        self._steps: dict[str, Series] = {}
        self._scenarios: dict[str, Series] = {}
        self._errors: dict[str, int] = {}
        self._kinds: set[str] = set()
        self._cpu_s = time.process_time()
        self._levels = Levels(0, 0, 0, 0, 0, 0)
        self.lateness.add(0.0)
        self.lateness.take()  # loads numpy now, not in the middle of the run

    def start(self) -> None:
        """An arrival becomes a scenario in flight."""
        self.intended += 1
        self.started += 1
        self.in_flight += 1

    def shed_one(self) -> None:
        """An arrival is not started."""
        self.intended += 1
        self.shed += 1

    def end(self, *, service_s: float, response_s: float) -> None:
        """A scenario in flight ended, well or not."""
        self.finished += 1
        self.in_flight -= 1
        self.service.add(service_s)
        self.response.add(response_s)
        if len(self.service.values_s) >= _FOLD_AT:
            self._fold()

    def fail(self, failure: Failure, t_s: float) -> FirstError | None:
        """The scenario that is about to end failed; the message to send if it is a first."""
        self.failed += 1
        kind = failure.kind
        first = kind not in self._kinds
        if first and len(self._kinds) >= MOST_KINDS:
            kind = OTHER
            first = kind not in self._kinds
        self._errors[kind] = self._errors.get(kind, 0) + 1
        if not first:
            return None
        self._kinds.add(kind)
        return FirstError(
            t_s=t_s,
            kind=kind,
            step=failure.step,
            status=failure.status,
            error_num=failure.error_num,
            message=failure.message,
            self_inflicted=failure.self_inflicted,
        )

    def step(self, name: str, duration_s: float) -> None:
        """A step of a scenario took this long, well or not."""
        series = self._steps.get(name)
        if series is None:
            name = name if len(self._steps) < MOST_STEPS else OTHER
            series = self._steps.setdefault(name, Series())
        series.add(duration_s)

    def scenario(self, name: str, service_s: float, response_s: float) -> None:
        """A scenario of a mix ended, besides what is booked for all of them."""
        for kind, duration_s in (("service", service_s), ("response", response_s)):
            self._scenarios.setdefault(f"{kind}:{name}", Series()).add(duration_s)

    def abandon_rest(self) -> None:
        """Give up what is still in flight."""
        self.abandoned += self.in_flight
        self.in_flight = 0

    def interval(self, t_s: float, levels: Levels) -> Interval:
        """The interval that ends now, as a message; the next one begins."""
        cpu_s = time.process_time()
        before = self._levels
        message = Interval(
            t_s=t_s,
            intended=self.intended,
            started=self.started,
            shed=self.shed,
            finished=self.finished,
            failed=self.failed,
            abandoned=self.abandoned,
            reused=self.reused,
            in_flight=self.in_flight,
            connections_open=levels.connections_open,
            connections_opened=levels.connections_opened - before.connections_opened,
            bytes_sent=levels.bytes_sent - before.bytes_sent,
            bytes_received=levels.bytes_received - before.bytes_received,
            statsd_lines=levels.statsd_lines - before.statsd_lines,
            statsd_packets=levels.statsd_packets - before.statsd_packets,
            cpu_s=cpu_s - self._cpu_s,
            loop_lag_s=self.loop_lag_s,
            rss_bytes=rss_bytes(),
            errors=self._errors,
            histograms=self._histograms(),
        )
        self._cpu_s = cpu_s
        self._levels = levels
        self._errors = {}
        self.intended = self.started = self.shed = self.finished = self.failed = 0
        self.abandoned = self.reused = 0
        self.loop_lag_s = 0.0
        return message

    def _series(self) -> dict[str, Series]:
        named = {"lateness": self.lateness, "service": self.service, "response": self.response}
        named |= self._scenarios
        return named | {f"step:{name}": series for name, series in self._steps.items()}

    def _fold(self) -> None:
        for series in self._series().values():
            series.fold()

    def _histograms(self) -> dict[str, str]:
        taken = {name: series.take() for name, series in self._series().items()}
        return {name: text for name, text in taken.items() if text is not None}


def rss_bytes() -> int:
    """Resident memory of this process; 0 where /proc does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0
