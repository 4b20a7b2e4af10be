"""What one transaction sees of one collection: the state at its begin and its own writes.

Committed documents and indexes are shared by all.  A view corrects them by two small sets of
keys: those that this transaction wrote, and those that others committed after it began.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal

from arangolab.sandbox.indexes import Document, PersistentIndex, SortKeys, equal_values
from arangolab.sandbox.store import Collection

Direction = Literal["outbound", "inbound", "any"]
READ, WRITE, EXCLUSIVE = 0, 1, 2


class View:
    """Reading through a transaction's overlay; ``Transaction`` makes and fills it."""

    __slots__ = ("begin", "claimed", "collection", "entries", "mode", "writes")

    def __init__(self, collection: Collection, begin: int, mode: int) -> None:
        self.collection = collection
        self.begin = begin
        """Number of the last commit that is visible."""
        self.mode = mode
        """READ, WRITE or EXCLUSIVE."""
        self.writes: dict[str, Document | None] = {}
        """The overlay: own writes by key, None for a removed document."""
        self.claimed: dict[str, None] = {}
        """Keys that this transaction alone may write."""
        self.entries: dict[tuple[PersistentIndex, Hashable], str] = {}
        """Values of unique indexes that this transaction alone may write, and who has them."""

    def get(self, key: str) -> Document | None:
        """The document with this key, None if there is none."""
        if self.writes and key in self.writes:
            return self.writes[key]
        collection = self.collection
        document = collection.documents.get(key)
        if collection.recent:
            for number, before in collection.recent.get(key, ()):
                if number > self.begin:
                    return before
        return document

    def _touched(self) -> set[str]:
        """Keys for which the shared state is not what this transaction sees."""
        touched = set(self.writes)
        if self.collection.recent:
            begin = self.begin
            touched.update(
                key
                for key, versions in list(self.collection.recent.items())
                if versions[-1][0] > begin
            )
        return touched

    def scan(self) -> list[Document]:
        """All documents."""
        documents = list(self.collection.documents.values())
        touched = self._touched()
        if not touched:
            return documents
        found = [document for document in documents if document["_key"] not in touched]
        return found + self._seen(sorted(touched))

    def count(self) -> int:
        """How many documents there are."""
        if not self.writes and not self.collection.recent:
            return len(self.collection.documents)
        collection = self.collection
        with collection.database.history.lock:
            documents = collection.documents
            return len(documents) + sum(
                (self.get(key) is not None) - (key in documents) for key in self._touched()
            )

    def by_index(self, index: PersistentIndex, values: Sequence[Any]) -> list[Document]:
        """The documents that have these values in an index."""
        keys = index.keys(values)
        touched = self._touched()
        if not touched:
            return self._seen(keys)
        found = self._seen([key for key in keys if key not in touched])
        return found + [d for d in self._seen(sorted(touched)) if index.holds(d, values)]

    def by_range(self, index: PersistentIndex, low: SortKeys, high: SortKeys) -> list[Document]:
        """The documents from ``low`` to ``high`` in the order of an index, as ``between``."""
        with self.collection.database.history.lock:
            keys = index.between(self.collection.documents, low, high)
        touched = self._touched()
        if not touched:
            return self._seen(keys)
        found = self._seen([key for key in keys if key not in touched])
        return found + [
            document
            for document in self._seen(sorted(touched))
            if index.entries(document)
            and low <= index.sort_keys(document)[: len(low)]
            and index.sort_keys(document)[: len(high)] <= high
        ]

    def by_side(self, side: str, vertex_id: Any) -> list[Document]:
        """The edges with this vertex at ``side`` (_from or _to)."""
        index = self.collection.edge_index
        if index is None:
            return [d for d in self.scan() if d.get(side) == vertex_id]
        keys = index.keys(side, vertex_id)
        touched = self._touched()
        if not touched:
            return self._seen(keys)
        found = self._seen([key for key in keys if key not in touched])
        return found + [d for d in self._seen(sorted(touched)) if d[side] == vertex_id]

    def edges(self, vertex_id: str, direction: Direction) -> list[Document]:
        """The edges of a vertex; with "any" a loop comes once."""
        if direction == "outbound":
            return self.by_side("_from", vertex_id)
        if direction == "inbound":
            return self.by_side("_to", vertex_id)
        inbound = self.by_side("_to", vertex_id)
        return self.by_side("_from", vertex_id) + [
            edge for edge in inbound if edge["_from"] != vertex_id
        ]

    def by_fields(self, fields: Sequence[str], values: Sequence[Any]) -> list[Document]:
        """The documents that have these values in these attributes, by an index if one serves."""
        if tuple(fields) == ("_key",):
            return self._seen([values[0]] if type(values[0]) is str else [])
        for index in self.collection.indexes:
            if index.looks_up and sorted(index.fields) == sorted(fields):
                ordered = [values[list(fields).index(field)] for field in index.fields]
                if index.covers(ordered):
                    return self.by_index(index, ordered)
        return [d for d in self.scan() if equal_values(d, fields, values)]

    def _seen(self, keys: Sequence[str]) -> list[Document]:
        get = self.get
        return [document for key in keys if (document := get(key)) is not None]
