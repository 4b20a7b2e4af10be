"""Conducts one run, from the first check of the server to the closed run file."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from arangolab import units
from arangolab.errors import InputError
from arangolab.injector import protocol
from arangolab.injector.launcher import Exited
from arangolab.metrics.limits import process_limits
from arangolab.runfile.reader import process_start
from arangolab.runfile.writer import RunWriter
from arangolab.runner import commands, judging
from arangolab.runner.crew import END_GRACE_S, Crew, exit_words
from arangolab.runner.facts import host_facts, versions
from arangolab.runner.ledger import Ledger
from arangolab.runner.order import Order
from arangolab.runner.sources import Sources
from arangolab.runner.timetable import Timetable
from arangolab.target import connect

HEAR_S: Final = 0.05
"""How long the conductor listens before it looks at the clock again."""
LEAD_S: Final = 0.15
"""A change of pace is announced this long ahead, so that all injectors make it at once."""
SETTLE_S: Final = 0.2
"""The injectors' accounting of an interval is complete this long after its end."""


@dataclass(slots=True)
class Asked:
    """What threads and signal handlers ask of the conductor."""

    stop_because: str = ""
    """Why the run is to end, as a sentence; empty while it is not."""
    wake: threading.Event = field(default_factory=threading.Event)

    def stop(self, because: str) -> None:
        """Ask for the end, at once and without a drain."""
        self.stop_because = self.stop_because or because
        self.wake.set()


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends."""

    status: str
    """completed, stopped or failed."""
    sentence: str
    drain_s: float


class Conductor:
    """One run."""

    def __init__(self, order: Order, asked: Asked) -> None:
        self._order = order
        self._plan = order.plan
        self._asked = asked
        self._timetable = Timetable.of(order.plan)
        self._ledger = Ledger(order.plan.interval_s)
        self._ending: Ending | None = None
        self._step: int | None = None
        self._to_judge: list[tuple[int, float, float]] = []
        self._last_judgement: dict[str, Any] = {"valid": False, "sustained": False}
        self._tick = 1
        self._t0_s = 0.0

    def conduct(self, ready: Callable[[], None]) -> Ending:
        """Run it; ``ready`` is called once the first scenario is about to start.

        Raises ArangolabError when the run cannot begin.
        """
        self._prepare()
        try:
            self._begin()
            ready()
            while self._ending is None:
                self._turn()
            self._wind_up(self._ending)
        finally:
            self._crew.kill()
            self._sources.close()
        return self._ending

    # -- before -----------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Check the server, start everything, and only then make the run file."""
        plan, target = self._plan, self._order.target
        server = connect(target)
        self._server: dict[str, Any] = {
            **asdict(server),
            **target.to_dict(),
            "name": server.name,
            "limits": process_limits(server.pid) if server.pid else {},
        }
        self._sources = Sources(plan, target, server)
        self._crew = Crew(plan, target, self._sources.statsd.port)
        try:
            self._crew.hire(plan.processes)
            judging.preload()
            self._crew.wait_until_ready()
            self._writer = RunWriter(self._order.path)
        except BaseException:
            self._crew.kill()
            self._sources.close()
            raise
        title = plan.title or f"{plan.scenario} on {server.name}"
        if server.sandbox and "sandbox" not in title.lower():
            title += " (sandbox)"
        self._meta(title)

    def _meta(self, title: str) -> None:
        write = self._writer.meta
        write("run_id", uuid.uuid4().hex)
        write("title", title)
        write("plan", asdict(self._plan))
        write("server", self._server)
        write("host", host_facts())
        write("versions", versions())
        pid = os.getpid()
        write(
            "runner",
            {"pid": pid, "process_start": process_start(pid), "host": socket.gethostname()},
        )

    def _begin(self) -> None:
        """Zero of time."""
        self._t0_s = time.monotonic() + LEAD_S
        self._writer.meta("started_unix_s", time.time() + LEAD_S)
        self._crew.go(self._t0_s)
        self._crew.share(*self._paces())
        self._sources.start(self._now_s)
        words = f"{self._plan.scenario} on {self._server['name']}"
        self._writer.event(0.0, "start", f"The run begins: {words}.")
        if self._plan.warm_up_s:
            held = units.seconds(self._plan.warm_up_s)
            self._writer.event(0.0, "start", f"Warm-up for {held}; it does not count.")
        else:
            self._open_step()
        self._writer.commit()

    def _now_s(self) -> float:
        return time.monotonic() - self._t0_s

    # -- while it runs ----------------------------------------------------------------------

    def _turn(self) -> None:
        """One round: hear, obey, keep time, sample."""
        self._hear(HEAR_S)
        now_s = self._now_s()
        self._obey(now_s)
        self._keep_time(now_s)
        self._sample(now_s)
        if self._asked.stop_because:
            self._end("stopped", self._asked.stop_because, 0.0)

    def _hear(self, seconds: float) -> None:
        """Take in what the injectors say, for at most so long."""
        end = time.monotonic() + seconds
        while (left_s := end - time.monotonic()) > 0:
            try:
                worker, message = self._crew.messages.get(timeout=left_s)
            except queue.Empty:
                return
            self._take_in(worker, message)

    def _take_in(self, worker: int, message: protocol.Message | Exited) -> None:
        match message:
            case protocol.Interval():
                self._ledger.add(worker, message)
                self._writer.interval(worker, message)
            case protocol.FirstError():
                self._writer.first_error(message)
                text = f"First error of its kind ({message.kind}): {message.message}"
                self._writer.event(max(0.0, message.t_s), "error", text)
            case protocol.Ready():
                self._crew.heard(worker)
                self._crew_is_complete()
            case protocol.Fatal(message=what, hint=hint):
                self._end("failed", f"{what} {hint}".strip(), 0.0)
            case Exited():
                self._ledger.left(worker)
                if self._crew.gone(worker) is not None and self._ending is None:
                    words = f"Injector {worker} {exit_words(message)}"
                    self._end("failed", f"{words}; the run was ended with what it had.", 0.0)

    def _end(self, status: str, sentence: str, drain_s: float) -> None:
        if self._ending is None:
            self._ending = Ending(status, sentence, drain_s)

    # -- commands ---------------------------------------------------------------------------

    def _obey(self, now_s: float) -> None:
        for number, name, value in self._writer.take_commands():
            try:
                self._carry_out(name, value, now_s)
            except InputError as error:
                self._writer.command_taken(number, now_s, refused=str(error))
                self._writer.event(now_s, "warning", f"Not done: {error}")
            else:
                self._writer.command_taken(number, now_s)
            self._writer.commit()

    def _carry_out(self, name: str, value: Any, now_s: float) -> None:
        match name:
            case "rate":
                rate_per_s = commands.rate_of(value)
                self._change(self._timetable.with_rate(now_s + LEAD_S, rate_per_s))
            case "processes":
                self._resize(commands.processes_of(value), now_s)
            case "max_in_flight":
                bound = commands.bound_of(value, len(self._crew.active))
                self._crew.max_in_flight = bound
                self._crew.share(*self._paces())
            case "stop":
                drain_s = self._plan.drain_s if commands.drain_of(value) else 0.0
                self._end("stopped", "Stopped by command.", drain_s)
            case "note":
                self._writer.event(now_s, "note", str(value))
                return
            case _:
                raise InputError(f"{name!r} is not a command.")
        if name != "stop":
            words = commands.words(name, value)
            self._writer.event(now_s, "command", words[0].upper() + words[1:] + ".")

    def _change(self, timetable: Timetable) -> None:
        """Another pace from its anchor on."""
        at_s = timetable.held.from_s
        self._close_step(at_s)
        self._timetable = timetable
        self._crew.share(*self._paces())
        self._open_step()

    def _resize(self, processes: int, now_s: float) -> None:
        """More injector processes (once they are ready), or fewer."""
        surplus = len(self._crew.active) - processes
        if surplus < 0:
            self._crew.hire(-surplus)
            return
        timetable = self._timetable.with_processes(now_s + LEAD_S, processes)
        if surplus:
            self._crew.dismiss(surplus, timetable.pace, self._plan.drain_s)
        self._change(timetable)

    def _crew_is_complete(self) -> None:
        """Those hired while the run goes on are ready: share anew."""
        if not self._t0_s or not self._crew.ready:
            return
        self._crew.go(self._t0_s)
        processes = len(self._crew.active)
        self._change(self._timetable.with_processes(self._now_s() + LEAD_S, processes))

    # -- steps ------------------------------------------------------------------------------

    def _paces(self) -> list[Any]:
        """The paces that are known now: this one, and those that follow whatever happens."""
        timetable, paces = self._timetable, [self._timetable.pace]
        while following := timetable.following(timetable.held.until_s):
            if self._plan.stop_when_maxed_out:
                return paces
            paces.append(following.pace)
            timetable = following
        return [*paces, timetable.end(timetable.held.until_s)]

    def _open_step(self) -> None:
        held = self._timetable.held
        self._step = self._writer.step_begin(held.rate_per_s, held.processes, held.from_s)
        self._writer.event(
            held.from_s, "step", f"{units.rate(held.rate_per_s)} from {held.processes} process(es)."
        )

    def _close_step(self, to_s: float) -> None:
        """The step ends; its judgement waits for the accounting of its last interval."""
        if self._step is not None:
            self._writer.step_end(self._step, to_s)
            self._to_judge.append((self._step, self._timetable.held.from_s, to_s))
        self._step = None

    def _keep_time(self, now_s: float) -> None:
        held = self._timetable.held
        if self._step is None and now_s >= held.from_s:
            self._open_step()
        self._judge(now_s)
        if self._plan.stop_when_maxed_out:
            if now_s >= held.until_s + SETTLE_S:
                self._decide(now_s)
        elif now_s >= held.until_s:
            self._move_on(held.until_s)

    def _decide(self, now_s: float) -> None:
        """The hold is over: push harder, unless it was too much already."""
        to_s = self._timetable.held.until_s
        if not self._timetable.to_come:
            self._move_on(to_s)
            return
        self._close_step(to_s)
        self._judge(now_s, at_once=True)
        judgement = self._last_judgement
        if judgement["valid"] and not judgement["sustained"]:
            left = len(self._timetable.to_come)
            rate = units.rate(self._timetable.held.rate_per_s)
            self._end(
                "completed",
                f"{rate} was not sustained; what was planned above it ({left} more) was left out.",
                self._plan.drain_s,
            )
            return
        following = self._timetable.following(now_s + LEAD_S)
        if following is not None:
            self._timetable = following
            self._crew.share(*self._paces())
            self._open_step()

    def _move_on(self, at_s: float) -> None:
        following = self._timetable.following(at_s)
        if following is None:
            self._end("completed", "All that was planned was held.", self._plan.drain_s)
            return
        self._close_step(at_s)
        self._timetable = following
        self._open_step()

    def _judge(self, now_s: float, *, at_once: bool = False) -> None:
        """Judge the steps whose accounting is in."""
        while self._to_judge and (at_once or now_s >= self._to_judge[0][2] + SETTLE_S):
            number, from_s, to_s = self._to_judge.pop(0)
            self._writer.commit()
            self._last_judgement = judging.judge_step(
                self._writer, self._sources, self._plan.objective, from_s, to_s
            )
            self._writer.step_judged(number, self._last_judgement)

    # -- samples ----------------------------------------------------------------------------

    def _sample(self, now_s: float) -> None:
        """Each interval: what was measured goes into the run file."""
        if now_s < self._tick * self._plan.interval_s + SETTLE_S:
            return
        self._tick = int((now_s - SETTLE_S) / self._plan.interval_s) + 1
        self._record(now_s)

    def _record(self, now_s: float) -> None:
        samples, notes = self._sources.sample(now_s)
        rate_per_s = 0.0 if self._ending else self._timetable.held.rate_per_s
        workers = {*self._crew.active, *self._crew.leaving} & set(self._ledger.latest)
        samples += self._ledger.take(now_s, workers, rate_per_s)
        self._writer.samples(samples)
        for kind, text in notes:
            self._writer.event(now_s, kind, text)
        limits = {**self._server["limits"], **self._sources.limits()}
        if limits != self._server["limits"]:
            self._server["limits"] = limits
            self._writer.meta("server", self._server)
        self._writer.commit()

    # -- the end ----------------------------------------------------------------------------

    def _wind_up(self, ending: Ending) -> None:
        """Drain, report, judge, close."""
        now_s = self._now_s()
        if self._step is not None:
            self._close_step(min(now_s, self._timetable.held.until_s))
        self._crew.stop(ending.drain_s)
        if ending.drain_s and any(i.in_flight for i in self._ledger.latest.values()):
            text = f"Waiting up to {units.seconds(ending.drain_s)} for what is in flight."
            self._writer.event(now_s, "drain", text)
        give_up_s = now_s + ending.drain_s + END_GRACE_S
        while self._crew.leaving and self._now_s() < give_up_s:
            self._hear(HEAR_S)
            self._sample(self._now_s())
            if self._asked.stop_because:
                give_up_s = min(give_up_s, self._now_s() + END_GRACE_S / 3)
        self._crew.kill()
        now_s = self._now_s()
        self._record(now_s)
        self._judge(now_s, at_once=True)
        self._writer.commit()
        self._writer.meta("verdict", judging.verdict(self._writer, self._plan.scenario))
        self._writer.event(now_s, "end", ending.sentence)
        self._writer.meta(
            "ended", {"status": ending.status, "sentence": ending.sentence, "t_s": now_s}
        )
        self._writer.close()
