"""Whether the host left the test alone."""

from __future__ import annotations

from typing import Final

from arangolab import units
from arangolab.checks.warning import Warning_
from arangolab.observation import StepObservation

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


def neighbour(seen: StepObservation) -> Warning_ | None:
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


def clock(seen: StepObservation) -> Warning_ | None:
    """A clock that was set within the hold, or a host that slept."""
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
