"""Whether the data are many enough, complete, and at one with each other."""

from __future__ import annotations

from typing import Final

from arangolab import units
from arangolab.checks.growth import growing
from arangolab.checks.warning import Warning_
from arangolab.observation import StepObservation

LOSS_RATIO_MAX: Final = 0.1
LOSS_RATIO_NOTED: Final = 0.01
SELF_INFLICTED_RATIO_MAX: Final = 0.01
ARRIVALS_MIN: Final = 3
FINISHED_NOTED: Final = 20
SERVICE_TIMES_MIN: Final = 20.0
LITTLE_TOLERANCE: Final = 0.3
LITTLE_TOLERANCE_MAX: Final = 0.6
LITTLE_SERVICE_TIMES_MIN: Final = 10.0
"""A hold shorter than so many service times is no steady state yet."""
LITTLE_SCENARIOS: Final = 2.0
"""Counts taken once an interval are off by about this many even when all is well."""


def too_few(seen: StepObservation) -> Warning_ | None:
    """So few arrivals that they say nothing."""
    if seen.intended >= ARRIVALS_MIN:
        return None
    return Warning_(
        f"too few samples: {seen.intended} arrivals in {units.seconds(seen.duration_s)} judged",
        "hold the rate longer.",
        fatal=True,
    )


def few(seen: StepObservation) -> Warning_ | None:
    """Percentiles that rest on few values."""
    if seen.finished >= FINISHED_NOTED or seen.intended < ARRIVALS_MIN:
        return None
    return Warning_(
        f"only {seen.finished} scenarios ended in the {units.seconds(seen.duration_s)} judged: "
        "percentiles rest on few values",
        "hold the rate longer.",
        fatal=False,
    )


def short(seen: StepObservation) -> Warning_ | None:
    """What is in flight varies over a few service times; a hold must last many of them."""
    if seen.service_p50_ms is None or seen.finished < FINISHED_NOTED or growing(seen):
        return None
    times = seen.duration_s / (seen.service_p50_ms / 1e3)
    if times >= SERVICE_TIMES_MIN:
        return None
    return Warning_(
        f"the {units.seconds(seen.duration_s)} judged are only {units.number(times)} times what a "
        f"scenario takes ({units.seconds(seen.service_p50_ms / 1e3)}): much of what is seen is "
        "chance",
        "hold the rate longer.",
        fatal=False,
    )


def little(seen: StepObservation) -> Warning_ | None:
    """Little's law holds in a steady state only, so a growing step is not asked."""
    if seen.service_mean_ms is None or seen.in_flight_mean is None or growing(seen):
        return None
    if not seen.duration_s or seen.shed or seen.failed:
        return None
    expected = seen.finished / seen.duration_s * seen.service_mean_ms / 1e3
    gap = abs(seen.in_flight_mean - expected)
    level = max(expected, seen.in_flight_mean)
    if gap <= max(LITTLE_SCENARIOS, LITTLE_TOLERANCE * level):
        return None
    steady = seen.duration_s >= LITTLE_SERVICE_TIMES_MIN * seen.service_mean_ms / 1e3
    many = seen.finished >= FINISHED_NOTED and gap > 2 * LITTLE_SCENARIOS
    return Warning_(
        f"Little's law does not hold: {units.number(seen.in_flight_mean)} in flight, but rate "
        f"times mean service time is {units.number(expected)}",
        "hold the rate longer; if it stays, scenarios or samples were lost.",
        fatal=steady and many and gap > LITTLE_TOLERANCE_MAX * level,
    )


def telemetry(seen: StepObservation) -> Warning_ | None:
    """Statsd lines that were sent and never arrived."""
    if seen.statsd_received is None or not seen.statsd_sent or not seen.duration_s:
        return None
    border = seen.statsd_sent * min(1.0, seen.interval_s / seen.duration_s)
    lost = seen.statsd_sent - seen.statsd_received
    if lost <= max(border, LOSS_RATIO_NOTED * seen.statsd_sent):
        return None
    ratio = lost / seen.statsd_sent
    return Warning_(
        f"telemetry lost: {seen.statsd_received} of {seen.statsd_sent} statsd lines arrived "
        f"({units.percent(ratio)} lost)",
        "send less often, or enlarge net.core.rmem_max.",
        fatal=ratio > LOSS_RATIO_MAX + border / seen.statsd_sent,
    )


def own_errors(seen: StepObservation) -> Warning_ | None:
    """Failures that the test itself brought about."""
    many = seen.self_inflicted > SELF_INFLICTED_RATIO_MAX * seen.finished
    if not many or 2 * seen.self_inflicted < seen.failed:
        return None
    return Warning_(
        f"the test itself: {seen.self_inflicted} of {seen.failed} failures are conflicts of users "
        "driven twice at once",
        "widen the user range, so that no user is in flight twice.",
        fatal=True,
    )


def reused(seen: StepObservation) -> Warning_ | None:
    """Users who were driven twice at once."""
    if not seen.reused:
        return None
    return Warning_(
        f"{seen.reused} scenarios drove a user who was still in flight: conflicts on that user "
        "are of the test's own making",
        "widen the user range.",
        fatal=False,
    )
