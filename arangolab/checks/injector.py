"""Whether the injector kept its pattern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from arangolab import units
from arangolab.checks.growth import BORDER
from arangolab.checks.warning import LIMITED, Warning_
from arangolab.observation import StepObservation

CPU_RATIO_MAX: Final = 0.8
"""Above this an injector process no longer keeps its pattern."""
LATENESS_MS_MAX: Final = 250.0
LATENESS_SERVICE_RATIO_MAX: Final = 0.25
"""Lateness up to this share of the median service time decides nothing."""
LATENESS_MS_NOTED: Final = 50.0
ACHIEVED_RATIO_MIN: Final = 0.95
LAG_MS_NOTED: Final = 250.0
SERVICE_ROSE: Final = 1.5
"""A server that is overloaded takes more than this many times as long as before."""
CALM_ERROR_RATIO: Final = 0.01


def cpu(seen: StepObservation) -> Warning_ | None:
    """A process that uses its core almost up."""
    if seen.injector_cpu_ratio <= CPU_RATIO_MAX:
        return None
    return Warning_(
        f"{LIMITED}an injector process used {units.percent(seen.injector_cpu_ratio)} of "
        f"a core (limit {units.percent(CPU_RATIO_MAX)})",
        "use more injector processes, or a machine with free cores for them.",
        fatal=True,
    )


def lateness(seen: StepObservation) -> Warning_ | None:
    """Scenarios that start later than they were due."""
    values = [v for v in (seen.lateness_p99_ms, seen.late_lateness_p99_ms) if v is not None]
    worst = max(values, default=0.0)
    if worst <= LATENESS_MS_NOTED:
        return None
    limit = max(LATENESS_MS_MAX, LATENESS_SERVICE_RATIO_MAX * (seen.service_p50_ms or 0.0))
    fatal = worst > limit
    return Warning_(
        f"{LIMITED if fatal else ''}scenarios started late, 99th percentile "
        f"{units.seconds(worst / 1e3)} ({'limit' if fatal else 'it counts up to'} "
        f"{units.seconds(limit / 1e3)})",
        "use more injector processes, or give them cores of their own.",
        fatal=fatal,
    )


def not_started(seen: StepObservation) -> Warning_ | None:
    """Arrivals that were neither begun nor shed."""
    missing = seen.intended - seen.started - seen.shed
    if missing <= BORDER or seen.achieved_ratio >= ACHIEVED_RATIO_MIN:
        return None
    return Warning_(
        f"{LIMITED}{seen.started + seen.shed} of {seen.intended} arrivals were begun",
        "use more injector processes, or a lower rate.",
        fatal=True,
    )


def shed(seen: StepObservation) -> Warning_ | None:
    """Arrivals shed by the bound; the server is to blame only if it became slower, or failed."""
    if not seen.shed:
        return None
    now_ms, calm_ms = seen.service_p50_ms, seen.service_calm_ms
    shed = f"{seen.shed} of {seen.intended} arrivals were shed"
    steady = calm_ms is not None and now_ms is not None and now_ms <= SERVICE_ROSE * calm_ms
    if steady and seen.error_ratio <= CALM_ERROR_RATIO:
        return Warning_(
            f"{LIMITED}{shed} at the bound on scenarios in flight, while the server was as fast as "
            f"before (median service time {units.seconds((now_ms or 0) / 1e3)}, before "
            f"{units.seconds((calm_ms or 0) / 1e3)})",
            "raise the bound on scenarios in flight.",
            fatal=True,
        )
    return Warning_(
        f"{shed}: the bound on scenarios in flight was reached",
        "raise the bound to see whether the server or the bound limits.",
        fatal=False,
    )


def loop_lag(seen: StepObservation) -> Warning_ | None:
    """An event loop that stood still."""
    if seen.loop_lag_ms <= LAG_MS_NOTED:
        return None
    return Warning_(
        f"an injector's event loop stood still for up to {units.seconds(seen.loop_lag_ms / 1e3)}, "
        "which is within the times it measured",
        "give the injectors cores of their own; a scenario must not compute for long.",
        fatal=False,
    )


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
