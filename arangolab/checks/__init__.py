"""May a step be believed?  Checks of the test itself, before the server is judged.

``growth``: do scenarios pile up; ``injector``: did it keep its pattern; ``host``: did the host
leave the test alone; ``data``: are they many enough, complete, and at one with each other.
"""

from __future__ import annotations

from arangolab.checks import data, host, injector
from arangolab.checks.growth import border, growing
from arangolab.checks.injector import warnings_now
from arangolab.checks.warning import LIMITED, Warning_, reason
from arangolab.observation import StepObservation

__all__ = ["LIMITED", "Warning_", "border", "check", "growing", "reason", "warnings_now"]


def check(seen: StepObservation) -> tuple[Warning_, ...]:
    """Everything that speaks against believing the step, the worst first; () when all is well."""
    found = [
        data.too_few(seen),
        injector.cpu(seen),
        injector.lateness(seen),
        injector.not_started(seen),
        data.own_errors(seen),
        data.telemetry(seen),
        injector.shed(seen),
        data.reused(seen),
        data.few(seen),
        data.short(seen),
        data.little(seen),
        injector.loop_lag(seen),
        host.neighbour(seen),
        host.clock(seen),
    ]
    return tuple(sorted((w for w in found if w), key=lambda w: not w.fatal))
