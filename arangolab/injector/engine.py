"""The injector at work: starts scenarios when they are due, keeps the books, obeys the runner."""

from __future__ import annotations

import gc
import math
import os
import time
import traceback
from collections.abc import Callable
from typing import Any, Final

import gevent
from gevent.event import Event

from arangolab.arrivals import arrivals_of
from arangolab.errors import ArangolabError
from arangolab.injector.accounting import Accounting, Levels
from arangolab.injector.client import connect
from arangolab.injector.failure import failure_of
from arangolab.injector.inbox import Inbox
from arangolab.injector.loop import ClosedLoop
from arangolab.injector.protocol import (
    End,
    Fatal,
    Go,
    Message,
    Pace,
    Ready,
    Setup,
    Stop,
    encode,
)
from arangolab.injector.schedule import Schedule
from arangolab.injector.session import LabSession, Probes
from arangolab.injector.statsd_out import FLUSH_S, StatsdOut
from arangolab.injector.transport import Transport
from arangolab.injector.users import Users
from arangolab.injector.watch import Watch
from arangolab.scenarios.definition import ScenarioFunction, load

_LAG_PROBE_S: Final = 0.02
_FLUSH_OUT_S: Final = 2.0
_END_AHEAD_S: Final = 0.5
_SHORT_WAIT_S: Final = 0.01
_BREATHE_EVERY_S: Final = 0.002


class Engine:
    """One injector process between Setup and End."""

    def __init__(
        self, setup: Setup, function: ScenarioFunction, db: Any, transport: Transport,
        watch: Watch,
    ) -> None:  # fmt: skip
        self._setup = setup
        self._function = function
        self._db = db
        self._transport = transport
        self._watch = watch
        self._books = Accounting()
        self._statsd = StatsdOut(
            setup.statsd_host, setup.statsd_port, setup.statsd_prefix, setup.worker
        )
        self._probes = Probes(setup.scenario, self._books, self._statsd)
        self._schedule = Schedule(arrivals_of(setup.arrivals, setup.seed))
        self._loop = ClosedLoop(self._play_now, self._now_s, setup.think_s)
        self._users = Users()
        self._played = 0
        self._t0_s = math.nan
        self._breathed_s = 0.0
        self._stop: Stop | None = None
        self._closed = False
        self._wake = Event()
        self._ended_one = Event()

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
                self._t0_s = t0_s
                for work in self._works():
                    gevent.spawn(work).link_exception(self._broke)
            case Pace():
                self._schedule.set(message)
                self._loop.set(message.anchor_s, message.loop_users)
                self._transport.pool.grow(message.max_in_flight + 2)
                self._wake.set()
            case Stop():
                self._stop = message
                self._wake.set()
                self._ended_one.set()

    def _works(self) -> tuple[Callable[[], None], ...]:
        """What goes on side by side while the run lasts."""
        always = (self._start_scenarios, self._report, self._flush, self._probe_lag)
        return (*always, self._loop.keep) if self._setup.closed else always

    def _hurry(self, inbox: Inbox) -> None:
        """While it drains: another stop may give less time."""
        while True:
            self._obey(inbox.get())

    def _broke(self, greenlet: Any) -> None:
        """A part of the engine failed: say so and end, rather than measure something else."""
        _give_up(self._watch, greenlet.exception)
        os._exit(1)

    def _now_s(self) -> float:
        """Seconds since the run's start."""
        return time.monotonic() - self._t0_s

    def _send(self, message: Message) -> None:
        self._watch.send(encode(message))

    def _start_scenarios(self) -> None:
        """Start each scenario when it is due; the schedule alone says when that is."""
        in_burst = False
        while not self._closed:
            due_s = self._schedule.due_s()
            wait_s = due_s - self._now_s()
            if wait_s > 0:
                self._wait(wait_s)
                in_burst = False
            elif in_burst:
                self._breathe()
                in_burst = False
            else:
                self._arrive(due_s)
                in_burst = True

    def _wait(self, wait_s: float) -> None:
        if wait_s < _SHORT_WAIT_S:
            gevent.sleep(wait_s)
        else:
            self._wake.wait(None if math.isinf(wait_s) else wait_s)
            self._wake.clear()

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
        books.start()
        self._statsd.clients = books.in_flight
        user = self._users.next(pace.first_user, pace.last_user)
        gevent.spawn_raw(self._scenario, number, user, due_s)

    def _play_now(self) -> None:
        """One scenario of a user in a closed loop: it is due when the user is ready for it."""
        pace = self._schedule.current
        assert pace is not None  # noqa: S101  (the loop got its users from a pace)
        self._books.start()
        self._statsd.clients = self._books.in_flight
        user = self._users.next(pace.first_user, pace.last_user)
        number = pace.index + pace.of * self._played
        self._played += 1
        self._scenario(number, user, self._now_s())

    def _scenario(self, number: int, user: int, due_s: float) -> None:
        """One scenario from its first line to its end, in a greenlet of its own."""
        books = self._books
        from_s = self._now_s()
        books.lateness.add(from_s - due_s)
        if self._users.enter(user):
            books.reused += 1
        session = LabSession(self._db, user, self._probes, self._setup.seed, number)
        try:
            self._function(session)
        except BaseException as error:
            self._failed(error, session)
        self._users.leave(user)
        to_s = self._now_s()
        books.end(service_s=to_s - from_s, response_s=to_s - due_s)
        self._probes.whole(to_s - from_s)
        self._statsd.clients = books.in_flight
        if self._stop is not None:
            self._ended_one.set()

    def _failed(self, error: BaseException, session: LabSession) -> None:
        contested = self._users.is_contested(session.user)
        failure = failure_of(error, session.at, contested=contested)
        self._statsd.errors += 1
        first = self._books.fail(failure, self._now_s())
        if first is not None:
            self._send(first)

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
        traffic = self._transport.traffic
        levels = Levels(
            traffic.open,
            traffic.opened,
            traffic.bytes_sent,
            traffic.bytes_received,
            self._statsd.lines,
            self._statsd.packets,
        )
        self._send(self._books.interval(round(t_s, 6), levels))
        self._transport.pool.trim()

    def _flush(self) -> None:
        while True:
            self._flush_now()
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

    def _finish(self) -> None:
        """Go on to the schedule's own end if that is near; shed what is overdue; drain; report."""
        if math.isnan(self._t0_s):
            self._send(End(reason="stopped before the run began"))
            return
        while 0 < (left_s := self._schedule.ends_s - self._now_s()) <= _END_AHEAD_S:
            gevent.sleep(left_s)
        self._closed = True
        self._loop.close()
        self._wake.set()
        now_s = self._now_s()
        while self._schedule.due_s() <= now_s:
            self._schedule.take()
            self._books.shed_one()
        while self._books.in_flight and (left_s := now_s + self._drain_s - self._now_s()) > 0:
            self._ended_one.clear()
            self._ended_one.wait(left_s)
        self._statsd.clients = 0
        self._flush_now()
        self._books.abandon_rest()
        self._report_now(self._now_s())
        self._send(End(reason="stopped"))


def run(watch: Watch) -> int:
    """The process's work; its exit status."""
    inbox = Inbox(watch)
    try:
        setup = inbox.get()
        if not isinstance(setup, Setup):
            raise ArangolabError(f"The first message was {setup.type!r} instead of a setup.")
        watch.end_after(setup.deadline_s)
        function = load(setup.scenario, setup.scenario_source)
        db, transport = connect(setup)
        engine = Engine(setup, function, db, transport, watch)
        gc.collect()
        gc.freeze()  # what is there now stays; collections then cost next to nothing
        engine.run(inbox)
    except Exception as error:
        _give_up(watch, error)
        return 1
    watch.flush(_FLUSH_OUT_S)
    return 0


def _give_up(watch: Watch, error: BaseException) -> None:
    """Say what happened, as the last message."""
    if isinstance(error, ArangolabError):
        last = Fatal(message=error.what, hint=error.hint, kind=type(error).__name__)
    else:
        traceback.print_exception(error)
        last = Fatal(
            message=f"The injector failed: {type(error).__name__}: {error}.",
            hint="report this with what the injector wrote to stderr.",
        )
    watch.send(encode(last))
    watch.flush(_FLUSH_OUT_S)
