"""The rates that were held: their rows in the run file, and how each is judged."""

from __future__ import annotations

from typing import Any, Final

from arangolab import units
from arangolab.plan import Objective
from arangolab.runfile.writer import RunWriter
from arangolab.runner import judging
from arangolab.runner.sources import Sources
from arangolab.runner.timetable import Held

SETTLE_S: Final = 0.2
"""The injectors' accounting of an interval is complete this long after its end."""


class Holds:
    """At most one hold is open; those that are over wait until their accounting is in."""

    def __init__(self, writer: RunWriter, sources: Sources, objective: Objective) -> None:
        self._writer = writer
        self._sources = sources
        self._objective = objective
        self._number = 0
        self._held: Held | None = None
        self._calm_ms: float | None = None
        self._to_judge: list[tuple[int, Held, float]] = []
        self.last: dict[str, Any] = {"valid": False, "sustained": False}
        """The last judgement."""
        self.last_number = -1
        """The number of the step that it judges."""

    @property
    def is_open(self) -> bool:
        """Whether a rate is held that counts (not so in the warm-up)."""
        return self._held is not None

    def open(self, held: Held) -> None:
        """The rate is held from ``held.from_s`` on."""
        self._held = held
        self._writer.step_begin(self._number, held.rate_per_s, held.processes, held.from_s)
        processes = "1 process" if held.processes == 1 else f"{held.processes} processes"
        words = f"{units.rate(held.rate_per_s)} from {processes}."
        self._writer.event(held.from_s, "step", words)

    def close(self, to_s: float) -> None:
        """It is held no longer; its judgement waits for the accounting of its last interval.

        A hold that had not begun by ``to_s`` is struck out.
        """
        held, self._held = self._held, None
        if held is None:
            return
        if held.from_s >= to_s:
            self._writer.step_dropped(self._number)
            return
        self._writer.step_end(self._number, to_s)
        self._to_judge.append((self._number, held, to_s))
        self._number += 1

    def judge(self, now_s: float, *, at_once: bool = False) -> None:
        """Judge the holds whose accounting is in; with ``at_once``, by what there is."""
        while self._to_judge and (at_once or now_s >= self._to_judge[0][2] + SETTLE_S):
            number, held, to_s = self._to_judge.pop(0)
            self._writer.commit()
            from_s = held.from_s
            if held.kind == "recovery":  # what the overload left behind is not held against it
                from_s = (from_s + to_s) / 2
            self.last_number, self.last = (
                number,
                judging.judge_step(
                    self._writer,
                    self._sources,
                    self._objective,
                    from_s,
                    to_s,
                    calm_ms=self._calm_ms,
                ),
            )
            if self._calm_ms is None and self.last["sustained"]:
                self._calm_ms = self.last["observation"]["service_p50_ms"]
            self._writer.step_judged(number, self.last)

    def note(self, now_s: float, text: str) -> None:
        """Say something on the run's time axis."""
        self._writer.event(now_s, "warning", text)
