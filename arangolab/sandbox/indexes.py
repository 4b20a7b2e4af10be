"""Indexes of a collection: from values of attributes to document keys.

An index holds committed documents only; ``view.View`` corrects what it finds by what its
transaction sees otherwise.  Readers take no lock: each look-up copies one bucket, which is one
step for Python.
"""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Sequence
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.values import freeze, sort_key

Document = dict[str, Any]
Entry = tuple[Hashable, ...]
"""Values of the fields of an index, equal for equal values only."""
SortKeys = tuple[tuple[Any, ...], ...]
"""Values of the fields of an index, each as a key of AQL's order."""

TOP: Final = (9,)
"""A sort key above those of all values."""
_PLAIN: Final = {"cacheEnabled": False, "deduplicate": True, "estimates": True}
_GEO: Final = {"bestIndexedLevel": 17, "worstIndexedLevel": 4, "maxNumCoverCells": 8}
_SHOWN: Final[dict[str, dict[str, Any]]] = {
    "persistent": _PLAIN,
    "hash": _PLAIN,
    "skiplist": _PLAIN,
    "ttl": {"estimates": False, "expireAfter": 0},
    "fulltext": {"minLength": 2},
    "geo": {"geoJson": False, "legacyPolygons": False, **_GEO},
}
"""What can be had, and what ArangoDB's API shows of each type besides what all have."""
_MOST_FIELDS: Final = {"fulltext": 1, "geo": 2, "ttl": 1}
_UNUSED: Final = ("fulltext", "geo")
"""Clients make these on the way; the sandbox keeps their definition alone."""


def attribute(document: Document, path: Sequence[str]) -> Any:
    """The value at a path of attribute names, None where there is none."""
    value: Any = document
    for name in path:
        value = value.get(name) if type(value) is dict else None
    return value


def ranks(entry: Entry) -> SortKeys:
    """Its values as keys of AQL's order."""
    return tuple(value if type(value) is tuple else sort_key(value) for value in entry)


class PersistentIndex:
    """Values of one or several fields; a field may be a path (a.b).

    Equality goes through a dictionary.  The order of the values, for ranges and for the first
    fields of several, is made when it is first asked for and kept from then on.
    """

    def __init__(self, index_id: str, name: str, spec: dict[str, Any]) -> None:
        self.id, self.name, self.options = index_id, name, spec
        self.kind: str = spec["type"]
        self.fields: list[str] = spec["fields"]
        self.unique = bool(spec.get("unique", False))
        self.sparse = bool(spec.get("sparse", self.kind in ("ttl", *_UNUSED)))
        self.identity = (self.kind, self.fields, self.unique, self.sparse)
        """Two indexes of which this is the same are one."""
        self.looks_up = self.kind not in _UNUSED and not any("[*]" in f for f in self.fields)
        """Whether it is kept, for conditions on its fields; else it is a definition alone."""
        self._paths = [field.split(".") for field in self.fields]
        self._buckets: dict[Entry, dict[str, None]] = {}
        self._order: list[Entry] | None = None

    def values(self, document: Document) -> list[Any]:
        """A document's values of the fields."""
        return [attribute(document, path) for path in self._paths]

    def entry(self, document: Document | None) -> Entry | None:
        """Under which values a document stands in the index, None if it does not."""
        if document is None or not self.looks_up:
            return None
        values = self.values(document)
        return tuple(map(freeze, values)) if self.covers(values) else None

    def covers(self, values: Sequence[Any]) -> bool:
        """Whether documents with these values are in it (a sparse index has no nulls)."""
        return not self.sparse or None not in values

    def find(self, entry: Entry | None) -> list[str]:
        """Keys of the committed documents under an entry."""
        return list(self._buckets.get(entry, ())) if entry is not None else []

    def replace(self, key: str, old: Document | None, new: Document | None) -> None:
        """Take a document's change into the index (under the database's lock)."""
        before, after = self.entry(old), self.entry(new)
        if before == after:
            return
        if before is not None:
            del self._buckets[before][key]
            if not self._buckets[before]:
                del self._buckets[before]
                if self._order is not None:
                    del self._order[bisect.bisect_left(self._order, ranks(before), key=ranks)]
        if after is not None:
            if after not in self._buckets and self._order is not None:
                bisect.insort(self._order, after, key=ranks)
            self._buckets.setdefault(after, {})[key] = None

    def between(self, low: SortKeys, high: SortKeys) -> list[str]:
        """Keys of the committed documents from ``low`` to ``high``, under the database's lock.

        Each has values for the first fields, perhaps not all; ends are included.
        """
        if self._order is None:
            self._order = sorted(self._buckets, key=ranks)
        start = bisect.bisect_left(self._order, low, key=ranks)
        end = bisect.bisect_left(self._order, (*high, TOP), key=ranks)
        return [key for entry in self._order[start:end] for key in self._buckets[entry]]

    def describe(self, collection: str) -> dict[str, Any]:
        """The index as ArangoDB's API shows it."""
        usual = {**_SHOWN.get(self.kind, {}), **dict.fromkeys({"storedValues"} & {*self.options})}
        shown = {name: self.options.get(name, value) for name, value in usual.items()}
        shown |= {"id": f"{collection}/{self.id}", "name": self.name, "fields": self.fields}
        shown |= {"sparse": self.sparse, "type": self.kind, "unique": self.unique}
        if shown.get("estimates", self.kind not in _SHOWN):
            sizes = [len(bucket) for bucket in list(self._buckets.values())[:1000]] or [1]
            shown["selectivityEstimate"] = round(len(sizes) / sum(sizes), 4)
        return shown


def built_in(kind: str, *fields: str) -> PersistentIndex:
    """The primary index or the edge index, or one side of that."""
    spec = {"type": kind, "fields": list(fields), "unique": kind == "primary"}
    return PersistentIndex("0" if kind == "primary" else "1", kind, spec)


def check_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """A request for an index, with its fields checked; ArangoError 10 if it cannot be had."""
    kind, after = spec.get("type"), spec.get("expireAfter")
    fields: list[Any] = spec["fields"] if type(spec.get("fields")) is list else []
    check(kind in [*_SHOWN], 10, f"index type '{kind}' is not supported by the arangolab sandbox")
    are_names = all(type(field) is str and field for field in fields)
    fits = are_names and 0 < len(fields) <= _MOST_FIELDS.get(str(kind), 32)
    check(fits, 10, f"index definition needs attribute names in 'fields', as many as {kind} allows")
    check(len(set(fields)) == len(fields), 10, "duplicate attribute name in index fields list")
    is_plain = not spec.get("unique") or not any("[*]" in field for field in fields)
    check(is_plain, 10, "unique array indexes are not supported by the arangolab sandbox")
    check(kind != "ttl" or type(after) in (int, float), 10, "ttl index needs number 'expireAfter'")
    return {**spec, "fields": list(fields)}


def conflict(key: str, index: PersistentIndex | None = None, status: int = 0) -> ArangoError:
    """1210 as ArangoDB words it for an index, the primary one if none is named."""
    index = index or built_in("primary", "_key")
    where = f"index {index.name} of type {index.kind} over '{', '.join(index.fields)}'"
    said = f"unique constraint violated - in {where}; conflicting key: {key}"
    return ArangoError(1210, said, status)
