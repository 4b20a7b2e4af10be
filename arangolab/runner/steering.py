"""Which rate comes after one that was judged: what was declared, or what the search wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Protocol

from arangolab import capacity, search, units
from arangolab.objective import Objective
from arangolab.plan import Plan, Step
from arangolab.runfile.writer import RunWriter
from arangolab.runner import judging
from arangolab.runner.asked import Ending
from arangolab.runner.timetable import Held
from arangolab.search import Probe, Result, Trial

HELD: Final = "All that was planned was held."
ENDED_EARLY: Final = "the run ended on its way back down"
NOT_VALID: Final = "not every step on the way back down is valid"
NOWHERE: Final = "no lower rate had been sustained, so there was none to go back to"


@dataclass(frozen=True, slots=True)
class Move:
    """The step that comes next."""

    step: Step
    kind: str = ""
    """Of a search's trial; see search.Kind."""
    drain_first: bool = True
    """What is in flight ends before it begins."""


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was held and judged."""

    held: Held
    number: int
    """In the run file."""
    judgement: Mapping[str, Any]
    now_s: float


class Steering(Protocol):
    """Decides after each step of a run."""

    kind: str
    """Of the first step."""
    calm_s: float
    """Seconds given to what is in flight to end between two steps; 0: none."""

    def after(self, done: Done) -> Move | Ending:
        """What comes after a step that was judged, or how the run ends."""

    def close(self, now_s: float) -> None:
        """Nothing more will be held: write down what it came to."""


class Declared:
    """The plan's steps in their order, until one is not sustained; then perhaps back down."""

    kind = ""

    def __init__(self, plan: Plan, writer: RunWriter) -> None:
        self._plan = plan
        self._writer = writer
        self.calm_s = plan.calm_s
        self._to_come = list(plan.steps[1:])
        self._driven: list[tuple[Step, Mapping[str, Any]]] = []
        self._down: list[Step] | None = None
        self._why = HELD
        self._back: dict[str, Any] = {}
        self._all_valid = True
        """Of the steps on the way down."""

    def after(self, done: Done) -> Move | Ending:
        """Push harder, unless it was too much already; on the way down, until all is well."""
        held, judgement = done.held, done.judgement
        if self._down is not None:
            return self._further_down(done)
        planned = self._plan.steps[len(self._driven)]
        self._driven.append((replace(planned, rate_per_s=held.rate_per_s), judgement))
        maxed_out = judgement["valid"] and not judgement["sustained"]
        if maxed_out and self._to_come:
            rate, left = units.rate(held.rate_per_s), len(self._to_come)
            self._why = (
                f"{rate} was not sustained; what was planned above it ({left} more) was left out."
            )
        if self._to_come and not maxed_out:
            return Move(self._to_come.pop(0))
        if not (maxed_out and self._plan.ramp_down):
            return self._ending()
        below = [
            step
            for step, judged in self._driven
            if judged["sustained"] and step.rate_per_s < held.rate_per_s
        ]
        self._down = sorted(below, key=lambda step: step.rate_per_s)
        self._back = {
            "overload_per_s": held.rate_per_s,
            "back_at_per_s": None,
            "recovery_s": None,
            "from_step": done.number + 1,
            "not_known_because": ENDED_EARLY if below else NOWHERE,
        }
        return self._descend()

    def _further_down(self, done: Done) -> Move | Ending:
        held, judgement = done.held, done.judgement
        self._all_valid = self._all_valid and judgement["valid"]
        calm = judging.usual_in_flight(self._sustained_near(held.rate_per_s), held.rate_per_s)
        took_s = judging.came_back_s(self._writer, held.from_s, held.until_s, calm)
        if took_s is None:
            _never_calm(self._writer, done)
        elif judgement["sustained"]:
            self._back |= {
                "back_at_per_s": held.rate_per_s,
                "recovery_s": took_s,
                "not_known_because": "",
            }
            return self._ending()
        if not self._down:
            self._back["not_known_because"] = "" if self._all_valid else NOT_VALID
        return self._descend()

    def _sustained_near(self, rate_per_s: float) -> Mapping[str, Any]:
        """How the sustained rate next to this one was judged; one changed by hand has none."""
        sustained = [(step, judged) for step, judged in self._driven if judged["sustained"]]
        return min(sustained, key=lambda one: abs(one[0].rate_per_s - rate_per_s))[1]

    def _descend(self) -> Move | Ending:
        if not self._down:
            return self._ending()
        return Move(self._down.pop(), kind="recovery", drain_first=False)

    def _ending(self) -> Ending:
        return Ending("completed", self._why, self._plan.drain_s)

    def close(self, now_s: float) -> None:
        """Write down how the server came back."""
        if self._back:
            self._writer.meta("recovery", self._back)
            self._writer.event(now_s, "note", capacity.back_words(self._back))


class Searching:
    """The search of search.py, with its history in the run file as it grows."""

    kind = "trial"

    def __init__(self, plan: Plan, writer: RunWriter, sandbox: bool) -> None:
        assert plan.search is not None  # noqa: S101  (or there is nothing to steer)
        self._plan = plan
        self._how = plan.search
        self._writer = writer
        self._sandbox = sandbox
        self.calm_s = self._how.calm_s
        self._history: list[Trial] = []
        self._numbers: list[int] = []
        self._result: Result | None = None
        self._decided_s = 0.0
        self._calm: Mapping[str, Any] | None = None
        first = search.advise((), self._how)
        if isinstance(first, Probe):
            self._tell(first, 0.0)

    def after(self, done: Done) -> Move | Ending:
        """Take the judgement into the history, and ask the search."""
        trial = self._trial(done.held, done.judgement, done.now_s)
        if trial.kind == "recovery" and trial.recovery_s is None:
            _never_calm(self._writer, done)
        self._history.append(trial)
        self._numbers.append(done.number)
        self._decided_s = done.now_s
        if done.judgement["sustained"]:
            self._calm = done.judgement
        advice = search.advise(self._history, self._how)
        if isinstance(advice, Result):
            self._result = advice
            return Ending("completed", "The search for the capacity is over.", self._plan.drain_s)
        self._tell(advice, done.now_s)
        step = Step(rate_per_s=advice.rate_per_s, hold_s=advice.hold_s)
        return Move(step, advice.kind, advice.drain_first)

    def _trial(self, held: Held, judgement: Mapping[str, Any], now_s: float) -> Trial:
        seen = judgement["observation"]
        reasons = "; ".join(judgement["reasons"])
        recovery_s = None
        if held.kind == "recovery":
            usual = judging.usual_in_flight(self._calm, held.rate_per_s)
            recovery_s = judging.came_back_s(self._writer, held.from_s, held.until_s, usual)
        return Trial(
            rate_per_s=held.rate_per_s,
            kind=held.kind or "trial",  # type: ignore[arg-type]
            held_s=now_s - self._decided_s,
            sustained=judgement["sustained"],
            valid=judgement["valid"],
            scenarios=seen["intended"],
            dispersion=seen["dispersion"],
            band_ratio=judgement["unseen_ratio"],
            injector_limited=not judgement["valid"] and reasons.startswith("injector-limited"),
            reason=reasons,
            recovery_s=recovery_s,
        )

    def _tell(self, probe: Probe, now_s: float) -> None:
        """What is tried next, why, and how long it will all take."""
        number = len(self._history) + 1
        rate, held = units.rate(probe.rate_per_s, self._plan.scenario), units.seconds(probe.hold_s)
        if now_s:
            words = f"Trial {number}: {rate} for {held} ({probe.why})."
            self._writer.event(now_s, "search", words)
        outlook = {
            "at_s": now_s,
            "left_s": search.left_s(self._history, self._how) + self._plan.drain_s / 4,
            "trial": number,
            "kind": probe.kind,
        }
        self._writer.meta("outlook", outlook)
        self._write_history()

    def _write_history(self) -> None:
        rows = [
            {"step": number, **asdict(trial)}
            for number, trial in zip(self._numbers, self._history, strict=True)
        ]
        self._writer.meta("trials", rows)

    def close(self, now_s: float) -> None:
        """Write down what is known, also of a search that was ended before its time."""
        self._write_history()
        result = self._result or search.stopped(self._history, self._how)
        result = capacity.worded(
            result, self._plan.scenario, self._objective, sandbox=self._sandbox
        )
        self._writer.meta("capacity", asdict(result))
        self._writer.event(now_s, "search", result.sentence)

    @property
    def _objective(self) -> Objective:
        return self._plan.objective


def _never_calm(writer: RunWriter, done: Done) -> None:
    """A rate on the way down is not sustained while the overload's backlog stays."""
    why = "what the overload had left in flight did not come back to its usual level"
    judgement = done.judgement
    if judgement["valid"]:
        reasons = (*judgement["reasons"], why)
        writer.step_judged(done.number, {**judgement, "sustained": False, "reasons": reasons})


def steering_of(plan: Plan, writer: RunWriter, *, sandbox: bool) -> Steering | None:
    """What steers the run; None: its steps follow each other whatever happens."""
    if plan.search is not None:
        return Searching(plan, writer, sandbox)
    if plan.stop_when_maxed_out:
        return Declared(plan, writer)
    return None
