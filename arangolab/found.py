"""What a search for the capacity came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from arangolab import showing, units

Status = Literal[
    "found", "wide", "not_sustained", "not_reached", "injector_limited", "invalid", "stopped"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a search came to; rates are scenarios per second."""

    status: Status
    capacity_per_s: float | None
    """Highest rate that meets the objective; None: nothing is claimed."""
    low_per_s: float | None
    """Lower end of its interval, or the highest rate sustained where no capacity is claimed."""
    high_per_s: float | None
    confidence: float
    trials: int
    """Rates held."""
    time_used_s: float
    reason: str = ""
    """Why no capacity is claimed."""
    changed: bool = False
    """What was sustained at first was no longer sustained later, or the other way round."""
    sustained_before_per_s: float | None = None
    """Highest rate that was sustained once and no longer later."""
    recovers: bool | None = None
    """Whether the server came back from overload; None: not tried, or what was to be too much was
    not.  False too where it sustained more before it was overloaded than ever after."""
    recovery_s: float | None = None
    """How long that took."""
    sentence: str = ""
    """The result in words."""

    def __repr__(self) -> str:
        return f"<Result {self.status}: {self.sentence or self.rates}>"

    def _repr_html_(self) -> str:
        rows = [
            ("in words", self.sentence),
            ("capacity", self.rates),
            ("status", self.status.replace("_", " ")),
            ("why none is claimed", self.reason),
            ("rates held", f"{self.trials} in {units.seconds(self.time_used_s)}"),
        ]
        return showing.table((name, told) for name, told in rows if told)

    @property
    def rates(self) -> str:
        """The capacity and its interval in scenarios/s: ``8.09/s [7.56, 8.77] (95 %)``."""
        if self.capacity_per_s is None:
            return "none is claimed"
        low, high = (
            "?" if end is None else units.number(float(f"{end:.3g}"))
            for end in (self.low_per_s, self.high_per_s)
        )
        rate = units.number(float(f"{self.capacity_per_s:.3g}"))
        return f"{rate}/s [{low}, {high}] ({units.percent(self.confidence)})"

    @property
    def valid(self) -> bool:
        """Something is said about the server, and the test was sound."""
        return self.status in ("found", "wide", "not_sustained", "not_reached")

    @property
    def width_ratio(self) -> float | None:
        """Width of the interval / the capacity."""
        if not self.capacity_per_s or self.low_per_s is None or self.high_per_s is None:
            return None
        return (self.high_per_s - self.low_per_s) / self.capacity_per_s
