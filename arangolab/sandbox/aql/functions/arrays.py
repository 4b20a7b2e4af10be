"""Array functions."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.convert import array, to_string, whole
from arangolab.sandbox.aql.functions.registry import function, table
from arangolab.sandbox.values import freeze, sort_key, tidy, truthy


def distinct(values: list[Any]) -> list[Any]:
    """Each value once, where it came first."""
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(freeze(value), value)
    return list(found.values())


@function("LENGTH COUNT")
def length(value: Any) -> int:
    """Elements of an array, attributes of an object, characters of a text."""
    if type(value) is list or type(value) is dict:
        return len(value)
    if value is None or value is False:
        return 0
    return 1 if value is True else len(to_string(value))


@function("NTH")
def nth(values: Any, position: Any) -> Any:
    """The element at a position, null outside."""
    at = whole(position)
    return array(values)[at] if 0 <= at < len(array(values)) else None


@function("APPEND")
def append(values: Any, more: Any, unique: Any = False) -> list[Any]:
    """Both arrays in one."""
    if values is None:
        return array(more)
    joined = array(values) + (more if type(more) is list else [more])
    return distinct(joined) if truthy(unique) else joined


@function("PUSH")
def push(values: Any, value: Any, unique: Any = False) -> list[Any]:
    """With an element more at the end."""
    values = [] if values is None else array(values)
    return values if truthy(unique) and _position(values, value) >= 0 else [*values, value]


@function("UNSHIFT")
def unshift(values: Any, value: Any, unique: Any = False) -> list[Any]:
    """With an element more at the start."""
    values = [] if values is None else array(values)
    return values if truthy(unique) and _position(values, value) >= 0 else [value, *values]


@function("SLICE")
def slice_(values: Any, start: Any, count: Any = None) -> list[Any]:
    """A part; a negative count leaves out that many at the end."""
    items, begin = array(values), whole(start)
    begin = max(len(items) + begin, 0) if begin < 0 else begin
    if count is None:
        return items[begin:]
    size = whole(count)
    return items[begin : begin + size] if size >= 0 else items[begin:size]


def _tally(*arrays: Any) -> list[tuple[Any, int]]:
    """Each element with the number of arrays that have it.

    The order is not defined in ArangoDB; there it mostly is the reverse of the elements' own.
    """
    seen: dict[Any, tuple[Any, int]] = {}
    for values in arrays:
        for value in distinct(array(values)):
            first, count = seen.get(freeze(value), (value, 0))
            seen[freeze(value)] = (first, count + 1)
    return list(seen.values())[::-1]


@function("MINUS", least=2)
def minus(*arrays: Any) -> list[Any]:
    """What only the first has; in no defined order, as with ``_tally``."""
    others = {freeze(value) for values in arrays[1:] for value in array(values)}
    return [value for value in distinct(array(arrays[0])) if freeze(value) not in others][::-1]


@function("JACCARD")
def jaccard(one: Any, other: Any) -> Any:
    """Common elements per all elements."""
    counts = [count for _, count in _tally(one, other)]
    return tidy(counts.count(2) / len(counts)) if counts else 1


@function("FLATTEN")
def flatten(values: Any, depth: Any = 1) -> list[Any]:
    """Inner arrays opened, ``depth`` levels deep."""
    found: list[Any] = []
    for value in array(values):
        if type(value) is list and whole(depth) > 0:
            found += flatten(value, whole(depth) - 1)
        else:
            found.append(value)
    return found


@function("INTERLEAVE", least=2)
def interleave(*arrays: Any) -> list[Any]:
    """One element of each in turn."""
    none = object()
    rows = itertools.zip_longest(*(array(values) for values in arrays), fillvalue=none)
    return [value for row in rows for value in row if value is not none]


def _position(values: list[Any], search: Any) -> int:
    wanted = freeze(search)
    return next((i for i, value in enumerate(values) if freeze(value) == wanted), -1)


@function("POSITION CONTAINS_ARRAY")
def position(values: Any, search: Any, index: Any = False) -> Any:
    """Whether, or where, an element is there."""
    found = _position(array(values), search)
    return found if truthy(index) else found >= 0


@function("REMOVE_NTH")
def remove_nth(values: Any, position: Any) -> list[Any]:
    """Without the element at a position."""
    items, at = array(values), whole(position)
    if not -len(items) <= at < len(items):
        return items
    at %= len(items)
    return items[:at] + items[at + 1 :]


@function("REMOVE_VALUE")
def remove_value(values: Any, value: Any, limit: Any = None) -> list[Any]:
    """Without an element, or its first ``limit`` occurrences."""
    left = len(array(values)) if limit is None else whole(limit)
    wanted, found = freeze(value), []
    for item in array(values):
        if left > 0 and freeze(item) == wanted:
            left -= 1
        else:
            found.append(item)
    return found


@function("REMOVE_VALUES")
def remove_values(values: Any, unwanted: Any) -> list[Any]:
    """Without any of these elements."""
    gone = {freeze(value) for value in array(unwanted)}
    return [value for value in array(values) if freeze(value) not in gone]


@function("REPLACE_NTH")
def replace_nth(values: Any, position: Any, new: Any, padding: Any = None) -> list[Any]:
    """With another element at a position; beyond the end only with padding."""
    items, at = list(array(values)), whole(position)
    if at < 0:
        at = max(len(items) + at, 0)
    if at >= len(items):
        if padding is None or at > 10**6:
            raise BadArgument
        items += [padding] * (at - len(items)) + [None]
    items[at] = new
    return items


@function("IN_RANGE")
def in_range(value: Any, low: Any, high: Any, with_low: Any, with_high: Any) -> bool:
    """Whether a value lies between two others."""
    at, least, most = sort_key(value), sort_key(low), sort_key(high)
    above = at >= least if truthy(with_low) else at > least
    return above and (at <= most if truthy(with_high) else at < most)


def _first(fits: Callable[[Any], bool]) -> Callable[..., Any]:
    """A function that gives the first argument that fits, else null."""
    return lambda value, *more: next((v for v in (value, *more) if fits(v)), None)


table(
    {
        "FIRST": lambda values: array(values)[0] if array(values) else None,
        "LAST": lambda values: array(values)[-1] if array(values) else None,
        "POP": lambda values: array(values)[:-1],
        "SHIFT": lambda values: array(values)[1:],
        "REVERSE": lambda value: value[::-1] if type(value) is list else to_string(value)[::-1],
        "SORTED": lambda values: sorted(array(values), key=sort_key),
        "SORTED_UNIQUE": lambda values: sorted(distinct(array(values)), key=sort_key),
        "UNIQUE": lambda values: distinct(array(values)),
        "COUNT_DISTINCT COUNT_UNIQUE": lambda values: len(distinct(array(values))),
        "UNION": lambda a, b, *more: [v for values in (a, b, *more) for v in array(values)],
        "UNION_DISTINCT": lambda a, b, *more: [v for v, _ in _tally(a, b, *more)],
        "INTERSECTION": lambda a, b, *more: [
            v for v, count in _tally(a, b, *more) if count == 2 + len(more)
        ],
        "OUTERSECTION": lambda a, b, *more: [v for v, count in _tally(a, b, *more) if count == 1],
        "NOT_NULL": _first(lambda value: value is not None),
        "FIRST_LIST": _first(lambda value: type(value) is list),
        "FIRST_DOCUMENT": _first(lambda value: type(value) is dict),
    }
)
