"""Conducts one run, from the first check of the server to the closed run file."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final

from arangolab import units
from arangolab.errors import ArangolabError, InputError
from arangolab.injector import protocol
from arangolab.injector.launcher import Exited
from arangolab.metrics.limits import process_limits
from arangolab.runfile.writer import RunWriter
from arangolab.runner import commands, judging, verdicts
from arangolab.runner.asked import Asked, Ending
from arangolab.runner.course import LEAD_S, Course
from arangolab.runner.crew import END_GRACE_S, Crew, exit_words
from arangolab.runner.errands import run_errand
from arangolab.runner.facts import run_facts
from arangolab.runner.holds import Holds
from arangolab.runner.ledger import Ledger
from arangolab.runner.order import Order
from arangolab.runner.recorder import Recorder
from arangolab.runner.sources import Sources
from arangolab.runner.steering import steering_of
from arangolab.scenarios.catalogue import check_server
from arangolab.target import connect

HEAR_S: Final = 0.05
"""How long the conductor listens before it looks at the clock again."""
HURRY_S: Final = 0.5
"""What an injector is given to report once a drain is cut short."""
_PACED: Final = frozenset({"rate", "processes", "max_in_flight"})


class Conductor:
    """One run."""

    def __init__(self, order: Order, asked: Asked) -> None:
        self._order = order
        self._plan = order.plan
        self._asked = asked
        self._ledger = Ledger(order.plan.interval_s)
        self._ending: Ending | None = None
        self._t0_s = 0.0

    def conduct(self, ready: Callable[[], None]) -> Ending:
        """Run it; ``ready`` is called once the first scenario is about to start.

        Raises ArangolabError when the run cannot begin, or its file cannot be written any more.
        """
        self._prepare()
        try:
            self._begin()
            ready()
            while self._ending is None:
                self._turn()
            self._wind_up(self._ending)
        except Exception as error:
            self._break_off(error)
            raise
        finally:
            self._crew.kill()
            self._sources.close()
        return self._ending

    # -- before -----------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Check the server, start everything, and only then make the run file."""
        plan, target = self._plan, self._order.target
        server = connect(target)
        check_server(plan.parts, server.version)
        self._server: dict[str, Any] = {
            **asdict(server),
            **target.to_dict(),
            "name": server.name,
            "limits": process_limits(server.pid) if server.pid else {},
        }
        run_errand("setup", plan, target, self._given_up)
        self._sources = Sources(plan, target, server, self._order.path.with_suffix(".collectd"))
        self._crew = Crew(plan, target, self._sources.statsd.port, self._sources.further)
        try:
            self._crew.hire(plan.processes)
            judging.preload()
            self._crew.wait_until_ready()
            self._asked.begun = True
            self._writer = RunWriter(self._order.path)
        except BaseException:
            self._crew.kill()
            self._sources.close()
            raise
        self._recorder = Recorder(
            self._writer, self._sources, self._ledger, self._server, plan.interval_s
        )
        self._holds = Holds(self._writer, self._sources, plan.objective)
        steering = steering_of(plan, self._writer, sandbox=bool(server.sandbox))
        known = self._ledger.in_flight_after
        self._course = Course(plan, self._crew, self._holds, steering, known)

    def _given_up(self) -> bool:
        return bool(self._asked.stop_because)

    def _begin(self) -> None:
        """Write the facts down; zero of time."""
        facts = run_facts(self._plan, self._server, self._sources.statsd.port)
        for name, value in facts.items():
            self._writer.meta(name, value)
        self._t0_s = time.monotonic() + LEAD_S
        started_unix_s = time.time() + LEAD_S
        self._writer.meta("started_unix_s", started_unix_s)
        words = f"{self._plan.called} on {self._server['name']}"
        self._writer.event(0.0, "start", f"The run begins: {words}.")
        if self._plan.warm_up_s:
            held = units.seconds(self._plan.warm_up_s)
            self._writer.event(0.0, "start", f"Warm-up for {held}; it does not count.")
        self._course.begin(self._t0_s)
        self._sources.start(self._now_s, started_unix_s)
        self._writer.commit()

    def _now_s(self) -> float:
        return time.monotonic() - self._t0_s

    # -- while it runs ----------------------------------------------------------------------

    def _turn(self) -> None:
        """One round: hear, obey, keep time, sample."""
        self._hear(HEAR_S)
        now_s = self._now_s()
        self._obey(now_s)
        self._course.admit(self._t0_s, now_s)
        self._end(self._course.keep(now_s))
        self._sample(now_s)
        if self._asked.stop_because:
            self._end(Ending("stopped", self._asked.stop_because, 0.0))

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
            case protocol.Dry(reason=reason):
                if self._crew.ran_dry(worker):
                    self._end(Ending("completed", reason, self._plan.drain_s))
            case protocol.Fatal(message=what):
                self._lost(worker, f"Injector {worker} gave up: {what}")
            case protocol.End(statsd_losses=losses):
                for where, lines in losses.items():
                    text = f"Injector {worker} could not send {lines} statsd lines to {where}."
                    self._writer.event(self._now_s(), "warning", text)
            case Exited():
                self._ledger.left(worker)
                why = f"Injector {worker} {exit_words(message)}."
                self._lost(worker, why, in_order=message.returncode == 0)

    def _lost(self, worker: int, why: str, *, in_order: bool = False) -> None:
        """A worker ends: as it was told to, or for a reason of its own."""
        newcomer, leaving = worker in self._crew.newcomers, worker in self._crew.leaving
        if self._crew.gone(worker):
            self._end(Ending("failed", f"{why} The run was ended with what it had.", 0.0))
        elif newcomer:
            text = f"A further process could not join: {why} The run goes on without it."
            self._writer.event(self._now_s(), "error", text)
        elif leaving and not in_order:
            text = f"{why} What it had in flight is not accounted for."
            self._writer.event(self._now_s(), "error", text)

    def _end(self, ending: Ending | None) -> None:
        """The run is to end so; the first reason stays, the shorter drain counts."""
        first = self._ending
        if first is not None and ending is not None:
            ending = replace(first, drain_s=min(first.drain_s, ending.drain_s))
        self._ending = ending or first

    # -- commands ---------------------------------------------------------------------------

    def _obey(self, now_s: float) -> None:
        """Carry commands out; those that change the pace wait while a step gives way to another."""
        for number, name, value in self._writer.take_commands():
            if name in _PACED and (self._ending is not None or self._course.turns(now_s)):
                continue
            refused = None
            try:
                self._carry_out(name, value, now_s)
            except ArangolabError as error:
                refused = str(error)
                self._writer.event(now_s, "warning", f"Not done: {error}")
            self._writer.command_taken(number, now_s, refused=refused)
            self._writer.commit()

    def _carry_out(self, name: str, value: Any, now_s: float) -> None:
        match name:
            case "rate":
                self._course.set_rate(commands.rate_of(value), now_s)
            case "processes":
                bound = self._crew.max_in_flight
                processes = commands.processes_of(value, self._plan, bound)
                self._course.set_processes(processes, now_s)
            case "max_in_flight":
                self._course.set_max_in_flight(commands.bound_of(value, self._crew.size))
            case "stop":
                drain_s = self._plan.drain_s if commands.drain_of(value) else 0.0
                self._end(Ending("stopped", "Stopped by command.", drain_s))
                return
            case "note":
                self._writer.event(now_s, "note", commands.note_of(value))
                return
            case _:
                raise InputError(f"{name!r} is not a command.")
        self._writer.event(now_s, "command", commands.words(name, value))

    # -- samples ----------------------------------------------------------------------------

    def _sample(self, now_s: float, *, at_once: bool = False) -> None:
        """Each interval, or at once: what was measured goes into the run file."""
        if at_once or self._recorder.is_due(now_s):
            rate_per_s = 0.0 if self._ending else self._course.rate_at(now_s)
            workers = {*self._crew.active, *self._crew.leaving}
            self._recorder.record(now_s, rate_per_s, workers)

    # -- the end ----------------------------------------------------------------------------

    def _wind_up(self, ending: Ending) -> None:
        """Drain, report, judge, close."""
        now_s = self._now_s()
        self._course.end(now_s)
        self._crew.stop(ending.drain_s)
        if self._asked.stop_because:
            self._say_ended(ending, now_s)  # who asked may not wait for the rest
            self._writer.commit()
        elif ending.drain_s and any(i.in_flight for i in self._ledger.latest.values()):
            text = f"Waiting up to {units.seconds(ending.drain_s)} for what is in flight."
            self._writer.event(now_s, "drain", text)
        self._wait_for_crew(now_s + ending.drain_s + END_GRACE_S)
        now_s = self._now_s()
        for worker in self._crew.leaving:
            text = f"Injector {worker} did not report in time. What it had in flight is not known."
            self._writer.event(now_s, "error", text)
        self._crew.kill()
        self._sample(now_s, at_once=True)
        self._recorder.finish(now_s)
        self._tidy_up(now_s)
        self._holds.judge(now_s, at_once=True)
        self._writer.commit()
        self._writer.meta("verdict", verdicts.verdict(self._writer, self._plan))
        self._writer.event(now_s, "end", ending.sentence)
        self._say_ended(ending, now_s)
        for number, _, _ in self._writer.take_commands():
            self._writer.command_taken(number, now_s, refused="The run was ending.")
        self._writer.close()

    def _tidy_up(self, now_s: float) -> None:
        """The scenarios' teardown; what goes wrong in it is said, and spoils nothing."""
        try:
            run_errand("teardown", self._plan, self._order.target, self._given_up)
        except ArangolabError as error:
            self._writer.event(now_s, "error", str(error))

    def _wait_for_crew(self, give_up_s: float) -> None:
        """Until all have reported; a stop without drain, or the parent's end, cuts it short."""
        hurried = not self._ending or not self._ending.drain_s
        while self._crew.leaving and (now_s := self._now_s()) < give_up_s:
            self._hear(HEAR_S)
            self._sample(now_s)
            if not hurried and (self._asked.stop_because or self._told_to_hurry(now_s)):
                hurried = True
                self._crew.stop(0.0)
                give_up_s = now_s + HURRY_S

    def _told_to_hurry(self, now_s: float) -> bool:
        """Obey what may still be asked while the run drains; whether it is a stop at once."""
        asked = [value for _, name, value in self._writer.take_commands() if name == "stop"]
        self._obey(now_s)
        return not all(commands.drain_of(value) for value in asked)

    def _say_ended(self, ending: Ending, now_s: float) -> None:
        words = {"status": ending.status, "sentence": ending.sentence, "t_s": now_s}
        self._writer.meta("ended", words)

    def _break_off(self, error: Exception) -> None:
        """Something failed that must not: the file is to say so, if it can."""
        why = (
            error.what if isinstance(error, ArangolabError) else f"{type(error).__name__}: {error}"
        )
        sentence = f"The run broke: {why}"
        self._writer.abandon({"status": "failed", "sentence": sentence, "t_s": self._now_s()})
