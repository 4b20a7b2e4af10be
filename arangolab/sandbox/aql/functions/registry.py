"""The table of functions, filled by the modules of the families.

A row is a signature and what it calls: ``"SUBSTRING(s, i, i?)": lambda text, start, length=None``.
A letter says what becomes of an argument: s text, n number, i integer, b truth, v nothing; t must
be a text (else null and warning 1542), o an object, a an array (1563), l one or null for an empty
one; c as v, and a collection's bare name counts as text; @ is no argument but the query's Context.
``s?`` may be left out, and null at the end counts as left out; ``s*`` stands for any number.  Names
split by | mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from arangolab.sandbox.aql.context import BadArgument, Evaluate, Frame
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.values import to_number, to_string, truthy

Call = Callable[..., Any]
_MANY: Final = 1000
_UNUSABLE = (TypeError, LookupError, ValueError, ArithmeticError, RecursionError, re.error)


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


def _only(kind: type, error_num: int = 1542) -> Call:
    def check(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise BadArgument(error_num)

    return check


array: Final = _only(list, 1563)
document: Final = _only(dict)
text: Final = _only(str)


def unpacked(values: tuple[Any, ...]) -> Any:
    """The arguments, or the elements of a single array among them."""
    return values[0] if len(values) == 1 and type(values[0]) is list else values


def usable(call: Call) -> Call:
    """A function that tells whether ``call`` can use an argument."""

    def test(value: Any) -> bool:
        try:
            call(value)
        except (*_UNUSABLE, BadArgument, ArangoError):
            return False
        return True

    return test


_CONVERSIONS: Final[dict[str, Call]] = {
    **dict.fromkeys("vc@", lambda value: value),
    "s": to_string,
    "n": to_number,
    "b": truthy,
    "t": text,
    "o": document,
    "a": array,
    "l": lambda value: [] if value is None else array(value),
    "i": lambda value: int(to_number(value)),
}


def table(family: str, rows: Mapping[str, Call]) -> None:
    """Put a family of functions into the table."""
    for signature, call in rows.items():
        names, _, kinds = signature.rstrip(")").partition("(")
        letters = kinds.split(", ") if kinds else []
        context = "@" in letters
        least = sum(len(letter) == 1 for letter in letters) - context
        if kinds.endswith("*"):
            letters[-1:] = [letters[-1]] * (_MANY - least)
        most = len(letters) - context
        shortest = context + (least if "?" in kinds else most)
        given = _converting(call, [_CONVERSIONS[letter[0]] for letter in letters], shortest)
        for name in names.split("|"):
            FUNCTIONS[name] = Function(name, family, least, most, given, context, "c" in letters)


def _converting(call: Call, conversions: list[Call], shortest: int) -> Call:
    def converting(*given: Any) -> Any:
        while len(given) > shortest and given[-1] is None:
            given = given[:-1]
        try:
            return call(*[convert(v) for convert, v in zip(conversions, given, strict=False)])
        except _UNUSABLE:
            raise BadArgument from None

    return converting


def checked(name: str, count: int) -> Function:
    """The function of that name for that many arguments; ArangoError 1540, 1541, 1582."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise fault(1582 if "::" in name else 1540, name)
    least, most = function.least, function.most
    if least <= count <= most:
        return function
    limits = f"minimum: {least}, maximum: {'unlimited' if most == _MANY else most}"
    raise fault(1541, name, after=f", expected number of arguments: {limits}")


def applied(function: Function, arguments: list[Evaluate]) -> Evaluate:
    """A closure for a call; a bad argument gives null and a warning."""
    call, name, wants_context = function.call, function.name, function.wants_context

    def value(f: Frame) -> Any:
        given = [argument(f) for argument in arguments]
        try:
            return call(f[0], *given) if wants_context else call(*given)
        except BadArgument as bad:
            number = bad.error_num
            f[0].warn(number, fault(number, *([name] if number == 1542 else ())).message)
            return None

    return value
