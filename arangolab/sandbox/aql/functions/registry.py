"""The table of functions, filled by the modules of the families.

A row is a signature and what it calls: ``"SUBSTRING s i i?": lambda text, start, length=None``.
A letter says what becomes of an argument: s text, n number, i integer, b truth, v nothing; o must
be an object (else null and warning 1542), a an array (1563), l one or null for an empty one, m one
or its only element; c as v, and a collection's bare name counts as text.  ``s?`` may be left out,
and null at the end counts as left out; ``s*`` stands for any number.  @ is no argument but the
query's Context.  Names split by | mean the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from arangolab.sandbox.aql.context import Context, Evaluate, Frame
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.values import tidy, to_number, to_string, truthy

Call = Callable[..., Any]
_MANY: Final = 1000
_WARNED: Final = (1542, 1543, 1562, 1563, 1572)
_UNUSABLE = (AttributeError, TypeError, LookupError, ValueError, ArithmeticError, RecursionError)
_AGGREGATES: Final = (
    "AVERAGE AVG COUNT COUNT_DISTINCT COUNT_UNIQUE LENGTH MAX MIN PUSH SORTED_UNIQUE STDDEV SUM "
    "STDDEV_POPULATION STDDEV_SAMPLE UNIQUE VARIANCE VARIANCE_POPULATION VARIANCE_SAMPLE"
)


def unpacked(values: tuple[Any, ...]) -> Any:
    """The arguments, or the elements of a single array among them."""
    return values[0] if len(values) == 1 and type(values[0]) is list else values


def _array(value: Any) -> Any:
    check(type(value) is list, 1563)
    return value


_CONVERSIONS: Final[dict[str, Call]] = {
    "s": to_string,
    "n": to_number,
    "i": lambda value: int(to_number(value)),
    "b": truthy,
    "o": lambda value: {**value},
    "a": _array,
    "l": lambda value: [] if value is None else _array(value),
    "m": lambda value: value if type(value) is list else [] if value is None else [value],
    **dict.fromkeys("vc", lambda value: value),
}


class Function:
    """One function of AQL, after its row in the table."""

    def __init__(self, name: str, family: str, letters: list[str], behind: Call, bad: Any) -> None:
        self.name, self.family, self._behind = name, family, behind
        self._bad = False if name.startswith("IS_") else bad
        self._wants_context = "@" in letters
        self.collections = "c" in letters
        """Whether a collection may be given by its bare name, which becomes a string."""
        kinds = [letter for letter in letters if letter != "@"]
        self.least = sum(len(kind) == 1 for kind in kinds)
        self.most = _MANY if kinds and kinds[-1].endswith("*") else len(kinds)
        kinds += kinds[-1:] * (self.most - len(kinds))
        self._conversions = [_CONVERSIONS[kind[0]] for kind in kinds]

    def call(self, context: Context | None, given: list[Any]) -> Any:
        """Its value; an ArangoError that is ``_WARNED`` of for null and a warning."""
        while self.most < _MANY and len(given) > self.least and given[-1] is None:
            given = given[:-1]
        try:
            values = [convert(v) for convert, v in zip(self._conversions, given, strict=False)]
            found = self._behind(*([context] if self._wants_context else []), *values)
        except _UNUSABLE:
            if not self._bad:
                return self._bad
            raise ArangoError(self._bad) from None
        return tidy(found) if type(found) in (int, float) else found


FUNCTIONS: Final[dict[str, Function]] = {}


def table(family: str, rows: Mapping[str, Call], bad: int | None = 1542) -> None:
    """Put rows into the table; ``bad`` warns of unusable arguments, of which IS_... are false."""
    for signature, behind in rows.items():
        names, *letters = signature.split()
        FUNCTIONS.update({n: Function(n, family, letters, behind, bad) for n in names.split("|")})


def checked(name: str, count: int) -> Function:
    """The function of that name for that many arguments; ArangoError 1540, 1541, 1582."""
    function = check(FUNCTIONS.get(name), 1582 if "::" in name else 1540, (name,))
    if function.least <= count <= function.most:
        return function
    most = "unlimited" if function.most == _MANY else function.most
    raise ArangoError(1541, (name, f"minimum: {function.least}, maximum: {most}"))


def applied(name: str, call: Call, arguments: list[Evaluate]) -> Evaluate:
    """A closure for a call; a bad argument, or a division by zero, gives null and a warning."""

    def value(f: Frame) -> Any:
        given = [argument(f) for argument in arguments]
        try:
            return call(f[0], given)
        except (ArangoError, ArithmeticError, ValueError) as bad:
            code = getattr(bad, "error_num", 1562)
            if code not in _WARNED:
                raise
            words = (name,) if code == 1542 else ()
            f[0].warn(code, ArangoError(code, words).message)
            return None

    return value


def aggregate(name: str) -> Callable[[list[Any]], Any]:
    """What COLLECT AGGREGATE makes of the values of a group; ArangoError 1574."""
    check(name in _AGGREGATES.split(), 1574, f"invalid aggregate function '{name}()'")

    def reduce(values: list[Any]) -> Any:
        with contextlib.suppress(ArangoError):
            if values or name != "SUM":
                return values if name == "PUSH" else FUNCTIONS[name].call(None, [values])
        return None

    return reduce
