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
LITTLE_TOLERANCE_MAX: Final = 0.6
LITTLE_SERVICE_TIMES_MIN: Final = 10.0
"""A hold shorter than so many service times is no steady state yet."""
LAG_MS_NOTED: Final = 250.0
NEIGHBOUR_RATIO_NOTED: Final = 0.25
IDLE_RATIO_MIN: Final = 0.05
"""With more of the host's CPU free than that, nobody lacks any."""
SERVER_RATIO_MIN: Final = 0.25
"""A server that uses less than this share of the host's CPU does not lack any: the kernel gives
first to who used least."""
CLOCK_STEP_S_NOTED: Final = 0.05
CLOCK_STEP_S_MAX: Final = 0.5
CLOCK_SLEW: Final = 1e-3
"""Seconds a second by which a clock may be corrected without a step (NTP: half of that)."""
SERVICE_ROSE: Final = 1.5
"""A server that is overloaded takes more than this many times as long as before."""
CALM_ERROR_RATIO: Final = 0.01
LIMITED: Final = "injector-limited: "
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
    excuses: bool = False
    """It can only make things worse: a step that met its objective in spite of it stands, one that
    did not must not be judged."""


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
        _loop_lag(seen),
        _neighbour(seen),
        _clock(seen),
    ]
    return tuple(sorted((w for w in found if w), key=lambda w: not w.fatal))


def reason(warning: Warning_) -> str:
    """Why a step is not valid: ``injector-limited: ...`` or ``not valid: ...``."""
    text = warning.text
    return text if text.startswith(LIMITED) else f"not valid: {text}"


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
        f"{LIMITED}an injector process used {units.percent(seen.injector_cpu_ratio)} of "
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
        f"{LIMITED if fatal else ''}scenarios started late, 99th percentile "
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
        f"{LIMITED}{seen.started + seen.shed} of {seen.intended} arrivals were begun",
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


def _loop_lag(seen: StepObservation) -> Warning_ | None:
    if seen.loop_lag_ms <= LAG_MS_NOTED:
        return None
    return Warning_(
        f"an injector's event loop stood still for up to {units.seconds(seen.loop_lag_ms / 1e3)}, "
        "which is within the times it measured",
        "give the injectors cores of their own; a scenario must not compute for long.",
        fatal=False,
    )


def _neighbour(seen: StepObservation) -> Warning_ | None:
    """CPU taken by others; it decides only where the host had none left for a server in need."""
    around = seen.around
    if around is None or around.taken_ratio <= NEIGHBOUR_RATIO_NOTED:
        return None
    server = around.server_cores
    in_need = server is not None and server >= SERVER_RATIO_MIN * around.cores
    stolen = around.steal_cores
    also = f", {units.number(round(stolen, 2))} of them stolen by other machines" if stolen else ""
    return Warning_(
        "a neighbour took "
        f"{units.number(round(around.others_cores + stolen, 2))} of this host's "
        f"{units.number(around.cores)} cores{also}; "
        f"{units.percent(round(around.idle_ratio, 3))} were free",
        "end what else runs on this host, or move it elsewhere.",
        fatal=False,
        excuses=in_need and not around.server_had_all and around.idle_ratio <= IDLE_RATIO_MIN,
    )


def _clock(seen: StepObservation) -> Warning_ | None:
    if seen.around is None:
        return None
    step_s, slewed_s = abs(seen.around.clock_step_s), CLOCK_SLEW * seen.duration_s
    if step_s <= CLOCK_STEP_S_NOTED + slewed_s:
        return None
    way = "forward" if seen.around.clock_step_s > 0 else "back"
    return Warning_(
        f"clock step: this host's clock went {way} by {units.seconds(step_s)} within the hold (set "
        "anew, or the host was suspended)",
        "let the clock settle, keep the host awake, and hold the rate again.",
        fatal=step_s > CLOCK_STEP_S_MAX + slewed_s,
    )
