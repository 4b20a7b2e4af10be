"""What one transaction sees of one collection, and what it has written there.

Committed documents and indexes are shared by all.  A view lays two small dictionaries over them:
``writes``, its transaction's own, and ``before``, what keys held that others have changed since
the transaction began; whoever commits enters it there first and changes the documents second,
and readers look the other way round.  So readers take no lock, and see no half of a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.indexes import (
    TOP,
    Document,
    PersistentIndex,
    SortKeys,
    attribute,
    conflict,
    ranks,
)
from arangolab.sandbox.store import Collection
from arangolab.sandbox.values import equal, freeze

if TYPE_CHECKING:
    from arangolab.sandbox.transaction import Transaction

UNUSED, READ, WRITE, EXCLUSIVE = -1, 0, 1, 2
_ENDS = {"outbound": ("_from",), "inbound": ("_to",), "any": ("_from", "_to")}


def head_of(document: Document) -> Document:
    """Its _id, _key and _rev."""
    return {name: document[name] for name in ("_id", "_key", "_rev") if name in document}


class View:
    """A collection through a transaction's overlay."""

    __slots__ = ("before", "claims", "collection", "mode", "owner", "writes")

    def __init__(self, collection: Collection, owner: Transaction) -> None:
        self.collection = collection
        self.owner = owner
        """Whose claims it makes: the transaction."""
        self.mode = UNUSED
        """READ, WRITE or EXCLUSIVE once the transaction uses the collection."""
        self.writes: dict[str, Document | None] = {}
        """Own writes by key, None for a removed document."""
        self.before: dict[str, Document | None] = {}
        """What keys held that others have changed since, None where there was no document."""
        self.claims: dict[Hashable, str] = {}
        """Keys, and values of unique indexes with their keys, that it alone may write."""

    # ---- reading

    def get(self, key: str) -> Document | None:
        """The document with this key, None if there is none."""
        if key in self.writes:
            return self.writes[key]
        document = self.collection.documents.get(key)
        return self.before.get(key, document)

    def by_key(self, key: str, rev: str | None = None) -> Document:
        """The document with this key; ArangoError 1202, 1200 if its revision is another."""
        document = check(self.get(key), 1202)
        if rev and rev != document["_rev"]:
            raise ArangoError(1200, "conflict, _rev values do not match", **head_of(document))
        return document

    def seen(self, keys: Iterable[str]) -> list[Document]:
        """The documents with these keys."""
        return [document for key in keys if (document := self.get(key)) is not None]

    def _amended(self, found: list[Document], holds: Callable[[Document], bool]) -> list[Document]:
        """What was found in the committed state, less what is seen otherwise, plus what holds."""
        if not self.writes and not self.before:
            return found
        touched = {*self.writes, *self.before}
        others = self.seen(sorted(touched))
        return [d for d in found if d["_key"] not in touched] + [d for d in others if holds(d)]

    def scan(self) -> list[Document]:
        """All documents."""
        return self._amended(list(self.collection.documents.values()), lambda _: True)

    def count(self) -> int:
        """How many documents there are."""
        count = len(documents := self.collection.documents)  # before others' changes are looked at
        if self.writes or self.before:
            with self.collection.database.lock:
                touched = {*self.writes, *self.before}
                count = len(documents) - len(documents.keys() & touched) + len(self.seen(touched))
        return count

    def by_index(self, index: PersistentIndex, values: Sequence[Any]) -> list[Document]:
        """The documents that have these values in an index."""
        entry = tuple(map(freeze, values))
        return self._amended(self.seen(index.find(entry)), lambda d: index.entry(d) == entry)

    def by_range(self, index: PersistentIndex, low: SortKeys, high: SortKeys) -> list[Document]:
        """The documents whose values are, in AQL's order, from ``low`` to ``high``, both included.

        Each has values for the first fields of the index, perhaps not all.
        """

        def holds(document: Document) -> bool:
            entry = index.entry(document)
            return entry is not None and low <= ranks(entry) < (*high, TOP)

        with self.collection.database.lock:
            keys = index.between(low, high)
        return self._amended(self.seen(keys), holds)

    def by_example(self, wanted: Document) -> list[Document]:
        """The documents with these attributes (or paths, a.b), by an index if one serves."""
        if wanted.keys() == {"_key"} and type(wanted["_key"]) is str:
            return self.seen(wanted.values())
        for index in self.collection.all_indexes:
            values = [wanted.get(field) for field in index.fields]
            if index.looks_up and wanted.keys() == {*index.fields} and index.covers(values):
                return self.by_index(index, values)
        paths = [(name.split("."), value) for name, value in wanted.items()]
        return [d for d in self.scan() if all(equal(attribute(d, p), v) for p, v in paths)]

    def edges(self, vertex_id: str, direction: str = "any") -> list[Document]:
        """The edges of a vertex ("collection/key"); with "any" a loop comes once."""
        found = (e for end in _ENDS[direction] for e in self.by_example({end: vertex_id}))
        return list({edge["_key"]: edge for edge in found}.values())

    # ---- writing

    def claim(self, key: str, what: Hashable = None) -> str:
        """Take a key, or another thing for it, until the transaction ends; for which key at first.

        ArangoError 1200 if another open transaction has it, or a change of the key was committed
        since this transaction began.
        """
        what = what or key
        # setting a default is one step for Python, so two threads never both get it
        claims = self.collection.claims
        if key not in self.before and claims.setdefault(what, self.owner) is self.owner:
            first = self.claims.setdefault(what, key)
            if key not in self.before:  # perhaps since the claim
                return first
        said = "write-write conflict - in index primary of type primary over '_key'; "
        raise ArangoError(1200, f"{said}conflicting key: {key}")

    def put(self, old: Document | None, new: Document | None) -> None:
        """Write; ArangoError 1210 (unique values taken), 1200 (or claimed)."""
        key = (new or old or {})["_key"]
        committed = self.collection.documents
        for index in self.collection.indexes:
            entry = index.entry(new) if index.unique else None
            if entry is not None and entry != index.entry(old):
                last = self.claim(key, (index, entry))
                for rival in (*index.find(entry), last):
                    document = self.writes.get(rival, committed.get(rival))
                    if rival != key and index.entry(document) == entry:
                        raise conflict(rival, index)
                self.claims[index, entry] = key
        self.writes[key] = new

    def remove(self, document: Document) -> None:
        """Remove a document; ArangoError 1200."""
        self.claim(document["_key"])
        self.put(document, None)

    def publish(self, others: list[View]) -> None:
        """Make the writes the committed state, under the database's lock."""
        documents = self.collection.documents
        for view in others:
            for key in self.writes:
                view.before.setdefault(key, documents.get(key))
        self.collection.put(self.writes)

    def give_back(self) -> None:
        """Give all claims back, and the collection, under the database's lock."""
        for claim in self.claims:
            self.collection.claims.pop(claim, None)
        if self.collection.writers.pop(self.owner, None) is not None:
            self.collection.changed.notify_all()
