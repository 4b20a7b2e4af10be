"""A scenario's source, read without being run: which part is played, and with what parameters.

Parameters are those of the function after its session, and for a class also its fields, that have
a default which stands there as it is:

    @scenario
    def visit(session, *, depth: int = 1, mode: Literal["hot", "cold"] = "hot"): ...

An int, float, bool or str, by the annotation or else by the default; Literal makes a choice.  What
is annotated otherwise, or begins with an underscore, is the scenario's own affair.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from importlib import resources
from typing import Any, Final

from arangolab.errors import ScenarioError
from arangolab.parameters import Kind, Parameter, Value

KINDS: Final[dict[str, Kind]] = {"int": "int", "float": "float", "bool": "bool", "str": "str"}
Played = ast.FunctionDef | ast.ClassDef
_UNREADABLE: Final = object()


def source_that_ships(name: str) -> str:
    """The text of the built-in's module."""
    return resources.files("arangolab.scenarios").joinpath(f"{name}.py").read_text("utf-8")


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


def marked(module: ast.Module) -> list[Played]:
    """What is marked with @scenario."""
    return [node for node in _top(module) if any(map(_is_mark, node.decorator_list))]


def playable(name: str, module: ast.Module) -> list[Played]:
    """What is marked, or else called like the scenario, or ``scenario``; one where it is clear."""
    means = {target: node.id for target, node in _constants(module) if isinstance(node, ast.Name)}
    wanted = {means.get(one, one) for one in (name, "scenario")}
    named = [node for node in _top(module) if node.name in wanted]
    return marked(module) or named[:1]


def run_of(node: ast.ClassDef) -> ast.FunctionDef | None:
    """The class's method ``run``."""
    methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    return next((method for method in methods if method.name == "run"), None)


def parameters(name: str, source: str | None) -> tuple[Parameter, ...]:
    """What the scenario can be told; of a built-in where ``source`` is None.

    Raises ScenarioError, with the line, for a parameter that cannot be one.
    """
    module = tree(name, source_that_ships(name) if source is None else source)
    found = playable(name, module)
    if len(found) != 1:
        return ()
    reader = _Reader(name, module)
    node = found[0]
    if isinstance(node, ast.FunctionDef):
        return tuple(reader.arguments(node))
    run = run_of(node)
    both = [*reader.fields(node), *(reader.arguments(run, 1) if run else ())]
    names = [one.name for one in both]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScenarioError(
            f"The scenario {name} has the parameter {twice} twice: as a field, and of run.",
            hint="one of them.",
        )
    return tuple(both)


class _Reader:
    """Parameters out of one module's tree."""

    def __init__(self, name: str, module: ast.Module) -> None:
        self._name = name
        self._constants = dict(_constants(module))

    def arguments(self, node: ast.FunctionDef, before: int = 0) -> Iterator[Parameter]:
        """Those after the session, which comes after ``before`` others."""
        places = node.args.args[max(0, before + 1 - len(node.args.posonlyargs)) :]
        defaults = node.args.defaults[-len(places) :] if places else []
        given = places[len(places) - len(defaults) :]
        pairs: list[tuple[ast.arg, ast.expr | None]] = list(zip(given, defaults, strict=True))
        pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        for argument, default in pairs:
            if default is None:
                raise ScenarioError(
                    f"The parameter {argument.arg} of {self._name} (line {argument.lineno}) has "
                    "no default.",
                    hint=f"{argument.arg}: int = 1",
                )
            yield from self._parameter(argument.arg, argument.annotation, default)

    def fields(self, node: ast.ClassDef) -> Iterator[Parameter]:
        """A class's fields: names that are annotated and have a default."""
        for part in node.body:
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and part.value:
                yield from self._parameter(part.target.id, part.annotation, part.value)

    def _parameter(
        self, name: str, annotation: ast.expr | None, default: ast.expr
    ) -> Iterator[Parameter]:
        value = self._value(default)
        kind, choices = self._kind(annotation, value)
        if kind is None or name.startswith("_"):
            return
        made = Parameter(name=name, kind=kind, default=0, choices=choices)
        try:
            if value is _UNREADABLE or isinstance(value, str) != (kind == "str"):
                raise ValueError
            usual = made.taken(value)
        except ValueError:
            raise ScenarioError(
                f"The default of the parameter {name} of {self._name} (line {default.lineno}) is "
                f"not a plain value that is {made.is_words}.",
                hint="a plain value there; what is reckoned from it, in the scenario.",
            ) from None
        yield Parameter(name=name, kind=kind, default=usual, choices=choices)

    def _kind(
        self, annotation: ast.expr | None, default: object
    ) -> tuple[Kind | None, tuple[Value, ...]]:
        """Its kind, None where it is no parameter; and its choices."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            with contextlib.suppress(SyntaxError):
                annotation = ast.parse(annotation.value, mode="eval").body
        if isinstance(annotation, ast.Name):
            annotation = self._constants.get(annotation.id, annotation)
        if annotation is None:
            return KINDS.get(type(default).__name__), ()
        if isinstance(annotation, ast.Name):
            return KINDS.get(annotation.id), ()
        if isinstance(annotation, ast.Subscript) and _last(annotation.value) == "Literal":
            inner = annotation.slice
            each = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            choices: tuple[Any, ...] = tuple(self._value(one) for one in each)
            kinds = {KINDS.get(type(one).__name__) for one in choices}
            if len(kinds) == 1:
                return kinds.pop(), choices
        return None, ()

    def _value(self, node: ast.expr) -> object:
        """What stands there, or what the module's name for it means."""
        if isinstance(node, ast.Name):
            node = self._constants.get(node.id, node)
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError):
            return _UNREADABLE


def _top(module: ast.Module) -> list[Played]:
    return [node for node in module.body if isinstance(node, Played)]


def _constants(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names of the module that mean one expression."""
    for node in module.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _is_mark(decorator: ast.expr) -> bool:
    """``@scenario``, ``@arangolab.scenario``, either with arguments."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _last(called) == "scenario"


def _last(node: ast.expr) -> str:
    """The last name of ``a.b.c``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
