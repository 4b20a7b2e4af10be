"""Which start is next, and when: this injector's share of the run's global schedule."""

from __future__ import annotations

import math
from collections import deque

from arangolab.arrivals import Arrivals, Even
from arangolab.injector.protocol import Pace as PaceMessage
from arangolab.pacing import Pace, first_of_share


class Schedule:
    """The paces in force and to come; hands out start numbers, each once.

    A pace governs the starts from ``anchor_count`` on; those before belong to the one it follows,
    so a start that is late when the rate changes is neither lost nor doubled.  A pace with an
    anchor in the future waits for its turn; a new one replaces all that were to begin at its
    anchor or later.  A pace of rate 0 starts nothing.
    """

    def __init__(self, arrivals: Arrivals | None = None) -> None:
        self._arrivals = arrivals or Even()
        self._paces: deque[PaceMessage] = deque()
        self._now: PaceMessage | None = None
        self._pace = Pace(0.0, 0.0, 0.0)
        self._next = 0
        self._from = 0

    @property
    def current(self) -> PaceMessage | None:
        """The pace that governs the next start; None before the first."""
        return self._now

    @property
    def ends_s(self) -> float:
        """Seconds since the run's start from which a pace of rate 0 starts nothing; -inf: none."""
        last = self._paces[-1] if self._paces else self._now
        return last.anchor_s if last is not None and last.rate_per_s <= 0 else -math.inf

    def set(self, message: PaceMessage) -> None:
        """Take a pace in."""
        while self._paces and self._paces[-1].anchor_s >= message.anchor_s:
            self._paces.pop()
        self._paces.append(message)
        if self._now is None:
            self._advance()

    def due_s(self) -> float:
        """Seconds since the run's start at which the next start is due; inf when none is."""
        while self._paces and self._is_over(self._paces[0]):
            self._advance()
        if self._now is None or not self._pace.starts_any:
            return math.inf
        return self._pace.due_s(self._arrivals.position(self._next))

    def take(self) -> int:
        """The number of the next start, which is then the one after."""
        g = self._next
        self._from = g + 1
        self._next = g + (self._now.of if self._now else 1)
        return g

    def _is_over(self, following: PaceMessage) -> bool:
        """Whether the pace in force has no start left before ``following`` begins."""
        if self._now is None or not self._pace.starts_any:
            return True
        return self._arrivals.position(self._next) >= following.anchor_count

    def _advance(self) -> None:
        """Put the next pace in force."""
        message = self._paces.popleft()
        self._now = message
        self._pace = Pace(
            message.anchor_s,
            message.anchor_count,
            message.rate_per_s,
            message.rise_s,
            message.from_rate_per_s,
        )
        first = self._arrivals.first_from(self._from, message.anchor_count)
        self._next = first_of_share(first, message.index, message.of)
