"""Array functions."""

from __future__ import annotations

import itertools
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.convert import array, to_string, whole
from arangolab.sandbox.aql.functions.registry import MANY, function
from arangolab.sandbox.values import freeze, sort_key, truthy


def distinct(values: list[Any]) -> list[Any]:
    """Each value once, where it came first."""
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(freeze(value), value)
    return list(found.values())


@function("LENGTH COUNT", 1)
def length(value: Any) -> int:
    """Elements of an array, attributes of an object, characters of a text."""
    if type(value) is list or type(value) is dict:
        return len(value)
    if value is None or value is False:
        return 0
    return 1 if value is True else len(to_string(value))


@function("COUNT_DISTINCT COUNT_UNIQUE", 1)
def count_distinct(values: Any) -> int:
    """How many different elements."""
    return len({freeze(value) for value in array(values)})


@function("FIRST", 1)
def first(values: Any) -> Any:
    """The first element, null of nothing."""
    return array(values)[0] if array(values) else None


@function("LAST", 1)
def last(values: Any) -> Any:
    """The last element, null of nothing."""
    return array(values)[-1] if array(values) else None


@function("NTH", 2)
def nth(values: Any, position: Any) -> Any:
    """The element at a position, null outside."""
    at = whole(position)
    return array(values)[at] if 0 <= at < len(array(values)) else None


@function("APPEND", 2, 3)
def append(values: Any, more: Any, unique: Any = False) -> list[Any]:
    """Both arrays in one."""
    if values is None:
        return array(more)
    joined = array(values) + (more if type(more) is list else [more])
    return distinct(joined) if truthy(unique) else joined


@function("PUSH", 2, 3)
def push(values: Any, value: Any, unique: Any = False) -> list[Any]:
    """With an element more at the end."""
    values = [] if values is None else array(values)
    return values if truthy(unique) and _position(values, value) >= 0 else [*values, value]


@function("UNSHIFT", 2, 3)
def unshift(values: Any, value: Any, unique: Any = False) -> list[Any]:
    """With an element more at the start."""
    values = [] if values is None else array(values)
    return values if truthy(unique) and _position(values, value) >= 0 else [value, *values]


@function("POP", 1)
def pop(values: Any) -> list[Any]:
    """Without the last element."""
    return array(values)[:-1]


@function("SHIFT", 1)
def shift(values: Any) -> list[Any]:
    """Without the first element."""
    return array(values)[1:]


@function("SLICE", 2, 3)
def slice_(values: Any, start: Any, count: Any = None) -> list[Any]:
    """A part; a negative count leaves out that many at the end."""
    items, begin = array(values), whole(start)
    begin = max(len(items) + begin, 0) if begin < 0 else begin
    if count is None:
        return items[begin:]
    size = whole(count)
    return items[begin : begin + size] if size >= 0 else items[begin:size]


@function("REVERSE", 1)
def reverse(value: Any) -> Any:
    """Backwards."""
    return value[::-1] if type(value) is list else to_string(value)[::-1]


@function("SORTED", 1)
def sorted_(values: Any) -> list[Any]:
    """In order."""
    return sorted(array(values), key=sort_key)


@function("SORTED_UNIQUE", 1)
def sorted_unique(values: Any) -> list[Any]:
    """Each once, in order."""
    return sorted(distinct(array(values)), key=sort_key)


@function("UNIQUE", 1)
def unique_(values: Any) -> list[Any]:
    """Each once."""
    return distinct(array(values))


@function("UNION", 2, MANY)
def union(*arrays: Any) -> list[Any]:
    """All elements."""
    return list(itertools.chain.from_iterable(array(values) for values in arrays))


@function("UNION_DISTINCT", 2, MANY)
def union_distinct(*arrays: Any) -> list[Any]:
    """All elements, each once."""
    return distinct(union(*arrays))


@function("INTERSECTION", 2, MANY)
def intersection(*arrays: Any) -> list[Any]:
    """What all have; in no defined order, which with ArangoDB often is the reverse."""
    common = set.intersection(*({freeze(v) for v in array(values)} for values in arrays))
    return [value for value in distinct(arrays[0]) if freeze(value) in common][::-1]


@function("MINUS", 2, MANY)
def minus(*arrays: Any) -> list[Any]:
    """What only the first has; in no defined order, as with ``intersection``."""
    others = {freeze(value) for values in arrays[1:] for value in array(values)}
    return [value for value in distinct(array(arrays[0])) if freeze(value) not in others][::-1]


@function("OUTERSECTION", 2, MANY)
def outersection(*arrays: Any) -> list[Any]:
    """What exactly one has."""
    every = [value for values in arrays for value in distinct(array(values))]
    seen: dict[Any, int] = {}
    for value in every:
        seen[freeze(value)] = seen.get(freeze(value), 0) + 1
    return [value for value in every if seen[freeze(value)] == 1]


@function("JACCARD", 2)
def jaccard(one: Any, other: Any) -> Any:
    """Common elements per all elements."""
    every = len(union_distinct(one, other))
    share = len(intersection(one, other)) / every if every else 1
    return int(share) if share in (0, 1) else share


@function("FLATTEN", 1, 2)
def flatten(values: Any, depth: Any = 1) -> list[Any]:
    """Inner arrays opened, ``depth`` levels deep."""
    found: list[Any] = []
    for value in array(values):
        if type(value) is list and whole(depth) > 0:
            found += flatten(value, whole(depth) - 1)
        else:
            found.append(value)
    return found


@function("INTERLEAVE", 2, MANY)
def interleave(*arrays: Any) -> list[Any]:
    """One element of each in turn."""
    none = object()
    rows = itertools.zip_longest(*(array(values) for values in arrays), fillvalue=none)
    return [value for row in rows for value in row if value is not none]


def _position(values: list[Any], search: Any) -> int:
    wanted = freeze(search)
    return next((i for i, value in enumerate(values) if freeze(value) == wanted), -1)


@function("POSITION CONTAINS_ARRAY", 2, 3)
def position(values: Any, search: Any, index: Any = False) -> Any:
    """Whether, or where, an element is there."""
    found = _position(array(values), search)
    return found if truthy(index) else found >= 0


@function("REMOVE_NTH", 2)
def remove_nth(values: Any, position: Any) -> list[Any]:
    """Without the element at a position."""
    items, at = array(values), whole(position)
    if not -len(items) <= at < len(items):
        return items
    at %= len(items)
    return items[:at] + items[at + 1 :]


@function("REMOVE_VALUE", 2, 3)
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


@function("REMOVE_VALUES", 2)
def remove_values(values: Any, unwanted: Any) -> list[Any]:
    """Without any of these elements."""
    gone = {freeze(value) for value in array(unwanted)}
    return [value for value in array(values) if freeze(value) not in gone]


@function("REPLACE_NTH", 3, 4)
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


@function("IN_RANGE", 5)
def in_range(value: Any, low: Any, high: Any, with_low: Any, with_high: Any) -> bool:
    """Whether a value lies between two others."""
    at, least, most = sort_key(value), sort_key(low), sort_key(high)
    above = at >= least if truthy(with_low) else at > least
    return above and (at <= most if truthy(with_high) else at < most)


@function("NOT_NULL", 1, MANY)
def not_null(*values: Any) -> Any:
    """The first value that is not null."""
    return next((value for value in values if value is not None), None)


@function("FIRST_LIST", 1, MANY)
def first_list(*values: Any) -> Any:
    """The first value that is an array."""
    return next((value for value in values if type(value) is list), None)


@function("FIRST_DOCUMENT", 1, MANY)
def first_document(*values: Any) -> Any:
    """The first value that is an object."""
    return next((value for value in values if type(value) is dict), None)
