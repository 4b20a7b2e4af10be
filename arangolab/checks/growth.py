"""Whether scenarios in flight pile up, beyond chance."""

from __future__ import annotations

import math
from typing import Final

from arangolab.observation import StepObservation

GROWTH_SCENARIOS_MIN: Final = 3.0
GROWTH_RATIO_MAX: Final = 0.05
CHANCE_SIGMA: Final = 3.0
"""A queue in balance varies by about the root of its level."""
THIRDS_TO_WHOLE: Final = 1.5
"""The middles of the first and of the last third are two thirds of the whole apart."""
BORDER: Final = 2
"""Arrivals and ends at the borders of the judged part that say nothing."""


def growing(seen: StepObservation) -> bool:
    """Whether the scenarios in flight grow steadily over the judged part."""
    slope, low = seen.in_flight_slope_per_s, seen.in_flight_slope_low_per_s
    early, late = seen.in_flight_early, seen.in_flight_late
    if slope is None or low is None or early is None or late is None:
        return False
    if low <= 0 or seen.growth_ratio <= GROWTH_RATIO_MAX:
        return False
    rise = min(slope * seen.duration_s, THIRDS_TO_WHOLE * (late - early))
    return rise >= max(GROWTH_SCENARIOS_MIN, CHANCE_SIGMA * math.sqrt(max(early, 1.0)))


def border(seen: StepObservation) -> float:
    """Scenarios that more may be due than end in a hold by chance: what is in flight varies."""
    return max(float(BORDER), 2 * math.sqrt(max(seen.in_flight_early or 0.0, 1.0)))
