"""The wall clock, by which others stamp their values, laid against the run's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

STEP_S: Final = 0.25
"""A wall clock that is off by more, against the run's monotonic one, was set."""


class WallClock:
    """When the run's time began, in wall clock time; it moves when somebody sets the clock."""

    def __init__(
        self,
        now_s: Callable[[], float],
        started_unix_s: float,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        """``now_s``: seconds since the run's start, monotonic; ``started_unix_s``: when it was."""
        self.started_unix_s = started_unix_s
        self._now_s = now_s
        self._wall_s = wall_s

    def now_unix_s(self) -> float:
        """Now."""
        return self._wall_s()

    def passed_s(self) -> float:
        """Seconds since the run's start, monotonic."""
        return self._now_s()

    def look(self) -> float:
        """By how many seconds the wall clock was set since the last look; 0 as a rule."""
        moved_s = self._wall_s() - self._now_s() - self.started_unix_s
        if abs(moved_s) < STEP_S:
            return 0.0
        self.started_unix_s += moved_s
        return moved_s
