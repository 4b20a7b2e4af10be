"""Arrays, objects, and the database they come from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial, reduce
from itertools import chain, zip_longest
from typing import Any, Final

from arangolab.sandbox.aql.context import Context
from arangolab.sandbox.aql.functions.registry import Call, table, unpacked
from arangolab.sandbox.aql.operators import binary
from arangolab.sandbox.documents import is_document_id, lay_over
from arangolab.sandbox.faults import check
from arangolab.sandbox.values import element, equal, freeze, sort_key, to_string

Array = list[Any]
Object = dict[str, Any]


def _distinct(values: Array) -> Array:
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
    for value in chain(*map(_distinct, arrays)):
        seen.setdefault(freeze(value), []).append(value)
    return [same[0] for same in seen.values() if counts(len(same))][::-1]


def _without(values: Array, unwanted: Iterable[Any], limit: int | None = None) -> Array:
    gone = {freeze(value) for value in unwanted}
    places = {*[i for i, value in enumerate(values) if freeze(value) in gone][:limit]}
    return [value for i, value in enumerate(values) if i not in places]


def _replaced(values: Array, at: int, new: Any, *padding: Any) -> Array:
    at = max(at + len(values), 0) if at < 0 else at
    check(at <= (10**6 if padding else len(values)), 1542)
    padded = values + [*padding] * (at - len(values))
    return [*padded[:at], new, *padded[at + 1 :]]


def flatten(values: Array, depth: int = 1) -> Array:
    """The elements, and instead of arrays among them theirs, down to a depth."""
    parts = [flatten(v, depth - 1) if type(v) is list and depth > 0 else [v] for v in values]
    return list(chain(*parts))


def _position(values: Array, search: Any, index: bool = False) -> int:
    """Whether, or with ``index`` where, an array has a value."""
    place = next((i for i, value in enumerate(values) if equal(value, search)), -1)
    return place if index else place >= 0


def _length(value: Any) -> int:
    listed = value if type(value) in (list, dict) else to_string(value)
    return int(value) if type(value) is bool else len(listed)


def _attributes(value: Object, without_internal: bool = False, sort: bool = False) -> list[str]:
    found = [name for name in value if not (without_internal and name.startswith("_"))]
    return sorted(found) if sort else found


def _only(wanted: bool, deep: bool, value: Object, *names: Any) -> Object:
    """An object with only these (``wanted``), or without these attributes, perhaps ``deep``."""
    chosen = {to_string(name) for name in flatten([*names])}
    return {
        name: _only(wanted, deep, item, *names) if deep and type(item) is dict else item
        for name, item in value.items()
        if (name in chosen) == wanted
    }


def _matching(value: Object, examples: Array, index: bool = False) -> int:
    """Whether, or with ``index`` as which first one, an object is like one of the examples."""
    same = [all(equal(value.get(k), v) for k, v in example.items()) for example in examples]
    return _position(same, True, index)


def _merge(*objects: Any, deep: bool = False) -> Object:
    return reduce(lambda made, one: lay_over(made, one, True, deep), unpacked(objects), {})


def _identifier(value: Any) -> Object:
    text: Any = value.get("_id") if type(value) is dict else value
    check(is_document_id(text), 1542)
    return dict(zip(("collection", "key"), text.split("/"), strict=True))


def _document(context: Context, collection: Any, key: Any = None) -> Any:
    """One document or several, by _id, or by collection and key; null if there is none."""
    wanted = collection if key is None else key
    prefix = "" if key is None else f"{to_string(collection)}/"
    found = []
    for one in wanted if type(wanted) is list else [wanted]:
        text = one.get("_id", "") if type(one) is dict else to_string(one)
        text = text if "/" in text else prefix + text
        name, _, bare = text.partition("/")
        is_there = text.startswith(prefix) and name in context.trx.database.collections
        found.append(context.trx.view(name).get(bare) if is_there else None)
    return [d for d in found if d is not None] if type(wanted) is list else found[0]


def _sleep(context: Context, wait_s: float) -> None:
    end = time.monotonic() + min(wait_s, 3600.0)
    while (left_s := end - time.monotonic()) > 0:
        context.check_time()
        time.sleep(min(left_s, 0.1))


ROWS: Final[dict[str, Call]] = {
    "APPEND l m b?": lambda a, more, new=False: _distinct(a + more) if new else a + more,
    "COUNT_DISTINCT|COUNT_UNIQUE a": lambda a: len(_distinct(a)),
    "FIRST a": lambda a: a[0] if a else None,
    "FLATTEN a i?": flatten,
    "INTERLEAVE a a a*": lambda *a: [v for v in chain(*zip_longest(*a, fillvalue=...)) if v != ...],
    "INTERSECTION a a a*": lambda *a: _tally(a, lambda count: count == len(a)),
    "IN_RANGE v v v b b": lambda v, a, b, c, d: (
        binary(">" + "=" * c)(v, a) and binary("<" + "=" * d)(v, b)
    ),
    "JACCARD a a": lambda *a: len(_tally(a, (2).__eq__)) / len(_tally(a, bool)) if any(a) else 1,
    "LAST a": lambda a: a[-1] if a else None,
    "LENGTH|COUNT v": _length,
    "MINUS a a a*": lambda first, *others: _without(_distinct(first)[::-1], chain(*others)),
    "NOT_NULL v v*": lambda *values: next((v for v in values if v is not None), None),
    "NTH a i": lambda a, at: a[at] if 0 <= at < len(a) else None,
    "OUTERSECTION a a a*": lambda *a: _tally(a, lambda count: count == 1),
    "POP a": lambda a: a[:-1],
    "CONTAINS_ARRAY|POSITION a v b?": _position,
    "PUSH l v b?": lambda a, v, new=False: a if new and _position(a, v) else [*a, v],
    "REMOVE_NTH a i": lambda a, at: [v for i, v in enumerate(a) if at not in (i, i - len(a))],
    "REMOVE_VALUE a v i?": lambda a, value, limit=None: _without(a, [value], limit),
    "REMOVE_VALUES a l": _without,
    "REPLACE_NTH a i v v?": _replaced,
    "REVERSE v": lambda value: (value if type(value) is list else to_string(value))[::-1],
    "SHIFT a": lambda a: a[1:],
    "SLICE a i i?": lambda a, start, count=None: a[start:][:count],
    "SORTED a": lambda a: sorted(a, key=sort_key),
    "SORTED_UNIQUE a": lambda a: sorted(_distinct(a), key=sort_key),
    "UNION a a a*": lambda *a: list(chain(*a)),
    "UNION_DISTINCT a a a*": lambda *a: _tally(a, bool),
    "UNIQUE a": _distinct,
    "UNSHIFT l v b?": lambda a, v, new=False: a if new and _position(a, v) else [v, *a],
    "ATTRIBUTES|KEYS o b? b?": _attributes,
    "ENTRIES o": lambda o: [[name, value] for name, value in o.items()],
    "HAS v s": lambda value, name: type(value) is dict and name in value,
    "IS_SAME_COLLECTION c v": lambda n, v: _identifier(v)["collection"] == to_string(n),
    "KEEP o v v*": partial(_only, True, False),
    "KEEP_RECURSIVE o v v*": partial(_only, True, True),
    "MATCHES o m b?": _matching,
    "MERGE v v*": _merge,
    "MERGE_RECURSIVE v v*": lambda *objects: _merge(*objects, deep=True),
    "PARSE_COLLECTION v": lambda value: _identifier(value)["collection"],
    "PARSE_IDENTIFIER v": _identifier,
    "PARSE_KEY v": lambda value: _identifier(value)["key"],
    "TRANSLATE v o v?": lambda v, o, new=None: o.get(to_string(v), v if new is None else new),
    "UNSET o v v*": partial(_only, False, False),
    "UNSET_RECURSIVE o v v*": partial(_only, False, True),
    "VALUE o a": lambda value, path: reduce(element, path, value),
    "VALUES o b?": lambda o, without=False: [o[name] for name in _attributes(o, without)],
    "ZIP a a": lambda names, a: dict(zip(map(to_string, names), a, strict=True)),
    "COLLECTION_COUNT @ c": lambda context, name: context.trx.view(to_string(name)).count(),
    "CURRENT_DATABASE @": lambda context: context.trx.database.name,
    "DOCUMENT @ c v?": _document,
    "FAIL s?": lambda message="": check(None, 1569, (message,)),
    "SLEEP @ n": _sleep,
    "VERSION @": lambda context: context.trx.database.server.version,
}
table("arrays", ROWS)
