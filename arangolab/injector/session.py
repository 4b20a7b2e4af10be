"""The session a scenario is given: one simulated user, timed and counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Any, Final, TypeVar

import gevent

from arangolab.injector.accounting import OTHER, Accounting
from arangolab.injector.failure import CONFLICT, CheckFailed, error_num_of
from arangolab.injector.statsd_out import StatsdOut, metric_name
from arangolab.injector.stream import StreamTransaction
from arangolab.scenarios.loading import Scenario

T = TypeVar("T")
MOST_NAMES: Final = 200
"""Metrics of a scenario told apart; a name made up per user must not fill the memory."""


class Probes:
    """Where sessions put what they measure: the accounting and statsd, under metric names."""

    def __init__(
        self, scenario: str, accounting: Accounting, statsd: StatsdOut, *, of_a_mix: bool = False
    ) -> None:
        self.scenario = metric_name(scenario)
        self.of_a_mix = of_a_mix
        self._prefix = f"{scenario}." if of_a_mix else ""
        self._accounting = accounting
        self._statsd = statsd
        self._names: dict[str, str] = {}

    def name(self, name: str) -> str:
        """The metric's name for a step, timing or counter of the scenario."""
        known = self._names.get(name)
        if known is None:
            if len(self._names) >= MOST_NAMES:
                return metric_name(self.scenario, OTHER)
            known = self._names[name] = metric_name(self.scenario, name)
        return known

    def full(self, step: str) -> str:
        """The step's name, with the scenario's where there are several; "" stays."""
        return self._prefix + step if step else ""

    def step(self, name: str, duration_s: float, late_s: float) -> None:
        """A step of a scenario that began so late ended."""
        self._accounting.step(self._prefix + name, duration_s, duration_s + late_s)
        self._statsd.timing(self.name(name), duration_s * 1e3)

    def timing(self, name: str, duration_ms: float) -> None:
        """A duration that the scenario was told by the server."""
        self._statsd.timing(self.name(name), duration_ms)

    def retried(self) -> None:
        """Something is done once more."""
        self._accounting.retries += 1

    def count(self, name: str, by: int) -> None:
        """A counter of the scenario's own."""
        self._statsd.incr(self.name(name), by)

    def whole(self, service_s: float, response_s: float) -> None:
        """The scenario ended."""
        self._statsd.timing(self.scenario, service_s * 1e3)
        if self.of_a_mix:
            self._accounting.scenario(self.scenario, service_s, response_s)


@dataclass(frozen=True, slots=True)
class Role:
    """A scenario with the probes that carry its name."""

    scenario: Scenario
    probes: Probes


class LabSession:
    """The session of one scenario (:class:`arangolab.scenarios.definition.Session`)."""

    rng: Random

    def __init__(
        self, db: Any, user: int, role: Role, seed: int, number: int, row: Any = None
    ) -> None:
        self.role = role
        self.db = db
        self.user = user
        self.row = row
        self.at = ""
        """The step that is running, or ran last."""
        self.late_s = 0.0
        """How much later than due the scenario began."""
        self._probes = role.probes
        self._seed = seed
        self._number = number

    def __getattr__(self, name: str) -> Random:
        """Make ``rng`` when it is first used: few scenarios need it, and seeding takes time."""
        if name != "rng":
            raise AttributeError(f"a session has no attribute {name!r}")
        self.rng = Random(f"{self._seed}/{self._number}")  # noqa: S311
        return self.rng

    def step(self, name: str) -> _Step:
        """Time what happens inside as the step ``name``; an error in it carries that name."""
        return _Step(self, name)

    def timing(self, name: str, duration_ms: float) -> None:
        """Send a timing in milliseconds that the scenario itself got (e.g. from a reply)."""
        self._probes.timing(name, duration_ms)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        self._probes.count(name, by)

    def check(self, condition: object, message: str) -> None:
        """Fail the scenario with ``message`` unless the condition holds."""
        if not condition:
            raise CheckFailed(message)

    def retry(self, work: Callable[[], T], *, on: Iterable[int] = (CONFLICT,), most: int = 3) -> T:
        """What ``work`` returns; done again after an error of those numbers, each time counted."""
        for _ in range(most):
            try:
                return work()
            except Exception as error:
                if error_num_of(error) not in on:
                    raise
            self._probes.retried()
        return work()

    def transaction(
        self, *, read: Iterable[str] = (), write: Iterable[str] = (), exclusive: Iterable[str] = ()
    ) -> StreamTransaction:
        """A stream transaction on these collections: committed at the end, aborted on an error."""
        declared = {"read": [*read], "write": [*write], "exclusive": [*exclusive]}
        return StreamTransaction(self.db.connection.session, self.db.getURL(), declared)

    def sleep(self, seconds: float) -> None:
        """The user's think time."""
        gevent.sleep(seconds)


class _Step:
    """A step being timed."""

    __slots__ = ("_name", "_session", "_start_s")

    def __init__(self, session: LabSession, name: str) -> None:
        self._session = session
        self._name = name

    def __enter__(self) -> None:
        self._session.at = self._name
        self._start_s = time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        session = self._session
        session._probes.step(self._name, time.monotonic() - self._start_s, session.late_s)
