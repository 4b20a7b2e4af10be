"""The injector processes of a run: started, told their shares, heard, ended."""

from __future__ import annotations

import queue
import time
from typing import Final

from arangolab.errors import RunError, of_kind
from arangolab.injector import protocol
from arangolab.injector.launcher import Exited, FromInjector, Injector
from arangolab.injector.relay import Further
from arangolab.pacing import Pace, share_of, share_users
from arangolab.plan import Plan
from arangolab.target import Target

READY_WITHIN_S: Final = 60.0
END_GRACE_S: Final = 1.5


class Crew:
    """Workers are numbered from 0 and never reuse a number."""

    def __init__(
        self, plan: Plan, target: Target, statsd_port: int, further: tuple[Further, ...] = ()
    ) -> None:
        """``further``: statsd servers besides that on ``statsd_port``."""
        self._plan = plan
        self._target = target
        self._statsd_port = statsd_port
        self._further = further
        self.messages: queue.SimpleQueue[FromInjector] = queue.SimpleQueue()
        self.max_in_flight = plan.max_in_flight
        self._hired = 0
        self._ready: set[int] = set()
        self._dry: set[int] = set()
        self.newcomers: dict[int, Injector] = {}
        """Workers that were started and take no share yet."""
        self.active: dict[int, Injector] = {}
        """Workers that take a share of the arrivals."""
        self.leaving: dict[int, Injector] = {}
        """Workers that were told to stop."""

    @property
    def size(self) -> int:
        """Workers that take a share, or will."""
        return len(self.active) + len(self.newcomers)

    # -- hiring -----------------------------------------------------------------------------

    def hire(self, count: int) -> None:
        """Start ``count`` more processes; they take no share before :meth:`admit`.

        Raises RunError when one cannot be started.
        """
        for _ in range(count):
            worker = self._hired
            self._hired += 1
            setup = setup_for(
                self._plan,
                self._target,
                worker,
                max_in_flight=self.max_in_flight,
                statsd_port=self._statsd_port,
                further=self._further,
            )
            self.newcomers[worker] = Injector(setup, self.messages)

    def heard(self, worker: int) -> None:
        """The worker said that it is ready."""
        self._ready.add(worker)

    @property
    def waits(self) -> bool:
        """Whether there are newcomers, and all of them are ready."""
        return bool(self.newcomers) and self._ready >= set(self.newcomers)

    def wait_until_ready(self) -> None:
        """Block until all are ready.

        Raises RunError or ScenarioError, in the injector's own words, when one cannot be.
        """
        end = time.monotonic() + READY_WITHIN_S
        while not self.waits:
            try:
                worker, message = self.messages.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise RunError(
                    f"The injector was not ready within {READY_WITHIN_S:.0f} s.",
                    hint="whether the server answers at all: arangolab doctor.",
                ) from None
            match message:
                case protocol.Ready():
                    self.heard(worker)
                case protocol.Fatal(kind=kind, message=what, hint=hint):
                    raise of_kind(kind, what, hint)
                case Exited():
                    raise RunError(f"The injector {exit_words(message)} before the run began.")

    def admit(self, t0_monotonic_s: float) -> None:
        """Tell the newcomers when the run began; they take a share from the next one on."""
        for injector in self.newcomers.values():
            injector.send(protocol.Go(t0_monotonic_s=t0_monotonic_s))
        self.active |= self.newcomers
        self.newcomers = {}

    # -- telling ----------------------------------------------------------------------------

    def share(self, *paces: Pace) -> None:
        """Tell every worker its share of the paces (in the order of their anchors)."""
        of = len(self.active)
        for index, injector in enumerate(self.active.values()):
            first, last = share_users(self._plan.first_user, self._plan.last_user, index, of)
            bound = share_of(self.max_in_flight, index, of)
            for pace in paces:
                injector.send(
                    protocol.Pace(
                        anchor_s=pace.anchor_s,
                        anchor_count=pace.anchor_count,
                        rate_per_s=pace.rate_per_s,
                        rise_s=pace.rise_s,
                        from_rate_per_s=pace.from_rate_per_s,
                        loop_users=share_of(pace.loop_users, index, of),
                        index=index,
                        of=of,
                        first_user=first,
                        last_user=last,
                        max_in_flight=bound,
                    )
                )

    def dismiss_newcomers(self, count: int) -> int:
        """Take up to ``count`` newcomers back; returns how many there were to take."""
        chosen = sorted(self.newcomers)[-count:]
        for worker in chosen:
            self._part_with(worker, self.newcomers.pop(worker), 0.0)
        return len(chosen)

    def dismiss(self, count: int, pace: Pace, drain_s: float) -> None:
        """Take ``count`` workers out of the crew; they start nothing from the pace's anchor on."""
        left = len(self.active) - count
        for worker in sorted(self.active)[-count:]:
            injector = self.active.pop(worker)
            injector.send(
                protocol.Pace(
                    anchor_s=pace.anchor_s,
                    anchor_count=pace.anchor_count,
                    rate_per_s=0.0,
                    index=0,
                    of=left,
                    first_user=1,
                    last_user=1,
                    max_in_flight=1,
                )
            )
            self._part_with(worker, injector, drain_s)

    def stop(self, drain_s: float) -> None:
        """Tell everybody to stop; those who are draining are given no longer than that."""
        for worker, injector in {**self.active, **self.newcomers, **self.leaving}.items():
            self._part_with(worker, injector, drain_s)
        self.active, self.newcomers = {}, {}

    def _part_with(self, worker: int, injector: Injector, drain_s: float) -> None:
        injector.send(protocol.Stop(drain_s=drain_s))
        self.leaving[worker] = injector

    def ran_dry(self, worker: int) -> bool:
        """The worker has no user or row left; whether that is so of all of them now."""
        self._dry.add(worker)
        return self._dry >= set(self.active)

    # -- ending -----------------------------------------------------------------------------

    def gone(self, worker: int) -> bool:
        """The worker's process has ended; whether it took a share, and was not told to stop."""
        self.leaving.pop(worker, None)
        self.newcomers.pop(worker, None)
        return self.active.pop(worker, None) is not None

    def kill(self) -> None:
        """End every process that is left, at once."""
        for injector in (*self.active.values(), *self.newcomers.values(), *self.leaving.values()):
            injector.kill()


def setup_for(
    plan: Plan, target: Target, worker: int, *, max_in_flight: int, statsd_port: int = 0,
    further: tuple[Further, ...] = (),
) -> protocol.Setup:  # fmt: skip
    """What an injector of the run needs to know before it can say it is ready."""
    return protocol.Setup(
        worker=worker,
        urls=target.urls,
        user=target.user,
        password=target.password,
        database=target.database,
        ca_file=target.ca_file,
        transport=plan.transport,
        parts=plan.parts,
        user_order=plan.user_order,
        max_in_flight=max_in_flight,
        statsd_host="127.0.0.1",
        statsd_port=statsd_port,
        statsd_further=further,
        seed=plan.seed,
        arrivals=plan.arrivals,
        closed=plan.loop_users > 0,
        think_s=plan.think_s,
        interval_s=plan.interval_s,
        deadline_s=plan.deadline_s,
        connect_timeout_s=plan.connect_timeout_s,
        read_timeout_s=plan.read_timeout_s,
    )


def exit_words(exited: Exited) -> str:
    """``was killed (signal 9)``, ``ended with status 1: ...``."""
    if exited.returncode < 0:
        return f"was killed (signal {-exited.returncode})"
    last = exited.stderr.strip().splitlines()[-1:] or [""]
    return f"ended with status {exited.returncode}" + (f": {last[0]}" if last[0] else "")
