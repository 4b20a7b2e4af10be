"""Scenarios written in cells of a notebook: kept by name, for runs that this process starts."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from arangolab.errors import ScenarioError

_kept: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Outline:
    """What can be told of a scenario's source without running it."""

    name: str
    steps: tuple[str, ...]
    """Its steps, as far as their names stand in the source."""


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
    module = tree(name, source)
    top = [node for node in module.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    marked = [node for node in top if any(_is_mark(mark) for mark in node.decorator_list)]
    found = marked or [node for node in top if node.name in (name, "scenario")][:1]
    if len(found) != 1:
        raise ScenarioError(
            f"The scenario {name} has {len(found)} functions that could be played; exactly one "
            "is needed.",
            hint=f"def {name}(session): ... , or @scenario over one function.",
        )
    _check_mark_is_known(name, module, marked)
    _check_takes_a_session(name, found[0])
    return Outline(name, tuple(dict.fromkeys(_steps(module))))


def tree(name: str, source: str) -> ast.Module:
    """The source as a syntax tree; raises ScenarioError, with line and column."""
    try:
        return ast.parse(source, filename=name)
    except SyntaxError as error:
        raise ScenarioError(
            f"The scenario {name} is not valid Python: {error.msg} "
            f"(line {error.lineno}, column {error.offset}).",
            hint="correct that line.",
        ) from None


def _is_mark(decorator: ast.expr) -> bool:
    """``@scenario``, ``@arangolab.scenario``, either with arguments."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(called, ast.Attribute):
        return called.attr == "scenario"
    return isinstance(called, ast.Name) and called.id == "scenario"


def _check_mark_is_known(name: str, module: ast.Module, marked: Sequence[ast.stmt]) -> None:
    """The source is loaded elsewhere, where only what it imports itself is known."""
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


def _check_takes_a_session(name: str, node: ast.stmt) -> None:
    """``def f(session)``, or a class with ``run(self, session)``."""
    if isinstance(node, ast.ClassDef):
        methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
        run = next((method for method in methods if method.name == "run"), None)
        if run is None:
            raise ScenarioError(
                f"The class of the scenario {name} has no method run(session).", hint="add one."
            )
        node, first = run, 1
    else:
        first = 0
    assert isinstance(node, ast.FunctionDef)  # noqa: S101 - the only other kind there is
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
