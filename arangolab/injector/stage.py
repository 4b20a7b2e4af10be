"""Where scenarios are played: one session after the other, timed, counted, its errors booked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from gevent.event import Event

from arangolab.injector.accounting import Accounting
from arangolab.injector.cast import Cast
from arangolab.injector.failure import failure_of
from arangolab.injector.protocol import FirstError, Pace, Setup
from arangolab.injector.session import LabSession, Probes, Role
from arangolab.injector.statsd_out import StatsdOut
from arangolab.injector.users import Users
from arangolab.scenarios.loading import Scenario


class Stage:
    """What all scenarios of this process share."""

    def __init__(
        self,
        setup: Setup,
        scenarios: Sequence[Scenario],
        db: Any,
        tell: Callable[[FirstError], None],
    ) -> None:
        """``tell``: called with the first error of each kind."""
        self.books = Accounting()
        self.statsd = StatsdOut(
            setup.statsd_host, setup.statsd_port, setup.worker, setup.statsd_further
        )
        self.t0_s = 0.0
        """The run's zero on the monotonic clock."""
        self.ended_one = Event()
        """Set at each end, once somebody waits for it."""
        self.awaited = False
        self.dry = ""
        """Why no further session can be had; "" while there can."""
        self._setup = setup
        self._db = db
        self._tell = tell
        self._cast = self._cast_of(scenarios)
        self._users = Users(setup.user_order, f"{setup.seed}/users/{setup.worker}")

    def session(self, number: int, pace: Pace) -> LabSession | None:
        """The session of a start, which counts as started; None when the stage has run dry."""
        role = self._cast.role(number)
        user = self._users.next(pace.first_user, pace.last_user)
        rows = role.scenario.rows
        there, row = rows.of(number) if rows is not None else (True, None)
        if user is None or not there:
            self.dry = f"Every {'user' if user is None else 'row'} was used once."
            return None
        self.books.start()
        self.statsd.clients = self.books.in_flight
        return LabSession(self._db, user, role, self._setup.seed, number, row)

    def play(self, session: LabSession, due_s: float) -> None:
        """One scenario from its first line to its end."""
        books, role, user = self.books, session.role, session.user
        from_s = time.monotonic() - self.t0_s
        session.late_s = from_s - due_s
        books.lateness.add(session.late_s)
        if self._users.enter(user):
            books.reused += 1
        try:
            role.scenario.play(session)
        except BaseException as error:
            self._failed(error, session)
        self._users.leave(user)
        to_s = time.monotonic() - self.t0_s
        books.end(service_s=to_s - from_s, response_s=to_s - due_s)
        role.probes.whole(to_s - from_s, to_s - due_s)
        self.statsd.clients = books.in_flight
        if self.awaited:
            self.ended_one.set()

    def _failed(self, error: BaseException, session: LabSession) -> None:
        contested = self._users.is_contested(session.user)
        failure = failure_of(error, session.role.probes.full(session.at), contested=contested)
        self.statsd.errors += 1
        first = self.books.fail(failure, time.monotonic() - self.t0_s)
        if first is not None:
            self._tell(first)

    def _cast_of(self, scenarios: Sequence[Scenario]) -> Cast:
        mixed = len(scenarios) > 1
        roles = [
            Role(one, Probes(one.name, self.books, self.statsd, of_a_mix=mixed))
            for one in scenarios
        ]
        return Cast(roles, [part.weight for part in self._setup.parts], self._setup.seed)
