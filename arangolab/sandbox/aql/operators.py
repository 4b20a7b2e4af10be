"""AQL's operators on values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from arangolab.sandbox.aql import patterns
from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.faults import check
from arangolab.sandbox.values import equal, freeze, sort_key, tidy, to_number, to_string, truthy

Operator = Callable[[Any, Any], Any]

_INT64 = 2**63
_MAX_RANGE = 10_000_000
_WORD = re.compile(r"[A-Z_]+|[^\sA-Z_]+")


def number(value: float) -> Any:
    """A result of arithmetic as AQL shows it: integers of 64 bits, else doubles."""
    if type(value) is int:
        return value if -_INT64 <= value < _INT64 else float(value)
    return tidy(value)


def _range(left: Any, right: Any) -> list[int]:
    """left..right, also downwards; ArangoError 1504 when it is absurdly long."""
    low, high = int(to_number(left)), int(to_number(right))
    check(abs(high - low) <= _MAX_RANGE, 1504, f"too many elements in range {low}..{high}")
    step = 1 if low <= high else -1
    return list(range(low, high + step, step))


def _contained(left: Any, right: Any) -> bool:
    wanted = freeze(left)
    return type(right) is list and any(freeze(item) == wanted for item in right)


def _divisor(value: Any) -> float | int:
    if not (found := to_number(value)):
        raise BadArgument(1562)
    return found


UNARY: dict[str, Callable[[Any], Any]] = {
    "+": to_number,
    "-": lambda value: number(-to_number(value)),
    "!": lambda value: not truthy(value),
    "NOT": lambda value: not truthy(value),
}
_BINARY: dict[str, Operator] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": lambda left, right: sort_key(left) < sort_key(right),
    "<=": lambda left, right: sort_key(left) <= sort_key(right),
    ">": lambda left, right: sort_key(left) > sort_key(right),
    ">=": lambda left, right: sort_key(left) >= sort_key(right),
    "IN": _contained,
    "LIKE": lambda text, like: patterns.like(to_string(text), to_string(like)),
    "=~": lambda text, pattern: patterns.found(to_string(text), to_string(pattern)),
    "!~": lambda text, pattern: not patterns.found(to_string(text), to_string(pattern)),
    "+": lambda left, right: number(to_number(left) + to_number(right)),
    "-": lambda left, right: number(to_number(left) - to_number(right)),
    "*": lambda left, right: number(to_number(left) * to_number(right)),
    "/": lambda left, right: tidy(to_number(left) / _divisor(right)),
    "%": lambda left, right: tidy(math.fmod(to_number(left), _divisor(right))),
    "..": _range,
}


_QUANTIFIERS: dict[str, Callable[[Iterable[bool]], bool]] = {
    "ALL": all,
    "ANY": any,
    "NONE": lambda tests: not any(tests),
}


def binary(text: str) -> Operator:
    """The operator of this text: ==, NOT IN, ALL ==, ANY NOT IN."""
    first, *rest = _WORD.findall(text.upper())
    if not rest:
        return _BINARY[first]
    test = binary(" ".join(rest))
    if first == "NOT":
        return lambda left, right: not test(left, right)
    holds = _QUANTIFIERS[first]
    return lambda left, right: type(left) is list and holds(test(item, right) for item in left)
