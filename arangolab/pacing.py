"""When the k-th start is due: pure functions of the schedule, without a clock.

A schedule is global to a run.  Start ``g`` (0, 1, 2, ...) of the run is due at a time that
depends on the schedule alone, never on when earlier starts really happened, so it cannot
drift.  With several injector processes each one takes the starts ``g`` with
``g % of == index``; together they make exactly the global schedule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """A constant arrival rate from an anchor on.

    The cumulative number of arrivals at time ``t`` is
    ``anchor_count + (t - anchor_s) * rate_per_s``; start ``g`` is due when it reaches ``g``.
    """

    anchor_s: float
    """Seconds since the run's start from which this pace holds."""
    anchor_count: float
    """Arrivals due up to the anchor; its fraction is the phase carried over a rate change."""
    rate_per_s: float
    """Arrivals per second over all processes; 0 pauses."""

    def count_at(self, t_s: float) -> float:
        """Arrivals due up to ``t_s`` (seconds since the run's start), a real number."""
        return self.anchor_count + max(0.0, t_s - self.anchor_s) * self.rate_per_s

    def due_s(self, g: int) -> float:
        """Seconds since the run's start at which start ``g`` is due; inf while paused."""
        if g <= self.anchor_count:
            return self.anchor_s
        if self.rate_per_s <= 0:
            return math.inf
        return self.anchor_s + (g - self.anchor_count) / self.rate_per_s

    def change(self, at_s: float, rate_per_s: float) -> Pace:
        """The pace that follows from ``at_s`` on: no start is lost, doubled or bunched."""
        return Pace(at_s, self.count_at(at_s), rate_per_s)


def first_of_share(not_before: float, index: int, of: int) -> int:
    """The smallest start number >= ``not_before`` that process ``index`` of ``of`` takes."""
    g = max(0, math.ceil(not_before))
    return g + (index - g) % of


def share_users(first: int, last: int, index: int, of: int) -> tuple[int, int]:
    """The contiguous part of users ``first..last`` (both included) that process ``index`` drives.

    Parts are disjoint, cover the range, and differ by at most one user in size.
    """
    n = last - first + 1
    return first + n * index // of, first + n * (index + 1) // of - 1
