"""A dry run: one user plays a scenario once, in a real injector, and what came of it is told."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arangolab import units
from arangolab.plan import Plan, Step
from arangolab.scenarios.catalogue import planned
from arangolab.target import Target

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What one user saw."""

    scenario: str
    user: int
    error: str
    """Why the scenario failed; "" when it ended well."""
    service_ms: float | None
    """How long it took; None when it was given up."""
    timings_ms: Mapping[str, float]
    """Steps, and timings that the scenario was told, in the order of their names."""

    def __str__(self) -> str:
        who = f"User {self.user} played {self.scenario}"
        took = "" if self.service_ms is None else f" in {units.seconds(self.service_ms / 1e3)}"
        ending = f"and it failed{took}: {self.error}" if self.error else f"and it ended well{took}."
        lines = [f"{who}, {ending}"]
        lines += [f"  {name}: {units.seconds(ms / 1e3)}" for name, ms in self.timings_ms.items()]
        return "\n".join(lines)


def dry_run(
    target: Target, scenario: str, *, user: int = 1, params: Mapping[str, Any] | None = None
) -> DryRun:
    """Let that user play the scenario once.

    ``scenario``, ``params``: as for :func:`arangolab.start`.  Raises ScenarioError, InputError,
    TargetError or RunError when it cannot begin.
    """
    from arangolab.runner import handle

    plan = Plan(
        **planned(scenario, params),
        title=f"{scenario}, dry run",
        steps=(Step(rate_per_s=2.0, hold_s=0.5),),
        first_user=user,
        last_user=user,
        user_order="once",
        drain_s=75.0,
        interval_s=0.5,
    )
    with tempfile.TemporaryDirectory() as folder:
        run = handle.start(plan, target, Path(folder) / "dry.sqlite").wait()
        return _seen(run, plan.scenario, user)


def _seen(run: Run, scenario: str, user: int) -> DryRun:
    service = run.histogram("service")
    errors = run.error_rows()
    problem = f"{errors[0]['kind']}: {errors[0]['first_message']}" if errors else ""
    if not service.count and not problem:
        problem = run.ending
    return DryRun(
        scenario=scenario,
        user=user,
        error=problem,
        service_ms=service.percentile_s(50) * 1e3 if service.count else None,
        timings_ms=_timings_ms(run, scenario),
    )


def _timings_ms(run: Run, scenario: str) -> dict[str, float]:
    """What its probes measured."""
    rows = run.query(
        "SELECT name, max(value) FROM sample_table WHERE source = 'statsd' AND name LIKE ?"
        " GROUP BY name ORDER BY name",
        f"{scenario}.%.mean_ms",
    )
    return {
        name.removeprefix(f"{scenario}.").removesuffix(".mean_ms"): value for name, value in rows
    }
