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
_IDLE_S: Final = 3.0
_BUSY_S: Final = 3.0
_OWN_RATIO_MIN: Final = 0.25


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
        found_ms = _cost_ms(run, rate_per_s)
    processes = processes_for(rate_per_s, found_ms)
    sentence = _sentence(plan.scenario, rate_per_s, found_ms, processes)
    return Calibration(found_ms, processes, sentence)


def _tried(rate_per_s: float) -> float:
    return min(rate_per_s, max(_RATE_TRIED_PER_S, rate_per_s * _RATE_PART))


def processes_for(rate_per_s: float, cpu_ms_per_scenario: float) -> int:
    """As many as keep each below CPU_RATIO_AIM of a core, at least one."""
    cores = rate_per_s * cpu_ms_per_scenario / 1e3
    return min(PROCESSES_MAX, max(1, math.ceil(cores / CPU_RATIO_AIM)))


def _cost_ms(run: Run, rate_per_s: float) -> float:
    """CPU of one scenario at the rate, its part of what an idle injector uses included."""
    idle, *_ = run.query(
        "SELECT min(cpu_s) FROM intervals WHERE t_s > ? AND t_s <= ?",
        _IDLE_S - run.plan.interval_s - 0.5,  # the first ones are still busy with beginning
        _IDLE_S,
    )[0]
    count, cpu_s, finished = run.query(
        "SELECT count(*), coalesce(sum(cpu_s), 0), coalesce(sum(finished), 0) FROM intervals"
        " WHERE t_s > ?",
        _IDLE_S,
    )[0]
    if not finished:
        raise RunError(
            "No scenario ended while their cost was measured.", hint="--processes 1, and look why."
        )
    idle_s = float(idle or 0.0)
    return cost_ms(cpu_s, count * idle_s, finished, idle_s / run.plan.interval_s, rate_per_s)


def cost_ms(
    cpu_s: float, of_it_idle_s: float, finished: int, idle_ratio: float, rate_per_s: float
) -> float:
    """CPU milliseconds of one scenario at a rate.

    ``cpu_s`` were used while ``finished`` scenarios ended, ``of_it_idle_s`` of them whatever was
    done; ``idle_ratio`` is the share of a core that an idle injector uses.  On a busy host the
    idle part may be overrated: a quarter of the whole is the scenarios' own at least.
    """
    own_s = max(cpu_s - of_it_idle_s, _OWN_RATIO_MIN * cpu_s)
    shared_s = idle_ratio / rate_per_s if rate_per_s > 0 else 0.0
    return max(1e-3, (own_s / finished + shared_s) * 1e3)


def _sentence(scenario: str, rate_per_s: float, cost_ms: float, processes: int) -> str:
    needed = units.percent(rate_per_s * cost_ms / 1e3)
    noun = "1 process" if processes == 1 else f"{processes} processes"
    cores = os.cpu_count() or 1
    short = f" This host has {cores} cores: it may not reach the rate." if processes > cores else ""
    return (
        f"One {scenario} costs the injector {units.number(cost_ms)} ms of CPU on this host; "
        f"{units.rate(rate_per_s)} need {needed} of a core: {noun}.{short}"
    )
