"""May a step be believed?  Checks of the test itself, before the server is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from arangolab import units
from arangolab.observation import StepObservation

CPU_RATIO_MAX: Final = 0.8
"""Above this an injector process no longer keeps its pattern."""
LATENESS_MS_MAX: Final = 250.0
LATENESS_SERVICE_RATIO_MAX: Final = 0.25
"""Lateness up to this share of the median service time decides nothing."""
LATENESS_MS_NOTED: Final = 50.0
ACHIEVED_RATIO_MIN: Final = 0.95
LOSS_RATIO_MAX: Final = 0.1
LOSS_RATIO_NOTED: Final = 0.01
SELF_INFLICTED_RATIO_MAX: Final = 0.01
ARRIVALS_MIN: Final = 3
FINISHED_NOTED: Final = 20
SERVICE_TIMES_MIN: Final = 20.0
LITTLE_TOLERANCE: Final = 0.3
LITTLE_SCENARIOS: Final = 2.0
"""Counts taken once an interval are off by about this many even when all is well."""
GROWTH_SCENARIOS_MIN: Final = 3.0
GROWTH_RATIO_MAX: Final = 0.05
CHANCE_SIGMA: Final = 3.0
"""A queue in balance varies by about the root of its level."""
THIRDS_TO_WHOLE: Final = 1.5
"""The middles of the first and of the last third are two thirds of the whole apart."""
BORDER: Final = 2
"""Arrivals and ends at the borders of the judged part that say nothing."""


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 - Warning is a builtin
    """Something about the test, not about the server."""

    text: str
    """One clause with its figures."""
    hint: str
    """What to try."""
    fatal: bool
    """The step must not be judged by it."""


def check(seen: StepObservation) -> tuple[Warning_, ...]:
    """Everything that speaks against believing the step, the worst first; () when all is well."""
    found = [
        _too_few(seen),
        _cpu(seen),
        _lateness(seen),
        _not_started(seen),
        _own_errors(seen),
        _telemetry(seen),
        _shed(seen),
        _reused(seen),
        _few(seen),
        _short(seen),
        _little(seen),
    ]
    return tuple(sorted((w for w in found if w), key=lambda w: not w.fatal))


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


def warnings_now(now: Mapping[str, float]) -> list[str]:
    """What speaks against believing the last interval: an injector that is busy or late.

    ``now``: the latest samples of the source injector.
    """
    found = []
    cpu_ratio, late_ms = now.get("cpu_ratio", 0.0), now.get("lateness_p99_ms", 0.0)
    limit_ms = LATENESS_SERVICE_RATIO_MAX * now.get("service_p50_ms", 0.0)
    if cpu_ratio > CPU_RATIO_MAX:
        found.append(
            f"Now: an injector process uses {units.percent(cpu_ratio)} of a core; above "
            f"{units.percent(CPU_RATIO_MAX)} it does not keep the rate. "
            "Try: more processes, or a cheaper scenario."
        )
    if late_ms > max(LATENESS_MS_MAX, limit_ms):
        found.append(
            f"Now: scenarios start up to {units.seconds(late_ms / 1e3)} late. "
            "Try: more processes, or a lower rate."
        )
    return found


def _too_few(seen: StepObservation) -> Warning_ | None:
    if seen.intended >= ARRIVALS_MIN:
        return None
    return Warning_(
        f"too few samples: {seen.intended} arrivals in {units.seconds(seen.duration_s)} judged",
        "hold the rate longer.",
        fatal=True,
    )


def _cpu(seen: StepObservation) -> Warning_ | None:
    if seen.injector_cpu_ratio <= CPU_RATIO_MAX:
        return None
    return Warning_(
        f"injector-limited: an injector process used {units.percent(seen.injector_cpu_ratio)} of "
        f"a core (limit {units.percent(CPU_RATIO_MAX)})",
        "use more injector processes, or a machine with free cores for them.",
        fatal=True,
    )


def _lateness(seen: StepObservation) -> Warning_ | None:
    values = [v for v in (seen.lateness_p99_ms, seen.late_lateness_p99_ms) if v is not None]
    worst = max(values, default=0.0)
    if worst <= LATENESS_MS_NOTED:
        return None
    limit = max(LATENESS_MS_MAX, LATENESS_SERVICE_RATIO_MAX * (seen.service_p50_ms or 0.0))
    fatal = worst > limit
    return Warning_(
        f"{'injector-limited: ' if fatal else ''}scenarios started late, 99th percentile "
        f"{units.seconds(worst / 1e3)} ({'limit' if fatal else 'it counts up to'} "
        f"{units.seconds(limit / 1e3)})",
        "use more injector processes, or give them cores of their own.",
        fatal=fatal,
    )


def _not_started(seen: StepObservation) -> Warning_ | None:
    missing = seen.intended - seen.started - seen.shed
    if missing <= BORDER or seen.achieved_ratio >= ACHIEVED_RATIO_MIN:
        return None
    return Warning_(
        f"injector-limited: {seen.started + seen.shed} of {seen.intended} arrivals were begun",
        "use more injector processes, or a lower rate.",
        fatal=True,
    )


def _own_errors(seen: StepObservation) -> Warning_ | None:
    many = seen.self_inflicted > SELF_INFLICTED_RATIO_MAX * seen.finished
    if not many or 2 * seen.self_inflicted < seen.failed:
        return None
    return Warning_(
        f"the test itself: {seen.self_inflicted} of {seen.failed} failures are conflicts of users "
        "driven twice at once",
        "widen the user range, so that no user is in flight twice.",
        fatal=True,
    )


def _telemetry(seen: StepObservation) -> Warning_ | None:
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


def _shed(seen: StepObservation) -> Warning_ | None:
    if not seen.shed:
        return None
    return Warning_(
        f"{seen.shed} of {seen.intended} arrivals were shed: the bound on scenarios in flight was "
        "reached",
        "raise the bound to see whether the server or the bound limits.",
        fatal=False,
    )


def _reused(seen: StepObservation) -> Warning_ | None:
    if not seen.reused:
        return None
    return Warning_(
        f"{seen.reused} scenarios drove a user who was still in flight: conflicts on that user "
        "are of the test's own making",
        "widen the user range.",
        fatal=False,
    )


def _few(seen: StepObservation) -> Warning_ | None:
    if seen.finished >= FINISHED_NOTED or seen.intended < ARRIVALS_MIN:
        return None
    return Warning_(
        f"only {seen.finished} scenarios ended in the {units.seconds(seen.duration_s)} judged: "
        "percentiles rest on few values",
        "hold the rate longer.",
        fatal=False,
    )


def _short(seen: StepObservation) -> Warning_ | None:
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


def _little(seen: StepObservation) -> Warning_ | None:
    """Little's law holds in a steady state only, so a growing step is not asked."""
    if seen.service_mean_ms is None or seen.in_flight_mean is None or growing(seen):
        return None
    if not seen.duration_s or seen.shed or seen.failed:
        return None
    expected = seen.finished / seen.duration_s * seen.service_mean_ms / 1e3
    gap = abs(seen.in_flight_mean - expected)
    if gap <= max(LITTLE_SCENARIOS, LITTLE_TOLERANCE * max(expected, seen.in_flight_mean)):
        return None
    return Warning_(
        f"Little's law does not hold: {units.number(seen.in_flight_mean)} in flight, but rate "
        f"times mean service time is {units.number(expected)}",
        "hold the rate longer; if it stays, scenarios or samples were lost.",
        fatal=False,
    )
