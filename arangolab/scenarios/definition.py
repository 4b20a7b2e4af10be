"""What a scenario is: a function of one session, with named steps.

    from arangolab import scenario

    @scenario
    def visit(session):
        with session.step("read"):
            rows = session.db.AQLQuery("RETURN 1", rawResults=True)
        session.check(len(rows) == 1, "no row came back")

A scenario is what one user does once.  arangolab calls the function in a greenlet of its own,
n times a second, each time with a new :class:`Session`.
"""

from __future__ import annotations

import ast
import importlib.util
import types
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from typing import Any, Protocol, TypeVar, runtime_checkable

from arangolab.errors import ScenarioError

BUILT_IN = ("login", "aql_read")
"""Names of the scenarios that ship, each a module of :mod:`arangolab.scenarios`."""


@runtime_checkable
class Session(Protocol):
    """What a scenario is given: one simulated user's session."""

    db: Any
    """pyArango's database, over a transport that pools connections and never retries."""
    user: int
    """Number of the user who is simulated, out of the run's user range."""
    rng: Random
    """Random numbers that depend on the run's seed and the start's number alone."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Time what happens inside as the step ``name``; an error in it carries that name."""

    def timing(self, name: str, duration_ms: float) -> None:
        """Send a timing in milliseconds that the scenario itself got (e.g. from a reply)."""

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""

    def check(self, condition: object, message: str) -> None:
        """Fail the scenario with ``message`` unless the condition holds."""

    def sleep(self, seconds: float) -> None:
        """The user's think time."""


ScenarioFunction = Callable[[Session], object]
_F = TypeVar("_F", bound=Callable[..., object])


def scenario(function: _F) -> _F:
    """Mark the function of a file (or notebook cell) that is the scenario."""
    function.__arangolab_scenario__ = True  # type: ignore[attr-defined]
    return function


def find(name_or_path: str) -> tuple[str, str | None]:
    """(name, source): a built-in's name and None, or a file's stem and its text.

    Raises ScenarioError when there is neither such a built-in nor such a file, or the file
    does not compile.
    """
    if name_or_path in BUILT_IN:
        return name_or_path, None
    path = Path(name_or_path)
    if path.suffix != ".py":
        raise ScenarioError(
            f"There is no scenario {name_or_path!r}.",
            hint=f"one of {', '.join(BUILT_IN)}, or the path of a .py file.",
        )
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(
            f"The scenario file {name_or_path} cannot be read ({error}).",
            hint="check the path.",
        ) from None
    check_source(path.stem, source)
    return path.stem, source


def check_source(name: str, source: str) -> None:
    """Raise ScenarioError, with line and column, when the source is not Python."""
    try:
        ast.parse(source, filename=name)
    except SyntaxError as error:
        raise ScenarioError(
            f"The scenario {name} is not valid Python: {error.msg} "
            f"(line {error.lineno}, column {error.offset}).",
            hint="correct that line.",
        ) from None


def load(name: str, source: str | None) -> ScenarioFunction:
    """The scenario's function: a built-in's when ``source`` is None, else out of the source.

    Runs the source; called in the injector alone.  Raises ScenarioError when that fails, or
    when it is not clear which function is the scenario.
    """
    if source is None:
        if name not in BUILT_IN:
            raise ScenarioError(
                f"There is no scenario {name!r}.", hint=f"one of {', '.join(BUILT_IN)}."
            )
        module = importlib.import_module(f"arangolab.scenarios.{name}")
        return _the_function(module, name)
    check_source(name, source)
    module = types.ModuleType(name)
    try:
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    except Exception as error:
        raise ScenarioError(
            f"The scenario {name} fails while it is loaded: {type(error).__name__}: {error}.",
            hint="run the file with python to see where.",
        ) from error
    return _the_function(module, name)


def _the_function(module: types.ModuleType, name: str) -> ScenarioFunction:
    """The function marked with @scenario, or else the one called like the file, or ``scenario``."""
    marked = [f for f in vars(module).values() if getattr(f, "__arangolab_scenario__", False)]
    named = [vars(module)[n] for n in (name, "scenario") if callable(vars(module).get(n))]
    found = marked or named[:1]
    if len(found) != 1:
        raise ScenarioError(
            f"The scenario file {name}.py has {len(found)} functions marked @scenario; "
            "exactly one is needed.",
            hint=f"put @scenario (from arangolab) over one function, or call it {name}.",
        )
    function: ScenarioFunction = found[0]
    return function
