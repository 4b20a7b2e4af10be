"""What is set in the panel, as a plan; and what was set while the plan was already under way."""

from __future__ import annotations

from typing import Any

from arangolab.panel.controls import Controls
from arangolab.plan import Plan
from arangolab.scenarios.catalogue import planned


def plan_of(controls: Controls, title: str) -> Plan:
    """Raises InputError or ScenarioError for what no run can do."""
    first, last = controls.users.value
    fields: dict[str, Any] = {**planned(controls.scenario.value), **controls.modes.planned()}
    fields["arrivals"] = controls.arrivals.value
    return Plan(
        **fields,
        title=title,
        first_user=first,
        last_user=last,
        processes=controls.processes.value,
        max_in_flight=controls.bound.value,
        attached=not controls.detached.value,
    )


def later(controls: Controls, plan: Plan) -> list[tuple[str, Any]]:
    """(command, value) of what is set otherwise than planned, and may change while it runs."""
    asked: list[tuple[str, Any, Any]] = [
        ("processes", plan.processes, controls.processes.value),
        ("max_in_flight", plan.max_in_flight, controls.bound.value),
    ]
    if len(plan.steps) == 1 and plan.search is None:
        asked.insert(0, ("rate", plan.steps[0].rate_per_s, controls.rate.value))
    return [(name, now) for name, then, now in asked if now != then]
