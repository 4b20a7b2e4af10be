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
    """An arrival rate from an anchor on, reached at once or in a linear rise (or fall).

    The cumulative number of arrivals at time ``t`` is ``anchor_count`` plus the integral of the
    rate since the anchor; start ``g`` is due when that reaches its position
    (:mod:`arangolab.arrivals`), which is ``g`` where arrivals are evenly spaced.
    """

    anchor_s: float
    """Seconds since the run's start from which this pace holds."""
    anchor_count: float
    """Arrivals due up to the anchor; its fraction is the phase carried over a rate change."""
    rate_per_s: float
    """Arrivals per second over all processes; 0 pauses."""
    rise_s: float = 0.0
    """Seconds from the anchor on in which the rate is reached; 0: at once."""
    from_rate_per_s: float = 0.0
    """Rate at the anchor, where the rate is not reached at once."""
    loop_users: int = 0
    """Users in a closed loop, over all processes, instead of arrivals."""

    @property
    def starts_any(self) -> bool:
        """Whether any start belongs to this pace, if it lasts."""
        return self.rate_per_s > 0 or (self.rise_s > 0 and self.from_rate_per_s > 0)

    def rate_at(self, t_s: float) -> float:
        """Arrivals per second at ``t_s``."""
        since_s = max(0.0, t_s - self.anchor_s)
        if since_s >= self.rise_s:
            return self.rate_per_s
        return self.from_rate_per_s + self._gain_per_s * since_s / self.rise_s

    def count_at(self, t_s: float) -> float:
        """Arrivals due up to ``t_s`` (seconds since the run's start), a real number."""
        since_s = max(0.0, t_s - self.anchor_s)
        missed = 0.0
        if self.rise_s:
            rising_s = min(since_s, self.rise_s)
            missed = self._gain_per_s * (rising_s - rising_s**2 / (2 * self.rise_s))
        return self.anchor_count + since_s * self.rate_per_s - missed

    def due_s(self, position: float) -> float:
        """Seconds since the run's start at which the start there is due; inf while paused."""
        due = position - self.anchor_count
        if due <= 0:
            return self.anchor_s
        from_s = self.anchor_s
        if self.rise_s:
            risen = (self.from_rate_per_s + self.rate_per_s) / 2 * self.rise_s
            if due < risen:
                return from_s + self._risen_s(due)
            from_s, due = from_s + self.rise_s, due - risen
        if self.rate_per_s <= 0:
            return math.inf
        return from_s + due / self.rate_per_s

    def change(self, at_s: float, rate_per_s: float, rise_s: float = 0.0) -> Pace:
        """The pace that follows from ``at_s`` on: no start is lost, doubled or bunched."""
        now_per_s = self.rate_at(at_s) if rise_s else 0.0
        return Pace(at_s, self.count_at(at_s), rate_per_s, rise_s, now_per_s)

    @property
    def _gain_per_s(self) -> float:
        return self.rate_per_s - self.from_rate_per_s

    def _risen_s(self, arrivals: float) -> float:
        """How long after the anchor the rise has brought so many arrivals.

        The root of a quadratic equation, in the form that loses no digits when the rise is slow.
        """
        begin = self.from_rate_per_s
        square = begin**2 + 2 * self._gain_per_s / self.rise_s * arrivals
        return 2 * arrivals / (begin + math.sqrt(max(0.0, square)))


def first_of_share(not_before: float, index: int, of: int) -> int:
    """The smallest start number >= ``not_before`` that process ``index`` of ``of`` takes."""
    g = max(0, math.ceil(not_before))
    return g + (index - g) % of


def share_of(whole: int, index: int, of: int) -> int:
    """Process ``index``'s part of ``whole`` things that are shared as evenly as can be."""
    return whole // of + (index < whole % of)


def share_users(first: int, last: int, index: int, of: int) -> tuple[int, int]:
    """The contiguous part of users ``first..last`` (both included) that process ``index`` drives.

    Parts are disjoint, cover the range, and differ by at most one user in size.
    """
    n = last - first + 1
    return first + n * index // of, first + n * (index + 1) // of - 1
