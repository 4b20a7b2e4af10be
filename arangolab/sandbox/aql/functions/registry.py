"""The table of functions, filled by the modules of the families.

How many arguments a function takes is read from its signature.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

Any_ = Callable[..., Any]
F = TypeVar("F", bound=Any_)

MANY = 1000


class Function(NamedTuple):
    """One function of AQL."""

    name: str
    least: int
    """Least number of arguments."""
    most: int
    """Greatest number of arguments."""
    call: Any_
    """Gets the arguments' values; may raise BadArgument (null and a warning)."""
    wants_context: bool
    """Whether ``call`` gets the query's Context first."""
    collections: bool
    """Whether a collection may be given by its bare name, which becomes a string."""


FUNCTIONS: dict[str, Function] = {}


def function(
    names: str, *, least: int = 0, most: int = MANY, context: bool = False, coll: bool = False
) -> Callable[[F], F]:
    """Put a function into the table under one or several names, split by spaces."""

    def put(call: F) -> F:
        arguments = [*inspect.signature(call).parameters.values()][int(context) :]
        needed = [a for a in arguments if a.default is a.empty and a.kind is not a.VAR_POSITIONAL]
        has_more = any(a.kind is a.VAR_POSITIONAL for a in arguments)
        for name in names.split():
            FUNCTIONS[name] = Function(
                name,
                max(least, len(needed)),
                min(most, MANY if has_more else len(arguments)),
                call,
                context,
                coll,
            )
        return call

    return put


def table(calls: Mapping[str, Any_]) -> None:
    """Put functions into the table that need no more than a line."""
    for names, call in calls.items():
        function(names)(call)
