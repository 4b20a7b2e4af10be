"""Indexes of a collection: from values of attributes to document keys.

An index holds committed documents only; ``view.View`` corrects what it finds by a transaction's
own writes.  Readers take no lock: each look-up copies one bucket, which is one step for Python.
"""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.values import equal, freeze, sort_key

Document = dict[str, Any]
Bucket = dict[str, None]

SortKeys = tuple[tuple[Any, ...], ...]
"""Values of the fields of an index, each as a key of AQL's order."""

_PLAIN = {"cacheEnabled": False, "deduplicate": True, "estimates": True}
_SHOWN: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("persistent", "hash", "skiplist"), _PLAIN),
    "ttl": {"estimates": False, "expireAfter": 0},
    "fulltext": {"minLength": 2},
    "geo": {
        "bestIndexedLevel": 17,
        "geoJson": False,
        "legacyPolygons": False,
        "maxNumCoverCells": 8,
        "worstIndexedLevel": 4,
    },
}
"""What ArangoDB's API shows of each type besides what all have, with the usual values."""
_SORTED = {"persistent", "hash", "skiplist", "ttl"}
_KEPT = {"fulltext", "geo"}
"""Types that clients create on the way; the sandbox keeps their definition and never uses them."""


def attribute(document: Document, path: Sequence[str]) -> Any:
    """The value at a path of attribute names, None where there is none."""
    value: Any = document
    for name in path:
        value = value.get(name) if type(value) is dict else None
    return value


class PersistentIndex:
    """Values of one or several fields; a field may be a path (a.b) or an array (tags[*]).

    Equality goes through a dictionary.  The order of the values, for ranges and for the first
    fields of several, is made when it is first asked for and kept from then on.
    """

    def __init__(self, index_id: str, name: str, spec: dict[str, Any]) -> None:
        self.id = index_id
        self.name = name
        self.kind: str = spec["type"]
        self.fields: list[str] = spec["fields"]
        self.unique = bool(spec.get("unique", False))
        self.sparse = bool(spec.get("sparse", _SHOWN[self.kind] is not _PLAIN))
        self.options: dict[str, Any] = spec
        self.claims: dict[Hashable, object] = {}
        self._array = any(field.endswith("[*]") for field in self.fields)
        self._paths = [tuple(field.removesuffix("[*]").split(".")) for field in self.fields]
        self._single = self.fields[0] if len(self.fields) == 1 and "." not in self.fields[0] else ""
        if self._array:
            self._single = ""
        self._buckets: dict[Hashable, Bucket] = {}
        self._order: list[tuple[SortKeys, Hashable]] | None = None

    @property
    def looks_up(self) -> bool:
        """Whether plain conditions on the fields can use this index."""
        return not self._array and self.kind in _SORTED

    def entries(self, document: Document) -> list[Hashable]:
        """Under which values a document stands in the index."""
        if self.kind in _KEPT:
            return []
        if self._single:
            value = document.get(self._single)
            return [] if value is None and self.sparse else [freeze(value)]
        values = [attribute(document, path) for path in self._paths]
        if self.sparse and any(value is None for value in values):
            return []
        if not self._array:
            return [tuple(freeze(value) for value in values)]
        return list(dict.fromkeys(self._expanded(values)))

    def _expanded(self, values: list[Any]) -> Iterator[Hashable]:
        rows: list[list[Any]] = [[]]
        for field, value in zip(self.fields, values, strict=True):
            many = value if field.endswith("[*]") and type(value) is list else [value]
            rows = [[*row, freeze(item)] for row in rows for item in many]
        return (row[0] if len(row) == 1 else tuple(row) for row in rows)

    def entry(self, values: Sequence[Any]) -> Hashable:
        """The entry under which documents with these values stand."""
        if self._single or (len(self.fields) == 1 and self._array):
            return freeze(values[0])
        return tuple(freeze(value) for value in values)

    def keys(self, values: Sequence[Any]) -> list[str]:
        """Keys of the committed documents with these values."""
        return list(self._buckets.get(self.entry(values), ()))

    def holds(self, document: Document, values: Sequence[Any]) -> bool:
        """Whether a document has these values."""
        return self.entry(values) in self.entries(document)

    def covers(self, values: Sequence[Any]) -> bool:
        """Whether a look-up of these values finds all documents (a sparse index has no nulls)."""
        return not self.sparse or all(value is not None for value in values)

    def find(self, entry: Hashable) -> list[str]:
        """Keys of the committed documents under an entry."""
        return list(self._buckets.get(entry, ()))

    def replace(self, key: str, old: Document | None, new: Document | None) -> None:
        """Take a document's change into the index (under the history's lock)."""
        before = self.entries(old) if old is not None else []
        after = self.entries(new) if new is not None else []
        if before == after:
            return
        for entry in before:
            _discard(self._buckets, entry, key)
            if self._order is not None and entry not in self._buckets:
                del self._order[self._place(self.sort_keys(old or {}), entry)]
        for entry in after:
            if self._order is not None and entry not in self._buckets:
                keys = self.sort_keys(new or {})
                bisect.insort(self._order, (keys, entry), key=_keys_of)
            self._buckets.setdefault(entry, {})[key] = None

    def sort_keys(self, document: Document) -> SortKeys:
        """A document's values as keys of AQL's order."""
        return tuple(sort_key(attribute(document, path)) for path in self._paths)

    def _place(self, keys: SortKeys, entry: Hashable) -> int:
        order = self._order or []
        at = bisect.bisect_left(order, keys, key=_keys_of)
        while order[at][1] != entry:
            at += 1
        return at

    def between(
        self, documents: Mapping[str, Document], low: SortKeys, high: SortKeys
    ) -> list[str]:
        """Keys of the committed documents from ``low`` to ``high``, under the history's lock.

        Each has values for the first fields, perhaps not all; ends are included.
        """
        if self._order is None:
            first = ((entry, next(iter(b))) for entry, b in self._buckets.items())
            made = [(self.sort_keys(documents[key]), entry) for entry, key in first]
            self._order = sorted(made, key=_keys_of)
        order = self._order
        start = bisect.bisect_left(order, low, key=lambda item: item[0][: len(low)])
        end = bisect.bisect_right(order, high, key=lambda item: item[0][: len(high)])
        return [key for _, entry in order[start:end] for key in self._buckets[entry]]

    @property
    def selectivity(self) -> float:
        """Distinct values per document, 1 when empty."""
        if self.unique:
            return 1.0
        size = len(self._buckets)
        sample = sum(len(bucket) for bucket in list(self._buckets.values())[:1000])
        return round(min(size, 1000) / sample, 4) if sample else 1.0

    def describe(self, collection: str) -> dict[str, Any]:
        """The index as ArangoDB's API shows it."""
        shown: dict[str, Any] = {
            "fields": self.fields,
            "id": f"{collection}/{self.id}",
            "name": self.name,
            "sparse": self.sparse,
            "type": self.kind,
            "unique": self.unique,
        }
        details = {name: self.options.get(name, usual) for name, usual in _SHOWN[self.kind].items()}
        if details.get("estimates"):
            details["selectivityEstimate"] = self.selectivity
        if "storedValues" in self.options:
            details["storedValues"] = self.options["storedValues"]
        return shown | details


class EdgeIndex:
    """From vertices to the edges that leave (``_from``) or reach (``_to``) them."""

    id = "1"
    name = "edge"
    kind = "edge"

    def __init__(self) -> None:
        self.sides: dict[str, dict[Hashable, Bucket]] = {"_from": {}, "_to": {}}

    def keys(self, side: str, vertex_id: str) -> list[str]:
        """Keys of the committed edges with this vertex at ``side`` (_from or _to)."""
        return list(self.sides[side].get(vertex_id, ()))

    def replace(self, key: str, old: Document | None, new: Document | None) -> None:
        """Take an edge's change into the index (under the history's lock)."""
        for side, buckets in self.sides.items():
            before = old[side] if old is not None else None
            after = new[side] if new is not None else None
            if before != after:
                if before is not None:
                    _discard(buckets, before, key)
                if after is not None:
                    buckets.setdefault(after, {})[key] = None

    def describe(self, collection: str) -> dict[str, Any]:
        """The index as ArangoDB's API shows it."""
        return {
            "fields": ["_from", "_to"],
            "id": f"{collection}/{self.id}",
            "name": self.name,
            "selectivityEstimate": 1.0,
            "sparse": False,
            "type": self.kind,
            "unique": False,
        }


def primary(collection: str) -> dict[str, Any]:
    """The primary index as ArangoDB's API shows it."""
    return {
        "fields": ["_key"],
        "id": f"{collection}/0",
        "name": "primary",
        "selectivityEstimate": 1,
        "sparse": False,
        "type": "primary",
        "unique": True,
    }


def _keys_of(item: tuple[SortKeys, Hashable]) -> SortKeys:
    return item[0]


def _discard(buckets: dict[Hashable, Bucket], entry: Hashable, key: str) -> None:
    bucket = buckets.get(entry)
    if bucket is not None:
        bucket.pop(key, None)
        if not bucket:
            del buckets[entry]


def check_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """A request for an index, with its fields checked; ArangoError 10 if it cannot be had."""
    kind = spec.get("type")
    if kind not in _SORTED | _KEPT:
        raise ArangoError(10, f"index type '{kind}' is not supported by the arangolab sandbox")
    fields = spec.get("fields")
    if not isinstance(fields, list) or not fields or not all(type(f) is str and f for f in fields):
        raise ArangoError(10, "index definition needs a list of attribute names in 'fields'")
    if len(set(fields)) < len(fields):
        raise ArangoError(10, "duplicate attribute name in index fields list")
    if kind == "ttl" and (len(fields) != 1 or not isinstance(spec.get("expireAfter"), int | float)):
        raise ArangoError(10, "ttl index needs one field and a numeric 'expireAfter'")
    return {**spec, "fields": list(fields)}


def same(index: PersistentIndex, spec: dict[str, Any]) -> bool:
    """Whether a request asks for an index that exists."""
    return (
        index.kind == spec["type"]
        and index.fields == spec["fields"]
        and index.unique == bool(spec.get("unique", False))
        and index.sparse == bool(spec.get("sparse", _SHOWN[index.kind] is not _PLAIN))
    )


def conflict(index: PersistentIndex, other_key: str) -> ArangoError:
    """1210 as ArangoDB words it for a secondary index."""
    over = ", ".join(index.fields)
    return ArangoError(
        1210,
        f"unique constraint violated - in index {index.name} of type {index.kind} "
        f"over '{over}'; conflicting key: {other_key}",
    )


def equal_values(document: Document, fields: Sequence[str], values: Sequence[Any]) -> bool:
    """Whether a document has these values, by AQL's equality; used where no index serves."""
    return all(
        equal(attribute(document, field.split(".")), value)
        for field, value in zip(fields, values, strict=True)
    )
