"""What the terminal says while a run goes on: one line, written over, or plain lines."""

from __future__ import annotations

import math
import shutil
import sys
import time
from typing import Final, TextIO

from arangolab import units
from arangolab.runfile.reader import Run

PLAIN_EVERY_S: Final = 5.0
"""Without a terminal a line is written this often."""


class StatusLine:
    """One line that changes; on something that is not a terminal, a new line now and then."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._next_s = 0.0
        self._shown = ""

    def show(self, text: str, *, now: bool = False) -> None:
        """Show the text; ``now``: even where lines are rare."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write("\r" + text[:width].ljust(min(width, len(self._shown))))
            self._shown = text
        elif now or time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + PLAIN_EVERY_S
            self._stream.write(text + "\n")
        self._stream.flush()

    def clear(self) -> None:
        """Leave the line empty for what is printed next."""
        if self._live and self._shown:
            self._stream.write("\r" + " " * len(self._shown) + "\r")
            self._stream.flush()
        self._shown = ""


class Follower:
    """Reads a run file again and again and says how the run stands."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._plan = run.plan
        self._cursor = 0
        self._now: dict[str, float] = {}

    def words(self) -> str:
        """``step 2 of 5, 4 scenarios/s, 3 in flight, 0 errors, 12 s left``."""
        rows, self._cursor = self.run.new_samples(self._cursor)
        for _, source, name, value in rows:
            if source == "injector":
                self._now[name] = value
        steps = self.run.steps()
        planned = len(self._plan.steps)
        errors = self.run.query("SELECT coalesce(sum(count), 0) FROM errors")[0][0]
        parts = [
            f"step {len(steps)} of {planned}" if planned > 1 else self._plan.scenario,
            units.rate(steps[-1].rate_per_s) if steps else "warm-up",
            f"{self._now.get('in_flight', 0):.0f} in flight",
            f"{errors} errors",
            left_words(self._left_s()),
        ]
        return ", ".join(parts)

    def _left_s(self) -> float:
        return max(0.0, self._plan.duration_s - self.run.duration_s)


def left_words(left_s: float) -> str:
    """``12 s left``, ``until stopped``, ``draining``."""
    if math.isinf(left_s):
        return "until stopped"
    return f"{units.seconds(round(left_s))} left" if left_s else "draining"
