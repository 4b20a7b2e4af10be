"""What happened in an interval: counts that add up, and histograms."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Final

from arangolab.injector.failure import Failure
from arangolab.injector.protocol import FirstError, Interval
from arangolab.injector.series import Series
from arangolab.injector.traffic import Traffic

MOST_KINDS: Final = 100
"""Kinds of error told apart; later ones count as OTHER."""
MOST_STEPS: Final = 50
"""Names of steps told apart; later ones count as OTHER."""
OTHER: Final = "other"
FOLD_AT: Final = 200
"""Fewer values than that wait for the interval's end."""
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent since the process started."""

    bytes_sent: int = 0
    bytes_received: int = 0
    connections_opened: int = 0
    statsd_lines: int = 0
    statsd_packets: int = 0


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
        self.retries = 0
        self.in_flight = 0
        self.loop_lag_s = 0.0
        self.lateness = Series()
        self.service = Series()
        self.response = Series()
        self._steps: dict[str, tuple[Series, Series]] = {}
        """(service, response) by name."""
        self._scenarios: dict[str, Series] = {}
        self._errors: dict[str, int] = {}
        self._kinds: set[str] = set()
        self._cpu_s = time.process_time()
        self._sent = Sent()
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

    def step(self, name: str, service_s: float, response_s: float) -> None:
        """A step of a scenario took this long, well or not."""
        pair = self._steps.get(name)
        if pair is None:
            name = name if len(self._steps) < MOST_STEPS else OTHER
            pair = self._steps.setdefault(name, (Series(), Series()))
        pair[0].add(service_s)
        pair[1].add(response_s)

    def scenario(self, name: str, service_s: float, response_s: float) -> None:
        """A scenario of a mix ended, besides what is booked for all of them."""
        for kind, duration_s in (("service", service_s), ("response", response_s)):
            self._scenarios.setdefault(f"{kind}:{name}", Series()).add(duration_s)

    def abandon_rest(self) -> None:
        """Give up what is still in flight."""
        self.abandoned += self.in_flight
        self.in_flight = 0

    def interval(
        self, t_s: float, traffic: Traffic, statsd_lines: int = 0, statsd_packets: int = 0
    ) -> Interval:
        """The interval that ends now, as a message; the next one begins.

        ``statsd_lines`` and ``_packets``: sent since the process started.
        """
        cpu_s = time.process_time()
        before = self._sent
        sent = Sent(
            traffic.bytes_sent,
            traffic.bytes_received,
            traffic.opened,
            statsd_lines,
            statsd_packets,
        )
        message = Interval(
            t_s=t_s,
            intended=self.intended,
            started=self.started,
            shed=self.shed,
            finished=self.finished,
            failed=self.failed,
            abandoned=self.abandoned,
            reused=self.reused,
            retries=self.retries,
            in_flight=self.in_flight,
            connections_open=traffic.open,
            connections_opened=sent.connections_opened - before.connections_opened,
            bytes_sent=sent.bytes_sent - before.bytes_sent,
            bytes_received=sent.bytes_received - before.bytes_received,
            statsd_lines=sent.statsd_lines - before.statsd_lines,
            statsd_packets=sent.statsd_packets - before.statsd_packets,
            cpu_s=cpu_s - self._cpu_s,
            loop_lag_s=self.loop_lag_s,
            rss_bytes=rss_bytes(),
            errors=self._errors,
            replies=traffic.take_replies(),
            histograms=self._histograms(traffic),
        )
        self._cpu_s = cpu_s
        self._sent = sent
        self._errors = {}
        self.intended = self.started = self.shed = self.finished = self.failed = 0
        self.abandoned = self.reused = self.retries = 0
        self.loop_lag_s = 0.0
        return message

    def _series(self) -> dict[str, Series]:
        named = {"lateness": self.lateness, "service": self.service, "response": self.response}
        named |= self._scenarios
        for name, (service, response) in self._steps.items():
            named |= {f"step:{name}": service, f"step_response:{name}": response}
        return named

    def fold(self) -> None:
        """Count what has come together, so that the interval's end has little left to do."""
        for series in self._series().values():
            series.fold(FOLD_AT)

    def _histograms(self, traffic: Traffic) -> dict[str, str]:
        series = self._series() | {"request": traffic.times, "server_queue": traffic.queue_times}
        taken = {name: one.take() for name, one in series.items()}
        return {name: text for name, text in taken.items() if text is not None}


def rss_bytes() -> int:
    """Resident memory of this process; 0 where /proc does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0
