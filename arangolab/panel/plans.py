"""What is set in the panel, as a plan; and what was set while the plan was already under way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from arangolab.panel.controls import Controls
from arangolab.plan import Plan
from arangolab.scenarios.catalogue import planned


def plan_of(controls: Controls) -> Plan:
    """Raises InputError or ScenarioError for what no run can do."""
    first, last = controls.users.value
    controls.params.show(controls.scenario.value)  # a cell or file may tell others by now
    fields: dict[str, Any] = {
        **planned(controls.scenario.value, controls.params.values),
        **controls.more.planned(),
        **controls.modes.planned(controls.more.rise_s, controls.processes.value),
    }
    if fields["loop_users"] and controls.modes.mode == "rate":  # nothing but its users starts any
        fields["steps"] = (replace(fields["steps"][0], rate_per_s=0.0),)
    return Plan(
        **fields,
        arrivals=controls.arrivals.value,
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
    by_hand = len(plan.steps) == 1 and plan.search is None and not plan.stop_when_maxed_out
    if by_hand and not plan.loop_users:
        asked.insert(0, ("rate", plan.steps[0].rate_per_s, controls.rate.value))
    return [(name, now) for name, then, now in asked if now != then]
