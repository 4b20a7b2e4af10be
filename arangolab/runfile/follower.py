"""How a running run stands, in words."""

from __future__ import annotations

import math

from arangolab import units
from arangolab.runfile.reader import Run


class Follower:
    """Reads a run file again and again and says how the run stands."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._plan = run.plan
        self._cursor = 0
        self.now: dict[str, float] = {}
        """The latest samples of the source injector."""

    def words(self) -> str:
        """``step 2 of 5, 4 scenarios/s, 3 in flight, 0 errors, 12 s left``."""
        rows, self._cursor = self.run.new_samples(self._cursor)
        for _, source, name, value in rows:
            if source == "injector":
                self.now[name] = value
        steps = self.run.steps()
        planned = len(self._plan.steps)
        errors = self.run.query("SELECT coalesce(sum(count), 0) FROM errors")[0][0]
        outlook = self.run.meta("outlook")
        if outlook:
            where = f"trial {outlook['trial']} ({outlook['kind']})"
        else:
            where = f"step {len(steps)} of {planned}" if planned > 1 else self._plan.scenario
        parts = [
            where,
            units.rate(steps[-1].rate_per_s) if steps else "warm-up",
            f"{self.now.get('in_flight', 0):.0f} in flight",
            f"{errors} errors",
            self._left_words(bool(outlook)),
        ]
        return ", ".join(parts)

    def _left_words(self, searching: bool) -> str:
        if searching:
            return f"about {left_words(self.run.left_s)}"
        return left_words(self.run.left_s, most=self._plan.stop_when_maxed_out)


def left_words(left_s: float, *, most: bool = False) -> str:
    """``12 s left``, ``until stopped``, ``draining``; ``most``: it may well end before."""
    if math.isinf(left_s):
        return "until stopped"
    if not left_s:
        return "draining"
    return ("at most " if most else "") + f"{units.seconds(round(left_s))} left"
