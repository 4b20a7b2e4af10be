"""Which rates a run drives: steps, the ramps that are made of them, the search for the capacity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from arangolab.errors import InputError

LOAD_RATIO: Final = 0.75
"""Part of the capacity that an endurance run holds."""
WINDOW_S_MIN: Final = 20.0
WINDOW_S_MAX: Final = 600.0
WARM_UP_S: Final = 5.0
"""Before a search's first trial, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rate, held for a time."""

    rate_per_s: float
    """Scenarios started per second, over all injector processes."""
    hold_s: float | None = None
    """Seconds to hold it; None holds until another rate or a stop is commanded."""
    rise_s: float = 0.0
    """Seconds in which it is reached, linearly from the rate before (0 at the run's start), before
    the hold begins; 0: at once."""
    processes: int | None = None
    """Injector processes from this step on, where a ramp adds them; None: as many as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """Rates that are held one after the other until one is too much."""

    start_per_s: float = 1.0
    """First rate, in scenarios per second."""
    push_per_s: float = 1.0
    """What each further rate adds."""
    steps: int = 10
    """Rates at most."""
    rates_per_s: tuple[float, ...] = ()
    """The rates one by one, instead of the three above."""
    hold_s: float = 240.0
    """Seconds each rate is held."""
    rise_s: float = 0.0
    """Seconds in which each is reached, linearly from the one before."""
    add_processes: bool = False
    """Each step comes with one more injector process."""

    @classmethod
    def of(cls, steps: Sequence[Step]) -> Ramp:
        """The ramp that holds those steps."""
        rates = [step.rate_per_s for step in steps]
        push = rates[1] - rates[0] if len(rates) > 1 else 0.0
        even = cls(start_per_s=rates[0], push_per_s=push, steps=len(rates))
        same = all(map(math.isclose, even.driven_per_s, rates)) and push >= 0
        return replace(
            even,
            rates_per_s=() if same else tuple(rates),
            hold_s=steps[0].hold_s or even.hold_s,
            rise_s=steps[0].rise_s,
            add_processes=steps[0].processes is not None,
        )

    @property
    def driven_per_s(self) -> tuple[float, ...]:
        """The rates."""
        if self.rates_per_s:
            return self.rates_per_s
        return tuple(self.start_per_s + number * self.push_per_s for number in range(self.steps))

    def held(self, processes: int = 1) -> tuple[Step, ...]:
        """Its steps; ``processes``: injectors at the first, where they are added."""
        return tuple(
            Step(
                rate_per_s=rate,
                hold_s=self.hold_s,
                rise_s=self.rise_s,
                processes=processes + number if self.add_processes else None,
            )
            for number, rate in enumerate(self.driven_per_s)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How the capacity is searched for, instead of steps that are declared."""

    start_rate_per_s: float = 1.0
    """First rate tried; doubled while it is sustained, halved while none is."""
    rate_max_per_s: float | None = None
    """No rate above it is tried; None: no bound."""
    trial_s: float = 15.0
    """Seconds a rate is held while the search still looks for the region."""
    hold_s: float = 60.0
    """Seconds a rate is held near the capacity; what counts in the end."""
    width_ratio: float = 0.12
    """The search is content once its interval is at most this wide, relative to the capacity."""
    confidence: float = 0.95
    """Of the interval."""
    trials_max: int = 40
    """The search gives up after so many rates held."""
    calm_s: float = 120.0
    """Seconds given to what is in flight to end before the next rate, at most."""
    recovery: bool = True
    """At the end, overload the server once and go back down: does it recover, and how fast?"""

    @property
    def first(self) -> Step:
        """The step it begins with."""
        return Step(rate_per_s=self.start_rate_per_s, hold_s=self.trial_s)

    @property
    def warm_up_s(self) -> float:
        """Seconds of warm-up before it, unless told."""
        return min(WARM_UP_S, self.trial_s)

    @property
    def longest_s(self) -> float:
        """Seconds after which the search ends at the latest."""
        return self.trials_max * (max(self.hold_s, self.trial_s) + self.calm_s)

    def faults(self) -> list[str]:
        """Everything wrong with it, each as a clause."""
        rules = [
            (not 0 < self.start_rate_per_s < math.inf, "a search that starts at no rate"),
            (
                self.rate_max_per_s is not None and self.rate_max_per_s < self.start_rate_per_s,
                "a highest rate below the first one",
            ),
            (not (self.trial_s > 0 and self.hold_s > 0), "a search that holds no rate"),
            (not 0 < self.width_ratio < 1, f"an interval of {self.width_ratio:g} of the capacity"),
            (not 0.5 <= self.confidence < 1, f"a confidence of {self.confidence:g}"),
            (self.trials_max < 2, f"a search of {self.trials_max} trials"),
            (not self.calm_s >= 0, "a negative time to calm down"),
        ]
        return [text for wrong, text in rules if wrong]


def endurance_steps(rate_per_s: float, duration_s: float) -> tuple[Step, ...]:
    """A rate held for long, as windows of equal length that follow each other without a pause.

    About a twelfth of the time each, from WINDOW_S_MIN to WINDOW_S_MAX seconds, at least one.
    """
    window_s = min(WINDOW_S_MAX, max(WINDOW_S_MIN, duration_s / 12))
    count = max(1, round(duration_s / window_s))
    return (Step(rate_per_s=rate_per_s, hold_s=duration_s / count),) * count


def endurance_warm_up_s(duration_s: float) -> float:
    """Seconds of warm-up before a rate is held for so long, unless told."""
    return min(10.0, duration_s / 10)


def parse_rates(text: str) -> tuple[float, ...]:
    """``"1, 2, 5"`` as rates; raises InputError for what is no list of numbers."""
    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError:
        raise InputError(
            f"The ramp {text!r} is neither of the form START:STEP:COUNT nor a list of rates.",
            hint="1:1:10, or 1,2,5,10",
        ) from None
