"""What judged trials say of the capacity: a distribution over rates.

A rate r that is held on a server of capacity C is judged "sustained" with a probability that falls
from 1 to 0 as r passes C, over a spread that is the narrower the more scenarios were seen.  With a
flat prior over log C, Bayes' rule turns every trial into knowledge of C; a trial at the median
says most (probabilistic bisection: Horstein 1963; for thresholds of perception, QUEST: Watson and
Pelli 1983).  Single wrong judgements are outvoted by later ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

LAPSE: Final = 0.01
"""Chance of a judgement that has nothing to do with the rate."""
SPREAD_MIN: Final = 0.02
"""Relative spread of the judgement that no length of a hold removes."""
CHANCE: Final = 1.5
"""Judgements vary so much more than the counts they rest on (fitted to simulated queues)."""
PROBIT: Final = 1.702
"""The logistic curve with this factor is the normal one, to 1 % (Haley 1952)."""
POINTS: Final = 3000
REACH: Final = 1.5
"""The capacity is looked for up to this factor outside of the highest rate sustained and the
lowest one that was not."""


class Judged(Protocol):
    """What is used of a trial."""

    @property
    def rate_per_s(self) -> float:
        """Rate held."""

    @property
    def sustained(self) -> bool:
        """How it was judged."""

    @property
    def band_ratio(self) -> float:
        """Part of the arrivals that may be left behind before that is seen."""

    @property
    def spread_ratio(self) -> float:
        """Relative spread of the judgement by chance (see :func:`spread_of`)."""


@dataclass(frozen=True, slots=True)
class Belief:
    """A distribution of the capacity."""

    logs: npt.NDArray[np.float64]
    """Logarithms of rates, ascending."""
    mass: npt.NDArray[np.float64]
    """Probability that the capacity is not above each."""
    confidence: float
    """Of the interval."""

    def quantile(self, part: float) -> float:
        """The rate that the capacity does not exceed with this probability."""
        return float(np.exp(np.interp(part, self.mass, self.logs)))

    @property
    def low_per_s(self) -> float:
        """Lower end of the interval (equal tails)."""
        return self.quantile((1 - self.confidence) / 2)

    @property
    def median_per_s(self) -> float:
        """As likely too high as too low."""
        return self.quantile(0.5)

    @property
    def high_per_s(self) -> float:
        """Upper end of the interval."""
        return self.quantile((1 + self.confidence) / 2)

    @property
    def width_ratio(self) -> float:
        """Width of the interval / the median."""
        return (self.high_per_s - self.low_per_s) / self.median_per_s


def spread_of(scenarios: int, dispersion: float = 1.0) -> float:
    """Relative spread of the judgement of a hold with so many arrivals.

    Counts vary by ``sqrt(dispersion * n)``; dispersion 1 is that of independent events.
    """
    return math.sqrt(SPREAD_MIN**2 + CHANCE * dispersion / max(1, scenarios))


def belief(trials: Sequence[Judged], confidence: float) -> Belief:
    """The capacity after the trials, of which there must be one at least."""
    rates = np.array([trial.rate_per_s for trial in trials])
    spreads = np.array([trial.spread_ratio for trial in trials])
    bands = np.array([trial.band_ratio for trial in trials])
    signs = np.array([1.0 if trial.sustained else -1.0 for trial in trials])
    edges = [
        max((t.rate_per_s for t in trials if t.sustained), default=rates.min()),
        min((t.rate_per_s for t in trials if not t.sustained), default=rates.max()),
    ]
    logs = np.linspace(math.log(min(edges) / REACH), math.log(max(edges) * REACH), POINTS)
    apart = logs[:, None] - np.log(rates * (1 - bands))[None, :]
    z = np.clip(PROBIT * signs * apart / spreads, -500, 500)
    chance = LAPSE + (1 - 2 * LAPSE) / (1 + np.exp(-z))
    weights = np.log(chance).sum(axis=1)
    mass = np.cumsum(np.exp(weights - weights.max()))
    return Belief(logs, mass / mass[-1], confidence)
