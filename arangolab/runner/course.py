"""The course of a run: which rate is held by how many processes, and what comes next."""

from __future__ import annotations

from typing import Final

from arangolab import units
from arangolab.pacing import Pace
from arangolab.plan import Plan
from arangolab.runner.asked import Ending
from arangolab.runner.crew import Crew
from arangolab.runner.holds import SETTLE_S, Holds
from arangolab.runner.timetable import Timetable

LEAD_S: Final = 0.15
"""A change of pace is announced this long ahead, so that all injectors make it at once."""


class Course:
    """Keeps timetable, crew and the holds in the run file in step with each other."""

    def __init__(self, plan: Plan, crew: Crew, holds: Holds) -> None:
        self._plan = plan
        self._crew = crew
        self._holds = holds
        self._timetable = Timetable.of(plan)

    def rate_at(self, t_s: float) -> float:
        """The rate that is asked for then."""
        return self._timetable.pace.rate_at(t_s)

    def begin(self, t0_monotonic_s: float) -> None:
        """Zero of time is at hand."""
        self._crew.admit(t0_monotonic_s)
        self._crew.share(*self._paces())
        self._open_if_due(0.0)

    def end(self, now_s: float) -> None:
        """Nothing more is held."""
        self._holds.close(min(now_s, self._timetable.held.until_s))

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
        held = self._timetable.held
        self._open_if_due(now_s)
        self._holds.judge(now_s)
        if self._plan.stop_when_maxed_out and self._timetable.to_come:
            return self._decide(now_s) if now_s >= held.until_s + SETTLE_S else None
        if now_s >= held.until_s:
            return self._move_on(held.until_s)
        return None

    def _decide(self, now_s: float) -> Ending | None:
        """The hold is over: push harder, unless it was too much already."""
        held = self._timetable.held
        self._holds.close(held.until_s)
        self._holds.judge(now_s, at_once=True)
        judgement = self._holds.last
        if judgement["valid"] and not judgement["sustained"]:
            rate, left = units.rate(held.rate_per_s), len(self._timetable.to_come)
            words = f"{rate} was not sustained; what was planned above it ({left} more)"
            return Ending("completed", f"{words} was left out.", self._plan.drain_s)
        self._move_on(now_s + LEAD_S)
        self._crew.share(*self._paces())
        return None

    def _move_on(self, at_s: float) -> Ending | None:
        following = self._timetable.following(at_s)
        if following is None:
            return Ending("completed", "All that was planned was held.", self._plan.drain_s)
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
        while following := timetable.following(timetable.held.until_s):
            if self._plan.stop_when_maxed_out:
                return paces
            paces.append(following.pace)
            timetable = following
        return [*paces, timetable.end(timetable.held.until_s)]
