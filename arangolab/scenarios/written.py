"""Scenarios written in cells of a notebook: kept by name, for runs that this process starts."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from arangolab.errors import ScenarioError
from arangolab.parameters import Parameter
from arangolab.scenarios import reading

_kept: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Outline:
    """What can be told of a scenario's source without running it."""

    name: str
    steps: tuple[str, ...]
    """Its steps, as far as their names stand in the source."""
    parameters: tuple[Parameter, ...] = ()


def keep(name: str, source: str) -> None:
    """Let runs find the scenario by that name; one written earlier under it is replaced."""
    _kept[name] = source


def source_of(name: str) -> str | None:
    """The source of a scenario that was written here; None when there is none of that name."""
    return _kept.get(name)


def names() -> tuple[str, ...]:
    """The names of what was written here."""
    return tuple(_kept)


def outline(name: str, source: str) -> Outline:
    """Look at the source without running it.

    Raises ScenarioError, naming the line, when it is not Python, when it is not clear which
    function is the scenario, or when that one does not take a session.
    """
    if not name.isidentifier():
        raise ScenarioError(
            f"{name!r} cannot be a scenario's name.", hint="letters, digits and _, as in visit."
        )
    module = reading.tree(name, source)
    found = reading.playable(name, module)
    if len(found) != 1:
        raise ScenarioError(
            f"The scenario {name} has {len(found)} functions that could be played; exactly one "
            "is needed.",
            hint=f"def {name}(session): ... , or @scenario over one function.",
        )
    _check_mark_is_known(name, module)
    _check_takes_a_session(name, found[0])
    steps = tuple(dict.fromkeys(_steps(module)))
    return Outline(name, steps, reading.parameters(name, source))


def _check_mark_is_known(name: str, module: ast.Module) -> None:
    """The source is loaded elsewhere, where only what it imports itself is known."""
    marked = reading.marked(module)
    names = {n.id for node in marked for n in ast.walk(node) if isinstance(n, ast.Name)}
    imported = {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    if "scenario" in names and "scenario" not in imported:
        raise ScenarioError(
            f"The scenario {name} uses @scenario without importing it.",
            hint="from arangolab import scenario, as the first line; injectors know this text "
            "alone.",
        )


def _check_takes_a_session(name: str, node: reading.Played) -> None:
    """``def f(session)``, or a class with ``run(self, session)``."""
    if isinstance(node, ast.ClassDef):
        run = reading.run_of(node)
        if run is None:
            raise ScenarioError(
                f"The class of the scenario {name} has no method run(session).", hint="add one."
            )
        node, first = run, 1
    else:
        first = 0
    given = node.args.posonlyargs + node.args.args
    needed = len(given) - first - len(node.args.defaults)
    if node.args.vararg is None and (len(given) <= first or needed > 1):
        raise ScenarioError(
            f"The scenario {name} is called with the session alone, and {node.name} "
            f"(line {node.lineno}) takes {max(0, len(given) - first)} arguments.",
            hint=f"def {node.name}({'self, ' if first else ''}session): ...",
        )


def _steps(module: ast.Module) -> list[str]:
    """The names in ``session.step("name")``."""
    return [
        node.args[0].value
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "step"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]
