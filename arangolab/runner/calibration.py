"""How many injector processes a rate needs on this host: measured, not guessed."""

from __future__ import annotations

import math
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from arangolab import units
from arangolab.errors import RunError
from arangolab.plan import PROCESSES_MAX, Plan, Step
from arangolab.runfile.reader import Run
from arangolab.runner import handle
from arangolab.target import Target

CPU_RATIO_AIM: Final = 0.6
"""Share of a core a process is to use: well below what makes it late."""
_RATE_TRIED_PER_S: Final = 50.0
_RATE_PART: Final = 0.1
"""Of a high rate a tenth is tried: a scenario costs less where there are many."""
_IDLE_S: Final = 2.0
_BUSY_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What one scenario costs the injector on this host."""

    cpu_ms_per_scenario: float
    """CPU of one scenario, milliseconds."""
    processes: int
    """Proposed for the rate asked about."""
    sentence: str
    """Both, in words."""


def calibrate(plan: Plan, target: Target) -> Calibration:
    """Play the plan's scenario for a few seconds, and reckon from its CPU.

    At 50/s, or a tenth of the rate where that is more; at the rate itself where it is less.

    The scenarios are real: what they write is written.  Raises what keeps a run from beginning;
    RunError when none of them ended.
    """
    rate_per_s = max(step.rate_per_s for step in plan.steps)
    if plan.search is not None:
        rate_per_s = plan.search.rate_max_per_s or rate_per_s
    trial = replace(
        plan,
        steps=(
            Step(rate_per_s=0.0, hold_s=_IDLE_S),
            Step(rate_per_s=_tried(rate_per_s), hold_s=_BUSY_S),
        ),
        processes=1,
        loop_users=0,
        warm_up_s=0.0,
        stop_when_maxed_out=False,
        search=None,
    )
    with tempfile.TemporaryDirectory(prefix="arangolab-") as folder:
        run = handle.start(trial, target, Path(folder) / "calibration.sqlite").wait()
        cost_ms = _cost_ms(run, extrapolated=rate_per_s > _tried(rate_per_s))
    processes = processes_for(rate_per_s, cost_ms)
    return Calibration(cost_ms, processes, _sentence(plan.scenario, rate_per_s, cost_ms, processes))


def _tried(rate_per_s: float) -> float:
    return min(rate_per_s, max(_RATE_TRIED_PER_S, rate_per_s * _RATE_PART))


def processes_for(rate_per_s: float, cpu_ms_per_scenario: float) -> int:
    """As many as keep each below CPU_RATIO_AIM of a core, at least one."""
    cores = rate_per_s * cpu_ms_per_scenario / 1e3
    return min(PROCESSES_MAX, max(1, math.ceil(cores / CPU_RATIO_AIM)))


def _cost_ms(run: Run, *, extrapolated: bool) -> float:
    """CPU of one scenario in the busy seconds.

    For a higher rate, what an idle injector uses as well is taken off; at the rate itself it
    belongs to the cost.
    """
    idle_s = run.query(
        "SELECT coalesce(avg(cpu_s), 0) FROM intervals WHERE t_s > 0.5 AND t_s <= ?", _IDLE_S
    )[0][0]
    count, cpu_s, finished = run.query(
        "SELECT count(*), coalesce(sum(cpu_s), 0), coalesce(sum(finished), 0) FROM intervals"
        " WHERE t_s > ?",
        _IDLE_S,
    )[0]
    if not finished:
        raise RunError(
            "No scenario ended while their cost was measured.", hint="--processes 1, and look why."
        )
    return float(max(1e-3, (cpu_s - extrapolated * count * idle_s) / finished * 1e3))


def _sentence(scenario: str, rate_per_s: float, cost_ms: float, processes: int) -> str:
    needed = units.percent(rate_per_s * cost_ms / 1e3)
    noun = "1 process" if processes == 1 else f"{processes} processes"
    cores = os.cpu_count() or 1
    short = f" This host has {cores} cores: it may not reach the rate." if processes > cores else ""
    return (
        f"One {scenario} costs the injector {units.number(cost_ms)} ms of CPU on this host; "
        f"{units.rate(rate_per_s)} need {needed} of a core: {noun}.{short}"
    )
