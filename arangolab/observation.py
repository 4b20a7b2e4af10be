"""What a held rate looked like, in figures."""

from __future__ import annotations

from dataclasses import dataclass

from arangolab.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class StepObservation:
    """One hold, without its settling part.  None stands for what could not be observed."""

    from_s: float
    """Begin of the judged part, seconds of the run."""
    duration_s: float
    """Length of the judged part."""
    interval_s: float
    """Usual length of an interval of accounting."""
    processes: int
    """Injector processes that reported."""
    intended: int
    """Arrivals due."""
    started: int
    shed: int
    """Arrivals not started because the bound on in flight was reached."""
    finished: int
    """Scenarios that ended, failed ones included."""
    failed: int
    reused: int
    """Starts of a user who was still in flight."""
    self_inflicted: int
    """Failures of the test's own making, of those failed."""
    error_ratio: float
    """(Failed - self-inflicted) / finished; 0 when nothing finished."""
    worst_error_ratio: float
    """The highest of the whole and of each late window with two failures or more."""
    achieved_ratio: float
    """(Started + shed) / intended: what the injector could begin of what was due."""
    finished_ratio: float
    """Finished / intended."""
    response_mean_ms: float | None
    response_p50_ms: float | None
    response_p95_ms: float | None
    """95th percentile from the intended start, over the whole judged part."""
    worst_response_p95_ms: float | None
    """The highest of the whole and of each late window."""
    service_mean_ms: float | None
    service_p50_ms: float | None
    service_p95_ms: float | None
    lateness_p99_ms: float | None
    late_lateness_p99_ms: float | None
    """The same in the last window alone: does it grow?"""
    in_flight_early: float | None
    in_flight_late: float | None
    """Means over the first and over the last third of the judged part."""
    in_flight_end: float | None
    in_flight_mean: float | None
    in_flight_slope_per_s: float | None
    """Theil-Sen slope of the scenarios in flight, per second."""
    in_flight_slope_low_per_s: float | None
    """Lower end of its 95 % interval."""
    injector_cpu_ratio: float
    """CPU of the busiest injector process, in cores."""
    loop_lag_ms: float
    """Longest delay of an injector's event loop."""
    statsd_sent: int
    """statsd lines the injectors sent."""
    statsd_received: int | None
    """Lines received in the same time; None: not told."""
    service_calm_ms: float | None = None
    """Median service time of an earlier step that was sustained, or of the hold's first
    scenarios."""
    around: Surroundings | None = None
    """The runner's host meanwhile."""
    worst_response_p50_ms: float | None = None
    worst_response_p99_ms: float | None = None
    """As the 95th percentile: the highest of the whole and of each late window."""
    dispersion: float | None = None
    """Variance of (starts - ends) per interval / mean of the ends; None: too few intervals."""

    def worst_response_ms(self, percent: int) -> float | None:
        """The response time's percentile (50, 95, 99), the highest of whole and late windows."""
        value: float | None = getattr(self, f"worst_response_p{percent}_ms")
        return value

    @property
    def intended_per_s(self) -> float:
        """Arrivals due per second."""
        return self.intended / self.duration_s if self.duration_s else 0.0

    @property
    def growth_ratio(self) -> float:
        """Share of the arrivals that piles up in flight; 0 when it cannot be said."""
        if not self.in_flight_slope_per_s or not self.intended_per_s:
            return 0.0
        return self.in_flight_slope_per_s / self.intended_per_s
