"""Which rate holds from when to when: a run's steps as a value, without a clock."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from arangolab.pacing import Pace
from arangolab.plan import FOREVER_S, Plan, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A rate that is held."""

    rate_per_s: float
    processes: int
    from_s: float
    until_s: float
    """Planned end; inf for an open-ended one."""
    kind: str = ""
    """Of a search's trial (search.Kind), or ``recovery`` on the way down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """What holds now, and what is still to come."""

    pace: Pace
    """The pace in force (from its anchor on)."""
    held: Held
    to_come: tuple[Step, ...]
    """The steps after this one."""

    @classmethod
    def of(cls, plan: Plan, *, kind: str = "") -> Timetable:
        """The timetable at the run's start; the warm-up belongs to the first step's pace."""
        first, *rest = plan.steps
        from_s = first.rise_s + plan.warm_up_s
        return cls(
            pace=Pace(0.0, 0.0, first.rate_per_s, first.rise_s, loop_users=plan.loop_users),
            held=Held(
                rate_per_s=first.rate_per_s,
                processes=plan.processes,
                from_s=from_s,
                until_s=from_s + _hold_s(first),
                kind=kind,
            ),
            to_come=tuple(rest),
        )

    def following(self, at_s: float) -> Timetable | None:
        """The timetable after this step, which ends at ``at_s``; None when it was the last."""
        if not self.to_come:
            return None
        step, *rest = self.to_come
        from_s = at_s + step.rise_s
        held = replace(
            self.held,
            rate_per_s=step.rate_per_s,
            from_s=from_s,
            until_s=from_s + _hold_s(step),
        )
        pace = self.pace.change(at_s, step.rate_per_s, step.rise_s)
        return Timetable(pace=pace, held=held, to_come=tuple(rest))

    def then(
        self, step: Step, at_s: float, *, processes: int, kind: str = "", paused: bool = False
    ) -> Timetable:
        """The timetable of a step that was not planned; ``paused``: nothing started meanwhile."""
        pace = self.end(self.held.until_s) if paused else self.pace
        table = replace(self, pace=pace, to_come=(step,)).following(at_s)
        assert table is not None  # noqa: S101  (there is a step to come)
        return replace(table, held=replace(table.held, kind=kind, processes=processes))

    def with_rate(self, at_s: float, rate_per_s: float) -> Timetable:
        """The rate is changed by hand; the step's planned end stays, and so does the warm-up's."""
        held = replace(self.held, rate_per_s=rate_per_s, from_s=max(at_s, self.held.from_s))
        return replace(self, pace=self.pace.change(at_s, rate_per_s), held=held)

    def with_processes(self, at_s: float, processes: int) -> Timetable:
        """The number of processes is changed; the rate stays."""
        held = replace(self.held, processes=processes, from_s=max(at_s, self.held.from_s))
        pace = self.pace
        rest_s = max(0.0, pace.anchor_s + pace.rise_s - at_s)
        changed = pace.change(at_s, self.held.rate_per_s, rest_s)
        return replace(self, pace=replace(changed, loop_users=pace.loop_users), held=held)

    def end(self, at_s: float) -> Pace:
        """The pace that starts nothing from ``at_s`` on."""
        return self.pace.change(at_s, 0.0)

    @property
    def ends_s(self) -> float:
        """When all that is planned will have been held."""
        rest_s = math.fsum(step.rise_s + _hold_s(step) for step in self.to_come)
        return self.held.until_s + rest_s


def _hold_s(step: Step) -> float:
    return FOREVER_S if step.hold_s is None else step.hold_s
