"""The injector at work: starts scenarios when they are due, keeps the books, obeys the runner."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import gevent

from arangolab.arrivals import arrivals_of
from arangolab.injector.accounting import FOLD_AT
from arangolab.injector.alarm import Alarm
from arangolab.injector.inbox import Inbox
from arangolab.injector.loop import ClosedLoop
from arangolab.injector.protocol import (
    Dry,
    End,
    Go,
    Message,
    Pace,
    Ready,
    Setup,
    Stop,
    encode,
)
from arangolab.injector.schedule import Schedule
from arangolab.injector.stage import Stage
from arangolab.injector.statsd_out import FLUSH_S
from arangolab.injector.transport import Transport
from arangolab.injector.watch import Watch
from arangolab.scenarios.loading import Scenario

_LAG_PROBE_S: Final = 0.02
_END_AHEAD_S: Final = 0.5
_CATCH_UP_S: Final = 0.25
_BREATHE_EVERY_S: Final = 0.002
_MANY_PER_S: Final = 1000.0
_TOGETHER_S: Final = 0.001
"""Above that rate, starts that fall due within this time begin together: a third less CPU."""


class Engine:
    """One injector process between Setup and End."""

    def __init__(
        self, setup: Setup, scenarios: Sequence[Scenario], db: Any, transport: Transport,
        watch: Watch, broke: Callable[[BaseException], None],
    ) -> None:  # fmt: skip
        """``broke``: called with what a part of the engine failed with."""
        self._setup = setup
        self._transport = transport
        self._watch = watch
        self._broke = broke
        self._stage = Stage(setup, scenarios, db, self._send)
        self._books = self._stage.books
        self._statsd = self._stage.statsd
        self._schedule = Schedule(arrivals_of(setup.arrivals, setup.seed))
        self._loop = ClosedLoop(self._play_now, self._now_s, setup.think_s)
        self._played = 0
        self._t0_s = math.nan
        self._breathed_s = 0.0
        self._stop: Stop | None = None
        self._closed = False
        self._alarm = Alarm()

    def run(self, inbox: Inbox) -> None:
        """Obey the runner until it says stop; returns when all is reported."""
        self._send(Ready(pid=os.getpid()))
        self._statsd.start()
        while self._stop is None:
            self._obey(inbox.get())
        gevent.spawn(self._hurry, inbox)
        self._finish()

    def _obey(self, message: Message) -> None:
        match message:
            case Go(t0_monotonic_s=t0_s) if math.isnan(self._t0_s):
                self._t0_s = self._stage.t0_s = t0_s
                for work in self._works():
                    gevent.spawn(work).link_exception(self._part_broke)
            case Pace():
                self._schedule.set(message)
                self._statsd.processes = message.of
                self._loop.set(message.anchor_s, message.loop_users)
                self._transport.allow(message.max_in_flight)
                self._alarm.ring()
            case Stop():
                self._stop = message
                self._stage.awaited = True
                self._alarm.ring()
                self._stage.ended_one.set()

    def _works(self) -> tuple[Callable[[], None], ...]:
        """What goes on side by side while the run lasts."""
        always = (self._start_scenarios, self._report, self._flush, self._probe_lag)
        return (*always, self._loop.keep) if self._setup.closed else always

    def _hurry(self, inbox: Inbox) -> None:
        """While it drains: another stop may give less time."""
        while True:
            self._obey(inbox.get())

    def _part_broke(self, greenlet: Any) -> None:
        self._broke(greenlet.exception)

    def _now_s(self) -> float:
        """Seconds since the run's start."""
        return time.monotonic() - self._t0_s

    def _send(self, message: Message) -> None:
        self._watch.send(encode(message))

    def _start_scenarios(self) -> None:
        """Start each scenario when it is due; the schedule alone says when that is."""
        in_burst, not_before_s = False, 0.0
        while not self._closed:
            due_s = self._schedule.due_s()
            if due_s > self._now_s():
                self._alarm.wait_until(self._t0_s + max(due_s, not_before_s))
                not_before_s = self._now_s() + self._together_s()
                in_burst = False
            elif in_burst:
                self._breathe()
                in_burst = False
            else:
                self._arrive(due_s)
                in_burst = True

    def _together_s(self) -> float:
        pace = self._schedule.current
        many = pace is not None and pace.rate_per_s > _MANY_PER_S * pace.of
        return _TOGETHER_S if many else 0.0

    def _breathe(self) -> None:
        """Let the scenario begin, and now and then let replies be read, however late we are."""
        now_s = time.monotonic()
        if now_s - self._breathed_s > _BREATHE_EVERY_S:
            self._breathed_s = now_s
            gevent.sleep(1e-6)
        else:
            gevent.sleep(0)

    def _arrive(self, due_s: float) -> None:
        """The next start is due: a scenario begins, or is shed and counted."""
        pace = self._schedule.current
        assert pace is not None  # noqa: S101  (a start is due, so a pace is in force)
        number = self._schedule.take()
        books = self._books
        if books.in_flight >= pace.max_in_flight:
            books.shed_one()
            return
        session = self._stage.session(number, pace)
        if session is None:
            self._run_dry()
        else:
            gevent.spawn_raw(self._stage.play, session, due_s)

    def _play_now(self) -> None:
        """One scenario of a user in a closed loop: it is due when the user is ready for it."""
        pace = self._schedule.current
        assert pace is not None  # noqa: S101  (the loop got its users from a pace)
        number = pace.index + pace.of * self._played
        self._played += 1
        session = self._stage.session(number, pace)
        if session is None:
            self._run_dry()
        else:
            self._stage.play(session, self._now_s())

    def _run_dry(self) -> None:
        """Start nothing more: each user, or row, was to be used once."""
        self._closed = True
        self._loop.close()
        self._send(Dry(reason=self._stage.dry))

    def _report(self) -> None:
        """An Interval at each multiple of the interval."""
        every_s = self._setup.interval_s
        while True:
            due_s = max(1, math.floor(self._now_s() / every_s) + 1) * every_s
            gevent.sleep(max(0.0, due_s - self._now_s()))
            while self._now_s() < due_s:
                gevent.sleep(0.0005)
            self._report_now(math.floor(self._now_s() / every_s) * every_s)

    def _report_now(self, t_s: float) -> None:
        statsd = self._statsd
        traffic = self._transport.traffic
        self._send(self._books.interval(round(t_s, 6), traffic, statsd.lines, statsd.packets))
        self._transport.trim()

    def _flush(self) -> None:
        while True:
            self._flush_now()
            self._books.fold()
            self._transport.traffic.fold(FOLD_AT)
            gevent.sleep(FLUSH_S)

    def _flush_now(self) -> None:
        traffic = self._transport.traffic
        self._statsd.flush(traffic.open, traffic.opened)

    def _probe_lag(self) -> None:
        """How much later than asked the event loop comes back."""
        while True:
            asked_s = time.monotonic() + _LAG_PROBE_S
            gevent.sleep(_LAG_PROBE_S)
            lag_s = time.monotonic() - asked_s
            self._books.loop_lag_s = max(self._books.loop_lag_s, lag_s)

    @property
    def _drain_s(self) -> float:
        return self._stop.drain_s if self._stop is not None else 0.0

    def _catch_up(self) -> None:
        """Starts that fell due just before the end are begun, if they are a little late only."""
        until_s = self._now_s() + _CATCH_UP_S
        while not self._closed and self._schedule.due_s() <= self._now_s() < until_s:
            gevent.sleep(1e-3)

    def _finish(self) -> None:
        """Go on to the schedule's own end if that is near; shed what is overdue; drain; report."""
        if math.isnan(self._t0_s):
            self._send(End(reason="stopped before the run began"))
            return
        while 0 < (left_s := self._schedule.ends_s - self._now_s()) <= _END_AHEAD_S:
            gevent.sleep(left_s)
        if self._drain_s:
            self._catch_up()
        self._closed = True
        self._loop.close()
        self._alarm.ring()
        now_s = self._now_s()
        while self._schedule.due_s() <= now_s:
            self._schedule.take()
            self._books.shed_one()
        while self._books.in_flight and (left_s := now_s + self._drain_s - self._now_s()) > 0:
            self._stage.ended_one.clear()
            self._stage.ended_one.wait(left_s)
        self._statsd.clients = 0
        self._flush_now()
        self._books.abandon_rest()
        self._report_now(self._now_s())
        self._send(End(reason="stopped", statsd_losses=self._statsd.losses()))
