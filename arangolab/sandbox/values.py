"""AQL's values: their types, equality, order and conversions.

Order across types: null < bool < number < string < array < object.  A missing element of an
array or object counts as null.  Strings are ordered as people do (a < A < b), by an
approximation of the Unicode collation that ArangoDB uses, and equal only if identical.
"""

from __future__ import annotations

import functools
import json
import re
import string
import sys
import unicodedata
from collections.abc import Hashable
from typing import Any

NAMES = ("null", "bool", "number", "string", "array", "object")
_RANK = {type(None): 0, bool: 1, int: 2, float: 2, str: 3, list: 4, dict: 5}
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")
_INT64 = 2**63
_MARKS = "\t\n\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"
_ORDER = "".join(map(chr, range(2, 28 + len(_MARKS))))
_WEIGHTS = str.maketrans(_MARKS + string.ascii_letters, _ORDER + _ORDER[-26:])


@functools.lru_cache(maxsize=65_536)
def collation(text: str) -> tuple[str, str, str]:
    """A key that sorts strings by letters, then accents, then case (lower first)."""
    if text.isascii():
        return text.translate(_WEIGHTS), "", text.swapcase()
    parts = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    marks = "".join(c if unicodedata.combining(c) else " " for c in parts)
    return plain.casefold().translate(_WEIGHTS), marks, text.swapcase()


def _backwards(name: str) -> tuple[int, ...]:
    """A key that sorts names from last to first: who has the first one has more."""
    return (*(-ord(character) for character in name), 1)


def typename(value: Any) -> str:
    """The name of a value's type."""
    return NAMES[_RANK[type(value)]]


def sort_key(value: Any) -> tuple[Any, ...]:
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


def freeze(value: Any) -> Hashable:
    """Something hashable that is the same for equal values and for them only."""
    if value is None or type(value) in (str, int, float):
        return value  # type: ignore[no-any-return]
    return sort_key(value)


def equal(left: Any, right: Any) -> bool:
    """Whether AQL's ``==`` holds."""
    return freeze(left) == freeze(right)


def truthy(value: Any) -> bool:
    """How a condition sees a value: null, false, 0 and "" are false, all else is true."""
    return bool(value) or type(value) in (list, dict)


def tidy(number: float) -> float | int | None:
    """A number as AQL shows it: integers of 64 bits, else doubles; NaN and infinity are null."""
    if type(number) is int and -_INT64 <= number < _INT64:
        return number
    if not abs(number) <= sys.float_info.max:
        return None
    return int(number) if number % 1 == 0 and abs(number) < 9e15 else float(number)


def to_number(value: Any) -> float | int:
    """The number that arithmetic sees."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return int(value)
    if kind is str:
        return (tidy(float(value)) or 0) if _NUMBER.fullmatch(value) else 0
    return to_number(value[0]) if kind is list and len(value) == 1 else 0


def element(value: Any, index: Any) -> Any:
    """value[index], for objects and arrays; negative positions count from the end."""
    if type(value) is dict:
        return value.get(to_string(index))
    place = to_number(index)
    is_number = type(index) in (int, float) or str(place) == index
    if type(value) is not list or not is_number or not -len(value) <= place < len(value):
        return None
    return value[int(place)]


def to_json(value: Any) -> str:
    """Compact JSON text."""
    shown = tidy(value) if type(value) is float else value
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def to_string(value: Any) -> str:
    """Null is empty; arrays and objects become JSON."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if value is None:
        return ""
    return str(value) if kind is int else to_json(value)
