"""A scenario out of its source: what the injector plays."""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import partial
from typing import Any

from arangolab.errors import ScenarioError
from arangolab.parameters import Value
from arangolab.scenarios.catalogue import BUILT_IN, check_source
from arangolab.scenarios.definition import ScenarioFunction, marked, scenario
from arangolab.scenarios.rows import Rows

Hook = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, loaded."""

    name: str
    play: ScenarioFunction
    """What one user does once."""
    rows: Rows | None = None
    """Data for the starts."""
    setup: Hook | None = None
    """Called with the database once, before a run."""
    teardown: Hook | None = None
    """Called with the database once, after a run."""


def load(name: str, source: str | None, params: Mapping[str, Value] | None = None) -> Scenario:
    """The scenario: a built-in when ``source`` is None, else out of the source.

    ``params``: values for its parameters; setup and teardown get those that they name too.  Runs
    the source; called in the injector alone.  Raises ScenarioError when that fails, or when it is
    not clear which function is the scenario.
    """
    given = dict(params or {})
    module = _built_in(name) if source is None else _executed(name, source)
    thing = _the_scenario(module, name)
    rows, once = marked(thing) or (None, False)
    around = _made(thing, name, given) if isinstance(thing, type) else module
    play = around.run if isinstance(thing, type) else thing
    return Scenario(
        name=name,
        play=_with(play, given),
        rows=None if rows is None else Rows(rows, once=once),
        setup=_hook(around, "setup", given),
        teardown=_hook(around, "teardown", given),
    )


def _with(function: Callable[..., object], given: Mapping[str, Value]) -> Callable[..., object]:
    """The function, told of the parameters that it takes."""
    taken = inspect.signature(function).parameters if given else ()
    own = {name: value for name, value in given.items() if name in taken}
    return partial(function, **own) if own else function


def _hook(around: object, name: str, given: Mapping[str, Value]) -> Hook | None:
    found = getattr(around, name, None)
    return None if found is None else _with(found, given)


def _built_in(name: str) -> types.ModuleType:
    if name not in BUILT_IN:
        raise ScenarioError(
            f"There is no scenario {name!r}.", hint=f"one of {', '.join(BUILT_IN)}."
        )
    return importlib.import_module(f"arangolab.scenarios.{name}")


def _executed(name: str, source: str) -> types.ModuleType:
    check_source(name, source)
    module = types.ModuleType(f"scenario {name}")
    sys.modules[module.__name__] = (
        module  # where dataclasses look for the names of a class's module
    )
    try:
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    except Exception as error:
        raise ScenarioError(
            f"The scenario {name} fails while it is loaded: {type(error).__name__}: {error}.",
            hint="run the file with python to see where.",
        ) from error
    return module


def _the_scenario(module: types.ModuleType, name: str) -> Any:
    """What is marked with @scenario, or else called like the file, or ``scenario``."""
    found = [thing for thing in vars(module).values() if marked(thing) is not None]
    named = [vars(module).get(n) for n in (name, "scenario")]
    named = [thing for thing in named if callable(thing) and thing is not scenario]
    found = found or named[:1]
    if len(found) != 1:
        raise ScenarioError(
            f"The scenario file {name}.py has {len(found)} functions marked @scenario; "
            "exactly one is needed.",
            hint=f"put @scenario (from arangolab) over one function, or call it {name}.",
        )
    return found[0]


def _made(thing: type, name: str, given: Mapping[str, Value]) -> Any:
    """An instance of a scenario's class; one for each injector process."""
    fields = {field: value for field, value in given.items() if hasattr(thing, field)}
    try:
        if is_dataclass(thing):
            made = thing(**fields)
        else:
            for field, value in fields.items():
                setattr(thing, field, value)
            made = thing()
    except Exception as error:
        raise ScenarioError(
            f"The class of the scenario {name} cannot be made: {type(error).__name__}: {error}.",
            hint="an __init__ without arguments.",
        ) from error
    if not callable(getattr(made, "run", None)):
        raise ScenarioError(
            f"The class of the scenario {name} has no method run(session).", hint="add one."
        )
    return made
