"""Arrays and objects."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.registry import array, document, table, unpacked
from arangolab.sandbox.documents import is_document_id
from arangolab.sandbox.values import compare, equal, freeze, sort_key, tidy, to_string

_NOTHING = object()
_PARTS = ("collection", "key")
Array = list[Any]
Object = dict[str, Any]


def distinct(values: Array) -> Array:
    """Each value once, where it came first."""
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(freeze(value), value)
    return list(found.values())


def _tally(arrays: tuple[Array, ...], counts: Callable[[int], bool]) -> Array:
    """Each element that is in as many of the arrays as ``counts`` wants.

    The order is not defined in ArangoDB; there it mostly is the reverse of the elements' own.
    """
    seen: dict[Any, Array] = {}
    for values in arrays:
        for value in distinct(values):
            seen.setdefault(freeze(value), []).append(value)
    return [same[0] for same in seen.values() if counts(len(same))][::-1]


def _without(values: Array, unwanted: Iterable[Any]) -> Array:
    gone = {freeze(value) for value in unwanted}
    return [value for value in values if freeze(value) not in gone]


def _flatten(values: Array, depth: int = 1) -> Array:
    found: Array = []
    for value in values:
        if type(value) is list:
            found += _flatten(value, depth - 1) if depth > 1 else value
        else:
            found.append(value)
    return found


def _position(values: Array, search: Any) -> int:
    wanted = freeze(search)
    return next((i for i, value in enumerate(values) if freeze(value) == wanted), -1)


def _append(values: Any, more: Any, unique: bool = False) -> Array:
    if values is None:
        return list(array(more))
    joined = array(values) + (more if type(more) is list else [more])
    return distinct(joined) if unique else joined


def _with(join: Callable[[Array, Any], Array]) -> Callable[..., Array]:
    """A function that adds an element, or with ``unique`` only one that is new."""
    return lambda values, value, unique=False: (
        values if unique and _position(values, value) >= 0 else join(values, value)
    )


def _remove(values: Array, value: Any, limit: int | None = None) -> Array:
    wanted = freeze(value)
    places = [i for i, item in enumerate(values) if freeze(item) == wanted]
    gone = set(places if limit is None else places[: max(limit, 0)])
    return [item for i, item in enumerate(values) if i not in gone]


def _replace(values: Array, position: int, new: Any, padding: Any = None) -> Array:
    at = position if position >= 0 else max(len(values) + position, 0)
    if at >= len(values) and (padding is None or at > 10**6):
        raise BadArgument
    items = values + [padding] * (at + 1 - len(values))
    items[at] = new
    return items


def _first(fits: Callable[[Any], bool]) -> Callable[..., Any]:
    """A function that gives the first argument that fits, else null."""
    return lambda *values: next((value for value in values if fits(value)), None)


table(
    "arrays",
    {
        "APPEND(v, v, b?)": _append,
        "COUNT_DISTINCT|COUNT_UNIQUE(a)": lambda a: len(distinct(a)),
        "FIRST(a)": lambda a: a[0] if a else None,
        "FIRST_DOCUMENT(v, v*)": _first(lambda value: type(value) is dict),
        "FIRST_LIST(v, v*)": _first(lambda value: type(value) is list),
        "FLATTEN(a, i?)": _flatten,
        "INTERLEAVE(a, a, a*)": lambda *a: [
            value
            for turn in itertools.zip_longest(*a, fillvalue=_NOTHING)
            for value in turn
            if value is not _NOTHING
        ],
        "INTERSECTION(a, a, a*)": lambda *a: _tally(a, lambda count: count == len(a)),
        "IN_RANGE(v, v, v, b, b)": lambda value, low, high, with_low, with_high: (
            compare(low, value) < with_low and compare(value, high) < with_high
        ),
        "JACCARD(a, a)": lambda *a: (
            tidy(len(_tally(a, lambda count: count == 2)) / (len(_tally(a, bool)) or 1))
            if any(a)
            else 1
        ),
        "LAST(a)": lambda a: a[-1] if a else None,
        "LENGTH|COUNT(v)": lambda value: (
            int(value)
            if type(value) is bool
            else len(value if type(value) in (list, dict) else to_string(value))
        ),
        "MINUS(a, a, a*)": lambda first, *others: _without(
            distinct(first)[::-1], itertools.chain(*others)
        ),
        "NOT_NULL(v, v*)": _first(lambda value: value is not None),
        "NTH(a, i)": lambda a, at: a[at] if 0 <= at < len(a) else None,
        "OUTERSECTION(a, a, a*)": lambda *a: _tally(a, lambda count: count == 1),
        "POP(a)": lambda a: a[:-1],
        "POSITION|CONTAINS_ARRAY(a, v, b?)": lambda a, search, where=False: (
            _position(a, search) if where else _position(a, search) >= 0
        ),
        "PUSH(l, v, b?)": _with(lambda a, value: [*a, value]),
        "REMOVE_NTH(a, i)": lambda a, at: [v for i, v in enumerate(a) if at not in (i, i - len(a))],
        "REMOVE_VALUE(a, v, i?)": _remove,
        "REMOVE_VALUES(a, a)": _without,
        "REPLACE_NTH(a, i, v, v?)": _replace,
        "REVERSE(v)": lambda value: (value if type(value) is list else to_string(value))[::-1],
        "SHIFT(a)": lambda a: a[1:],
        "SLICE(a, i, i?)": lambda a, start, count=None: a[start:][:count],
        "SORTED(a)": lambda a: sorted(a, key=sort_key),
        "SORTED_UNIQUE(a)": lambda a: sorted(distinct(a), key=sort_key),
        "UNION(a, a, a*)": lambda *a: list(itertools.chain(*a)),
        "UNION_DISTINCT(a, a, a*)": lambda *a: _tally(a, bool),
        "UNIQUE(a)": distinct,
        "UNSHIFT(l, v, b?)": _with(lambda a, value: [value, *a]),
    },
)


def _attributes(value: Object, without_internal: bool = False, sort: bool = False) -> list[str]:
    found = [name for name in value if not (without_internal and name.startswith("_"))]
    return sorted(found) if sort else found


def _only(*, wanted: bool, deep: bool = False) -> Callable[..., Object]:
    """A function that leaves only (``wanted``), or leaves out, some attributes, or ``deep``."""

    def only(value: Object, *names: Any) -> Object:
        chosen = {to_string(name) for name in unpacked(names)}
        return {
            name: only(item, *names) if deep and type(item) is dict else item
            for name, item in value.items()
            if (name in chosen) == wanted
        }

    return only


def _merge(*, deep: bool = False) -> Callable[..., Object]:
    def merge(*objects: Any) -> Object:
        made: Object = {}
        for value in unpacked(objects):
            for name, item in document(value).items():
                both = deep and type(made.get(name)) is dict and type(item) is dict
                made[name] = merge(made[name], item) if both else item
        return made

    return merge


def _fitting(value: Any, examples: Any, index: bool = False) -> Any:
    """Whether, or which of several, example fits the object."""
    several = unpacked((examples,))
    if not several:
        raise BadArgument
    fits = (
        type(value) is dict and all(equal(value.get(name), x) for name, x in document(one).items())
        for one in several
    )
    found = next((position for position, fit in enumerate(fits) if fit), -1)
    return found if index else found >= 0


def _value_at(value: Any, path: Array) -> Any:
    for part in path:
        if type(value) is dict and type(part) is str:
            value = value.get(part)
        elif type(value) is list and type(part) is int and -len(value) <= part < len(value):
            value = value[part]
        else:
            return None
    return value


def _identifier(value: Any) -> list[str]:
    text = value.get("_id") if type(value) is dict else value
    if not is_document_id(text):
        raise BadArgument
    return str(text).split("/")


table(
    "documents",
    {
        "ATTRIBUTES|KEYS(o, b?, b?)": _attributes,
        "ENTRIES(o)": lambda o: [[name, value] for name, value in o.items()],
        "HAS(v, s)": lambda value, name: type(value) is dict and name in value,
        "IS_SAME_COLLECTION(c, v)": lambda name, value: _identifier(value)[0] == to_string(name),
        "KEEP(o, v, v*)": _only(wanted=True),
        "KEEP_RECURSIVE(o, v, v*)": _only(wanted=True, deep=True),
        "MATCHES(v, v, b?)": _fitting,
        "MERGE(v, v*)": _merge(),
        "MERGE_RECURSIVE(v, v*)": _merge(deep=True),
        "PARSE_COLLECTION(v)": lambda value: _identifier(value)[0],
        "PARSE_IDENTIFIER(v)": lambda v: dict(zip(_PARTS, _identifier(v), strict=True)),
        "PARSE_KEY(v)": lambda value: _identifier(value)[1],
        "TRANSLATE(v, o, v?)": lambda value, lookup, default=None: lookup.get(
            to_string(value), value if default is None else default
        ),
        "UNSET(o, v, v*)": _only(wanted=False),
        "UNSET_RECURSIVE(o, v, v*)": _only(wanted=False, deep=True),
        "VALUE(v, a)": _value_at,
        "VALUES(o, b?)": lambda o, without=False: [o[name] for name in _attributes(o, without)],
        "ZIP(a, a)": lambda names, a: dict(zip(map(to_string, names), a, strict=True)),
    },
)
