"""AQL's operators on values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from arangolab.sandbox.faults import check
from arangolab.sandbox.values import freeze, sort_key, tidy, to_number, truthy

Operator = Callable[[Any, Any], Any]

_MAX_RANGE = 10_000_000
_WORD = re.compile(r"[A-Z_]+|[^\sA-Z_]+")


def span(left: Any, right: Any) -> list[int]:
    """left..right, also downwards; ArangoError 1504 when it is absurdly long."""
    low, high = int(to_number(left)), int(to_number(right))
    check(abs(high - low) <= _MAX_RANGE, 1504, f"too many elements in range {low}..{high}")
    return [*range(low, high + 1)] or [*range(low, high - 1, -1)]


def _contained(left: Any, right: Any, wanted: bool = True) -> bool:
    """IN, or NOT IN; neither holds for what is no array."""
    return type(right) is list and (freeze(left) in [*map(freeze, right)]) == wanted


def _comparison(sign: str, plain: Operator) -> Operator:
    kinds = (int, float, str) if sign in ("==", "!=") else (int, float)

    def compared(left: Any, right: Any) -> Any:
        if type(left) is type(right) and type(left) in kinds:
            return plain(left, right)
        return plain(sort_key(left), sort_key(right))

    return compared


UNARY: dict[str, Callable[[Any], Any]] = {
    "+": to_number,
    "-": lambda value: tidy(-to_number(value)),
    **dict.fromkeys(("!", "NOT"), lambda value: not truthy(value)),
}
_SIGNS = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_BINARY: dict[str, Operator] = {
    **{sign: _comparison(sign, plain) for sign, plain in _SIGNS.items()},
    "IN": _contained,
    "+": lambda left, right: tidy(to_number(left) + to_number(right)),
    "-": lambda left, right: tidy(to_number(left) - to_number(right)),
    "*": lambda left, right: tidy(to_number(left) * to_number(right)),
    "/": lambda left, right: tidy(to_number(left) / to_number(right)),
    "%": lambda left, right: tidy(math.fmod(to_number(left), to_number(right))),
    "..": span,
}


def binary(text: str) -> Operator:
    """The operator of this text: ==, NOT IN, ALL ==, ANY NOT IN."""
    first, *rest = _WORD.findall(text.upper())
    if not rest:
        return _BINARY[first]
    if first == "NOT":
        return lambda left, right: _contained(left, right, wanted=False)
    test = binary(" ".join(rest))
    holds, wanted = all if first == "ALL" else any, first != "NONE"
    return lambda items, value: (
        type(items) is list and holds(test(i, value) for i in items) == wanted
    )
