"""Where the starts of a run lie, in units of the mean gap between two of them.

Start ``g`` (0, 1, 2, ...) has a position; it is due when the integral of the arrival rate reaches
it (:class:`arangolab.pacing.Pace`).  The positions depend on nothing but the kind of arrivals and
the seed: every process of a run knows all of them, takes its share, and a change of rate stretches
the gaps without losing a start.
"""

from __future__ import annotations

import math
from typing import Final, Literal, Protocol

Kind = Literal["constant", "poisson"]
KINDS: Final[tuple[Kind, ...]] = ("constant", "poisson")
_BLOCK: Final = 4096


class Arrivals(Protocol):
    """Positions of starts, ascending."""

    def position(self, g: int) -> float:
        """Where start ``g`` lies."""

    def first_from(self, g: int, position: float) -> int:
        """The first start that is neither before start ``g`` nor before the position."""


class Even:
    """One start after each unit: evenly spaced while the rate is constant."""

    def position(self, g: int) -> float:
        """``g`` itself."""
        return float(g)

    def first_from(self, g: int, position: float) -> int:
        """The first start that is neither before start ``g`` nor before the position."""
        return max(g, math.ceil(position))


class Poisson:
    """Independent, exponentially distributed gaps of one unit on average.

    A Poisson process of unit rate, run through the inverse of the integral of a rate, is one of
    that rate (time-change theorem; Cinlar, Introduction to Stochastic Processes, 1975, ch. 4).
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._restart()

    def position(self, g: int) -> float:
        """The sum of the first ``g + 1`` gaps."""
        if g < self._first:
            self._restart()
        while g >= self._first + len(self._positions):
            self._draw()
        return float(self._positions[g - self._first])

    def first_from(self, g: int, position: float) -> int:
        """The first start that is neither before start ``g`` nor before the position."""
        self.position(g)
        while self._positions[-1] < position:
            self._draw()
        return max(g, self._first + int(self._positions.searchsorted(position)))

    def _restart(self) -> None:
        import numpy as np

        self._random = np.random.Generator(np.random.PCG64(abs(self._seed)))
        self._first = 0
        self._positions = np.empty(0)
        self._draw()

    def _draw(self) -> None:
        """One block more; the last one stays, since a share may go back a few starts."""
        import numpy as np

        last = float(self._positions[-1]) if len(self._positions) else 0.0
        gaps = -np.log1p(-self._random.random(_BLOCK))
        kept = self._positions[-_BLOCK:]
        self._first += len(self._positions) - len(kept)
        self._positions = np.concatenate((kept, last + np.cumsum(gaps)))


def arrivals_of(kind: Kind, seed: int) -> Arrivals:
    """The arrivals of that kind."""
    return Poisson(seed) if kind == "poisson" else Even()
