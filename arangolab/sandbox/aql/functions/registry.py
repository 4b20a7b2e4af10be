"""The table of functions, filled by the modules of the families."""

from __future__ import annotations

from collections.abc import Callable
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
    names: str, least: int, most: int | None = None, *, context: bool = False, coll: bool = False
) -> Callable[[F], F]:
    """Put a function into the table under one or several names, split by spaces."""

    def put(call: F) -> F:
        for name in names.split():
            FUNCTIONS[name] = Function(
                name, least, least if most is None else most, call, context, coll
            )
        return call

    return put
