"""AQL's values: their types, equality, order and conversions.

Order across types: null < bool < number < string < array < object.  A missing element of an
array or object counts as null.  Strings are ordered as people do (a < A < b), by an
approximation of the Unicode collation that ArangoDB uses, and equal only if identical.
"""

from __future__ import annotations

import functools
import json
import math
import re
import string
import unicodedata
from collections.abc import Hashable
from typing import Any

Value = Any

_NAMES = ("null", "bool", "number", "string", "array", "object")
_RANK = {type(None): 0, bool: 1, int: 2, float: 2, str: 3, list: 4, dict: 5}
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")
_MARKS = "\t\n\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"
_WEIGHTS = str.maketrans(
    _MARKS + string.ascii_letters,
    "".join(map(chr, [*range(2, 2 + len(_MARKS)), *range(100, 126), *range(100, 126)])),
)


@functools.lru_cache(maxsize=65_536)
def collation(text: str) -> tuple[str, str, str]:
    """A key that sorts strings by letters, then accents, then case (lower first)."""
    if text.isascii():
        return text.translate(_WEIGHTS), "", text.swapcase()
    parts = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    marks = "".join(c if unicodedata.combining(c) else " " for c in parts)
    return plain.casefold().translate(_WEIGHTS), marks, text.swapcase()


@functools.lru_cache(maxsize=4096)
def _backwards(name: str) -> tuple[int, ...]:
    """A key that sorts names from last to first: who has the first one has more."""
    return (*(-ord(character) for character in name), 1)


def typename(value: Value) -> str:
    """The name of a value's type."""
    return _NAMES[_RANK[type(value)]]


def sort_key(value: Value) -> tuple[Any, ...]:
    """A key for ``sorted``: the same for equal values and for them only."""
    kind = _RANK[type(value)]
    if kind == 3:
        return (3, collation(value), value)
    if kind == 4:
        keys = [sort_key(item) for item in value]
        while keys and keys[-1] == (0, None):
            keys.pop()
        return (4, tuple(keys))
    if kind == 5:
        items = sorted((name, item) for name, item in value.items() if item is not None)
        return (5, tuple((_backwards(name), sort_key(item)) for name, item in items))
    return (kind, value)


def compare(left: Value, right: Value) -> int:
    """Negative, 0 or positive, as left is less than, equal to or greater than right."""
    one, other = sort_key(left), sort_key(right)
    return (one > other) - (one < other)


def freeze(value: Value) -> Hashable:
    """Something hashable that is the same for equal values and for them only."""
    kind = type(value)
    if kind is str or kind is int or kind is float or value is None:
        return value  # type: ignore[no-any-return]
    return sort_key(value)


def equal(left: Value, right: Value) -> bool:
    """Whether AQL's ``==`` holds."""
    return freeze(left) == freeze(right)


def truthy(value: Value) -> bool:
    """How a condition sees a value: null, false, 0 and "" are false, all else is true."""
    return bool(value) or type(value) in (list, dict)


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
        return (tidy(float(value)) or 0) if _NUMBER.fullmatch(value) else 0
    return to_number(value[0]) if kind is list and len(value) == 1 else 0


def to_json(value: Value) -> str:
    """Compact JSON text."""
    shown = tidy(value) if type(value) is float else value
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def to_string(value: Value) -> str:
    """Null is empty; arrays and objects become JSON."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if value is None:
        return ""
    return str(value) if kind is int else to_json(value)
