"""The course of a run: which rate is held by how many processes, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from arangolab.pacing import Pace
from arangolab.plan import Plan
from arangolab.runner.asked import Ending
from arangolab.runner.crew import Crew
from arangolab.runner.holds import SETTLE_S, Holds
from arangolab.runner.steering import HELD, Done, Move, Steering
from arangolab.runner.timetable import Timetable

LEAD_S: Final = 0.15
"""A change of pace is announced this long ahead, so that all injectors make it at once."""

CALM_IN_FLIGHT: Final = 1
"""So few scenarios in flight are no backlog."""


class Course:
    """Keeps timetable, crew and the holds in the run file in step with each other."""

    def __init__(
        self, plan: Plan, crew: Crew, holds: Holds, steering: Steering | None,
        in_flight_after: Callable[[float], int | None],
    ) -> None:  # fmt: skip
        """``in_flight_after``: what is in flight, as told after a time; None: not told yet."""
        self._plan = plan
        self._crew = crew
        self._holds = holds
        self._steering = steering
        self._in_flight_after = in_flight_after
        self._timetable = Timetable.of(plan, kind=steering.kind if steering else "")
        self._pauses = steering is not None and steering.calm_s > 0
        self._next: Move | None = None
        self._calm_until_s = 0.0
        self._t0_monotonic_s = 0.0

    def rate_at(self, t_s: float) -> float:
        """The rate that is asked for then."""
        timetable = self._timetable
        if self._pauses and t_s >= timetable.held.until_s:
            return 0.0
        return timetable.pace.rate_at(t_s)

    def begin(self, t0_monotonic_s: float) -> None:
        """Zero of time is at hand."""
        self._t0_monotonic_s = t0_monotonic_s
        self._crew.admit(t0_monotonic_s)
        self._crew.share(*self._paces())
        self._open_if_due(0.0)

    def end(self, now_s: float) -> None:
        """Nothing more is held."""
        self._holds.close(min(now_s, self._timetable.held.until_s))
        if self._steering is not None:
            self._steering.close(now_s)

    # -- by hand ----------------------------------------------------------------------------

    def turns(self, now_s: float) -> bool:
        """Whether a step is giving way to another: no time for a change by hand."""
        return now_s + LEAD_S >= self._timetable.held.until_s

    def set_rate(self, rate_per_s: float, now_s: float) -> None:
        """Another rate, as soon as all injectors can know of it."""
        self._change(self._timetable.with_rate(now_s + LEAD_S, rate_per_s))

    def set_max_in_flight(self, bound: int) -> None:
        """Another bound, at once."""
        self._crew.max_in_flight = bound
        self._crew.share(*self._paces())

    def set_processes(self, processes: int, now_s: float) -> None:
        """More injector processes (once they are ready), or fewer."""
        surplus = self._crew.size - processes
        if surplus < 0:
            self._crew.hire(-surplus)
        elif surplus > 0:
            surplus -= self._crew.dismiss_newcomers(surplus)
        if surplus > 0:
            left = len(self._crew.active) - surplus
            timetable = self._timetable.with_processes(now_s + LEAD_S, left)
            self._crew.dismiss(surplus, timetable.pace, self._plan.drain_s)
            self._change(timetable)

    def admit(self, t0_monotonic_s: float, now_s: float) -> None:
        """Those hired while the run goes on take their share, if they are ready."""
        if self._crew.waits and not self.turns(now_s):
            self._crew.admit(t0_monotonic_s)
            processes = len(self._crew.active)
            self._change(self._timetable.with_processes(now_s + LEAD_S, processes))

    def _change(self, timetable: Timetable) -> None:
        """Another pace from its anchor on."""
        at_s = timetable.pace.anchor_s
        self._holds.close(at_s)
        self._timetable = timetable
        self._crew.share(*self._paces())
        self._open_if_due(at_s)

    # -- by plan ----------------------------------------------------------------------------

    def keep(self, now_s: float) -> Ending | None:
        """Go on to the next step when it is time; how the run ends, once it does."""
        if self._next is not None:
            self._go_on_when_calm(self._next, now_s)
            return None
        held = self._timetable.held
        self._open_if_due(now_s)
        self._holds.judge(now_s)
        if self._steering is not None:
            due = now_s >= held.until_s + SETTLE_S
            return self._decide(self._steering, now_s) if due else None
        if now_s >= held.until_s:
            return self._move_on(held.until_s)
        return None

    def _decide(self, steering: Steering, now_s: float) -> Ending | None:
        """The hold is over: what comes next depends on how it was judged."""
        held = self._timetable.held
        self._holds.close(held.until_s)
        self._holds.judge(now_s, at_once=True)
        after = steering.after(Done(held, self._holds.last_number, self._holds.last, now_s))
        if isinstance(after, Ending):
            return after
        self._next, self._calm_until_s = after, now_s
        if after.drain_first:
            self._calm_until_s += steering.calm_s
        if after.step.processes is not None:  # they get ready while what is in flight ends
            self._crew.hire(max(0, after.step.processes - self._crew.size))
        self._go_on_when_calm(after, now_s)
        return None

    def _go_on_when_calm(self, move: Move, now_s: float) -> None:
        """Begin the next step once what is in flight has ended, or has been given its time.

        And once the processes are ready that it adds.
        """
        if self._crew.newcomers and not self._crew.waits:
            return
        in_flight = self._in_flight_after(self._timetable.held.until_s)
        calm = in_flight is not None and in_flight <= CALM_IN_FLIGHT
        if not calm and now_s < self._calm_until_s:
            return
        if not calm and in_flight and move.drain_first and self._pauses:
            left = f"{in_flight} scenarios were still in flight after the time to calm down."
            self._holds.note(now_s, left)
        self._go_on(move, now_s)

    def _go_on(self, move: Move, now_s: float) -> None:
        self._next = None
        if self._crew.waits:
            self._crew.admit(self._t0_monotonic_s)
        self._timetable = self._timetable.then(
            move.step, now_s + LEAD_S, processes=len(self._crew.active), kind=move.kind,
            paused=self._pauses,
        )  # fmt: skip
        self._crew.share(*self._paces())

    def _move_on(self, at_s: float) -> Ending | None:
        following = self._timetable.following(at_s)
        if following is None:
            return Ending("completed", HELD, self._plan.drain_s)
        self._holds.close(at_s)
        self._timetable = following
        self._open_if_due(at_s)
        return None

    def _open_if_due(self, now_s: float) -> None:
        """What is held counts from now on, unless it is yet to be reached, or a closed loop."""
        held = self._timetable.held
        if not (self._holds.is_open or self._plan.loop_users) and now_s >= held.from_s:
            self._holds.open(held)

    def _paces(self) -> list[Pace]:
        """The paces that are known now: this one, and those that follow whatever happens."""
        timetable, paces = self._timetable, [self._timetable.pace]
        if self._steering is not None:
            return [*paces, timetable.end(timetable.held.until_s)] if self._pauses else paces
        while following := timetable.following(timetable.held.until_s):
            paces.append(following.pace)
            timetable = following
        return [*paces, timetable.end(timetable.held.until_s)]
