"""The table of functions, filled by the modules of the families.

A row is a signature and what it calls: ``"SUBSTRING(s, i, i?)": lambda text, start, length=None``.
A letter says what becomes of an argument: s text, n number, i integer, b truth, v nothing; o must
be an object (else null and warning 1542), a an array (1563), l one or null for an empty one; c as
v, and a collection's bare name counts as text; @ is no argument but the query's Context.  ``s?``
may be left out, and null at the end counts as left out; ``s*`` stands for any number.  Names split
by | mean the same.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from arangolab.sandbox.aql.context import BadArgument, Evaluate, Frame
from arangolab.sandbox.faults import fault
from arangolab.sandbox.values import tidy, to_number, to_string, truthy

Call = Callable[..., Any]
_MANY: Final = 1000
_UNUSABLE = (AttributeError, TypeError, LookupError, ValueError, ArithmeticError, RecursionError)


class Function(NamedTuple):
    """One function of AQL; ``call`` may raise BadArgument (null and a warning)."""

    name: str
    family: str
    least: int
    most: int
    call: Call
    wants_context: bool
    collections: bool
    """Whether a collection may be given by its bare name, which becomes a string."""


FUNCTIONS: Final[dict[str, Function]] = {}


def unpacked(values: tuple[Any, ...]) -> Any:
    """The arguments, or the elements of a single array among them."""
    return values[0] if len(values) == 1 and type(values[0]) is list else values


def _only(kind: type, error_num: int, value: Any) -> Any:
    if type(value) is not kind:
        raise BadArgument(error_num)
    return value


array = functools.partial(_only, list, 1563)
_CONVERSIONS: Final[dict[str, Call]] = {
    **dict.fromkeys("vc@", lambda value: value),
    "s": to_string,
    "n": to_number,
    "b": truthy,
    "o": functools.partial(_only, dict, 1542),
    "a": array,
    "l": lambda value: [] if value is None else array(value),
    "i": lambda value: int(to_number(value)),
}


def table(family: str, rows: Mapping[str, Call], bad: int | None = 1542) -> None:
    """Put a family into the table; ``bad``: what warns of unusable arguments, or the result."""
    for signature, call in rows.items():
        names, _, kinds = signature.rstrip(")").partition("(")
        letters = kinds.split(", ") if kinds else []
        context = "@" in letters
        least = sum(len(letter) == 1 for letter in letters) - context
        if kinds.endswith("*"):
            letters[-1:] = [letters[-1]] * (_MANY - least)
        most = len(letters) - context
        shortest = context + (least if "?" in kinds else most)
        conversions = [_CONVERSIONS[letter[0]] for letter in letters]
        given = functools.partial(_called, call, conversions, shortest, bad)
        for name in names.split("|"):
            FUNCTIONS[name] = Function(name, family, least, most, given, context, "c" in letters)


def _called(call: Call, conversions: list[Call], shortest: int, bad: Any, *given: Any) -> Any:
    while len(given) > shortest and given[-1] is None:
        given = given[:-1]
    try:
        found = call(*[convert(v) for convert, v in zip(conversions, given, strict=False)])
    except (*_UNUSABLE, re.error):
        if not bad:
            return bad
        raise BadArgument(bad) from None
    return tidy(found) if type(found) is float else found


def checked(name: str, count: int) -> Function:
    """The function of that name for that many arguments; ArangoError 1540, 1541, 1582."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise fault(1582 if "::" in name else 1540, name)
    if function.least <= count <= function.most:
        return function
    most = "unlimited" if function.most == _MANY else function.most
    limits = f"minimum: {function.least}, maximum: {most}"
    raise fault(1541, name, after=f", expected number of arguments: {limits}")


def applied(function: Function, arguments: list[Evaluate]) -> Evaluate:
    """A closure for a call; a bad argument gives null and a warning."""
    call, name, wants_context = function.call, function.name, function.wants_context

    def value(f: Frame) -> Any:
        given = [argument(f) for argument in arguments]
        try:
            return call(f[0], *given) if wants_context else call(*given)
        except BadArgument as bad:
            words = [name] if bad.error_num == 1542 else []
            f[0].warn(bad.error_num, fault(bad.error_num, *words).message)
            return None

    return value
