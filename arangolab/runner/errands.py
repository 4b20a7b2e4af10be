"""A scenario's setup and teardown, each in an injector process of its own."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from arangolab.errors import RunError, of_kind
from arangolab.injector import protocol
from arangolab.injector.launcher import Exited, FromInjector, Injector
from arangolab.plan import Plan
from arangolab.runner.crew import exit_words, setup_for
from arangolab.scenarios.catalogue import hooks_of
from arangolab.target import Target

WITHIN_S: Final = 300.0
_LOOK_EVERY_S: Final = 0.1


def run_errand(
    kind: protocol.Errand, plan: Plan, target: Target, given_up: Callable[[], bool]
) -> bool:
    """Call the setup (or teardown) of the plan's scenarios; whether there was one.

    ``given_up``: asked now and then whether the run is to end.  Raises what the scenario says, or
    RunError when it takes longer than WITHIN_S or the process is lost.
    """
    if not any(kind in hooks_of(part.name, part.source) for part in plan.parts):
        return False
    setup = setup_for(plan, target, 0, max_in_flight=plan.max_in_flight)
    messages: queue.SimpleQueue[FromInjector] = queue.SimpleQueue()
    injector = Injector(replace(setup, errand=kind, deadline_s=WITHIN_S), messages)
    try:
        _wait(kind, messages, given_up)
    finally:
        injector.kill()
    return True


def _wait(
    kind: str, messages: queue.SimpleQueue[FromInjector], given_up: Callable[[], bool]
) -> None:
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end and not given_up():
        try:
            _, message = messages.get(timeout=_LOOK_EVERY_S)
        except queue.Empty:
            continue
        match message:
            case protocol.End():
                return
            case protocol.Fatal(kind=name, message=what, hint=hint):
                raise of_kind(name, what, hint)
            case Exited():
                raise RunError(f"The scenario's {kind} {exit_words(message)}.")
    raise RunError(f"The scenario's {kind} did not end.", hint="make it do less.")
