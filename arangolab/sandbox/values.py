"""AQL's values: their types, equality, order and conversions.

Order across types: null < bool < number < string < array < object.  A missing element of an
array or object counts as null.  Strings are ordered as people do (a < A < b), by an
approximation of the Unicode collation that ArangoDB uses, and equal only if identical.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Hashable, Mapping
from typing import Any

Value = Any

_RANK: dict[type, int] = {
    type(None): 0,
    bool: 1,
    int: 2,
    float: 2,
    str: 3,
    list: 4,
    dict: 5,
}
_FALSE, _TRUE = ("false",), ("true",)
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")

_ALPHABET = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"
_WEIGHTS: Mapping[int, str] = {
    **{ord(c): chr(i + 2) for i, c in enumerate("\t\n\r " + _ALPHABET)},
    **{ord(c): chr(i + 100) for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")},
    **{ord(c): chr(i + 100) for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")},
}


@functools.lru_cache(maxsize=65_536)
def collation(text: str) -> tuple[str, str, str]:
    """A key that sorts strings by letters, then accents, then case (lower first)."""
    if text.isascii():
        return text.translate(_WEIGHTS), "", text.swapcase()
    parts = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    marks = "".join(c if unicodedata.combining(c) else " " for c in parts)
    return plain.casefold().translate(_WEIGHTS), marks, text.swapcase()


def rank(value: Value) -> int:
    """The place of a value's type in the order of types."""
    return _RANK[type(value)]


def compare(left: Value, right: Value) -> int:
    """Negative, 0 or positive, as left is less than, equal to or greater than right."""
    kind = _RANK[type(left)]
    if kind != _RANK[type(right)]:
        return kind - _RANK[type(right)]
    if kind == 0:
        return 0
    if kind == 3:
        return _compare_strings(left, right)
    if kind < 3:
        return int(left > right) - int(left < right)
    return _compare_arrays(left, right) if kind == 4 else _compare_objects(left, right)


def _compare_strings(left: str, right: str) -> int:
    if left == right:
        return 0
    return -1 if (collation(left), left) < (collation(right), right) else 1


def _compare_arrays(left: list[Value], right: list[Value]) -> int:
    for i in range(max(len(left), len(right))):
        order = compare(left[i] if i < len(left) else None, right[i] if i < len(right) else None)
        if order:
            return order
    return 0


def _compare_objects(left: dict[str, Value], right: dict[str, Value]) -> int:
    for name in sorted(left.keys() | right.keys()):
        order = compare(left.get(name), right.get(name))
        if order:
            return order
    return 0


_Ordered = functools.cmp_to_key(compare)


def sort_key(value: Value) -> tuple[Any, ...]:
    """A key for ``sorted`` that gives the order of ``compare``."""
    kind = _RANK[type(value)]
    if kind == 3:
        return (3, collation(value), value)
    if kind == 2 or kind == 1:
        return (kind, value)
    return (0,) if kind == 0 else (kind, _Ordered(value))


def equal(left: Value, right: Value) -> bool:
    """Whether AQL's ``==`` holds."""
    if type(left) is type(right) and not isinstance(left, list | dict):
        return bool(left == right)
    return compare(left, right) == 0


def freeze(value: Value) -> Hashable:
    """Something hashable that is the same for equal values and for them only."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return _TRUE if value else _FALSE
    if kind is float:
        return value  # type: ignore[no-any-return]
    if kind is dict:
        return (
            "object",
            frozenset((k, freeze(v)) for k, v in value.items() if v is not None),
        )
    frozen = [freeze(v) for v in value]
    while frozen and frozen[-1] is None:
        frozen.pop()
    return ("array", *frozen)


def truthy(value: Value) -> bool:
    """How a condition sees a value: null, false, 0 and "" are false, all else is true."""
    kind = type(value)
    if kind is bool:
        return value  # type: ignore[no-any-return]
    if kind is list or kind is dict:
        return True
    return bool(value)


def tidy(number: float) -> float | int | None:
    """A number as AQL shows it: whole floats as integers, NaN and infinity as null."""
    if type(number) is int:
        return number
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 9e15 else number


def to_number(value: Value) -> float | int:
    """The number that arithmetic sees."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return int(value)
    if kind is str:
        if not _NUMBER.fullmatch(value):
            return 0
        return tidy(float(value)) or 0 if not value.strip().lstrip("+-").isdigit() else int(value)
    if kind is list:
        return to_number(value[0]) if len(value) == 1 else 0
    return 0
