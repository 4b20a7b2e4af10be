"""AQL's operators on values."""

from __future__ import annotations

import functools
import math
import re
import warnings
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.values import compare, freeze, tidy, to_number, truthy

_INT64 = 2**63
_MAX_RANGE = 10_000_000


def equal(left: Any, right: Any) -> bool:
    """Left == right."""
    kind = type(left)
    if kind is type(right) and kind is not list and kind is not dict:
        return left == right  # type: ignore[no-any-return]
    return compare(left, right) == 0


def unequal(left: Any, right: Any) -> bool:
    """Left != right."""
    return not equal(left, right)


def less(left: Any, right: Any) -> bool:
    """Left < right."""
    if type(left) is int and type(right) is int:
        return left < right
    return compare(left, right) < 0


def less_or_equal(left: Any, right: Any) -> bool:
    """Left <= right."""
    return compare(left, right) <= 0


def greater(left: Any, right: Any) -> bool:
    """Left > right."""
    if type(left) is int and type(right) is int:
        return left > right
    return compare(left, right) > 0


def greater_or_equal(left: Any, right: Any) -> bool:
    """Left >= right."""
    return compare(left, right) >= 0


def contained(left: Any, right: Any) -> bool:
    """Left IN right."""
    if type(right) is not list:
        return False
    if len(right) > 16:
        wanted = freeze(left)
        return any(freeze(item) == wanted for item in right)
    return any(equal(left, item) for item in right)


def not_contained(left: Any, right: Any) -> bool:
    """Left NOT IN right."""
    return not contained(left, right)


def _number(value: float) -> Any:
    if type(value) is int:
        return value if -_INT64 <= value < _INT64 else float(value)
    return tidy(value)


def add(left: Any, right: Any) -> Any:
    """Left + right."""
    return _number(to_number(left) + to_number(right))


def subtract(left: Any, right: Any) -> Any:
    """Left - right."""
    return _number(to_number(left) - to_number(right))


def multiply(left: Any, right: Any) -> Any:
    """Left * right."""
    return _number(to_number(left) * to_number(right))


def divide(left: Any, right: Any) -> Any:
    """Left / right; by zero gives null and a warning."""
    divisor = to_number(right)
    if divisor == 0:
        raise BadArgument(1562)
    return tidy(to_number(left) / divisor)


def modulo(left: Any, right: Any) -> Any:
    """Left % right, with the sign of left; by zero gives null and a warning."""
    divisor = to_number(right)
    if divisor == 0:
        raise BadArgument(1562)
    return tidy(math.fmod(to_number(left), divisor))


def span(left: Any, right: Any) -> range:
    """left..right, also downwards; ArangoError 32 when it is absurdly long."""
    low, high = int(to_number(left)), int(to_number(right))
    if abs(high - low) > _MAX_RANGE:
        raise ArangoError(1504, f"too many elements in range {low}..{high}")
    return range(low, high + 1) if low <= high else range(low, high - 1, -1)


def matches_like(text: Any, pattern: Any) -> bool:
    """Text LIKE pattern."""
    return like_pattern(_text(pattern), False).fullmatch(_text(text)) is not None


def matches_regex(text: Any, pattern: Any) -> bool:
    """Text =~ pattern."""
    return regex(_text(pattern), False).search(_text(text)) is not None


def not_matches_regex(text: Any, pattern: Any) -> bool:
    """Text !~ pattern."""
    return not matches_regex(text, pattern)


def _text(value: Any) -> str:
    from arangolab.sandbox.values import to_string

    return to_string(value)


@functools.lru_cache(maxsize=512)
def like_pattern(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """A LIKE pattern (% any text, _ one character) as a regular expression."""
    parts: list[str] = []
    escaped = False
    for character in pattern:
        if escaped:
            plain = character in "%_\\"
            parts.append(re.escape(character if plain else "\\" + character))
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
    if escaped:
        parts.append(re.escape("\\"))
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


@functools.lru_cache(maxsize=512)
def regex(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """A regular expression; BadArgument (1543) if it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError):
        raise BadArgument(1543) from None


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "==": equal,
    "!=": unequal,
    "<": less,
    "<=": less_or_equal,
    ">": greater,
    ">=": greater_or_equal,
    "IN": contained,
    "NOT IN": not_contained,
    "LIKE": matches_like,
    "=~": matches_regex,
    "!~": not_matches_regex,
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
}
BOOLEAN = frozenset(("==", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "LIKE", "=~", "!~"))


def holds_for(operator: Callable[[Any, Any], Any], left: Any, right: Any) -> int:
    """For how many elements of an array an operator holds; -1 if it is none."""
    return sum(operator(item, right) for item in left) if type(left) is list else -1


def quantified(operator: Callable[[Any, Any], Any], quantifier: str) -> Callable[[Any, Any], bool]:
    """An operator between an array's elements and a value: ALL ==, ANY <, NONE IN."""

    def test(left: Any, right: Any) -> bool:
        if type(left) is not list:
            return False
        if quantifier == "ALL":
            return all(operator(item, right) for item in left)
        return any(operator(item, right) for item in left) == (quantifier == "ANY")

    return test


def negative(value: Any) -> Any:
    """-value."""
    return _number(-to_number(value))


def positive(value: Any) -> Any:
    """+value."""
    return to_number(value)


def negation(value: Any) -> bool:
    """NOT value."""
    return not truthy(value)
