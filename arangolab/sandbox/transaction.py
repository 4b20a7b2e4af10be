"""Transactions: a private overlay, published in one step at commit.

    with Transaction(database, write=["user"]) as trx:      # commits, or aborts on an exception
        change = trx.update("user", "user_1", {"counter": 1})   # Change(old, new)

    read:    get scan count by_key by_index edges view        (1202 by_key, 1203)
    write:   insert update replace remove truncate            (1200 1202 1210 1221 1233 1652)
    end:     commit abort                                     (idempotent)

Nobody sees a write before commit.  Writing claims the key: if another open transaction has it,
or committed a change of it after this one began, ArangoError 1200 comes at once.  Collections
declared ``exclusive`` are locked at the start, in alphabetical order; waiting longer than
``lock_timeout_s`` raises 18 (0 waits for ever).  With ``declared`` (JavaScript and stream
transactions) a write elsewhere raises 1652, a read elsewhere too unless ``allow_implicit``.
One thread at a time may use a transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Literal, NamedTuple

from arangolab.sandbox.changes import merged, new_document, replaced
from arangolab.sandbox.claims import claim, claim_unique, duplicate_key, give_back
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import Collection, Database
from arangolab.sandbox.view import EXCLUSIVE, READ, WRITE, Direction, View

Overwrite = Literal["conflict", "ignore", "replace", "update"]
_MODES = ("read", "write", "exclusive")


class Change(NamedTuple):
    """What a write did."""

    old: Document | None
    """The document before, None if there was none."""
    new: Document | None
    """The document after, None if it was removed (or, with overwrite "ignore", left alone)."""

    def shown(self, *, with_new: bool = False, with_old: bool = False) -> Document:
        """What a client is told of it: _id, _key, _rev, _oldRev, and the documents if asked for."""
        shown = head_of(self.new or self.old or {})
        if self.old is not None and self.new is not None:
            shown["_oldRev"] = self.old["_rev"]
        if with_new and self.new is not None:
            shown["new"] = self.new
        if with_old and self.old is not None:
            shown["old"] = self.old
        return shown


def head_of(document: Document) -> Document:
    """Its _id, _key and _rev."""
    return {name: document[name] for name in ("_id", "_key", "_rev") if name in document}


class Transaction:
    """One transaction on one database; begins when it is made."""

    def __init__(
        self,
        database: Database,
        *,
        read: Iterable[str] = (),
        write: Iterable[str] = (),
        exclusive: Iterable[str] = (),
        lock_timeout_s: float = 900.0,
        declared: bool = True,
        allow_implicit: bool = True,
        guard: Callable[[str, int], None] | None = None,
    ) -> None:
        """``guard`` is asked before a collection is used (name, mode), and may raise."""
        self.database = database
        self.declared = declared
        self.is_open = True
        self._allow_implicit = allow_implicit
        self._guard = guard
        self._lock_timeout_s = lock_timeout_s
        self._views: dict[str, View] = {}
        modes = dict.fromkeys(read, READ)
        modes.update(dict.fromkeys(write, WRITE))
        modes.update(dict.fromkeys(exclusive, EXCLUSIVE))
        wanted = [(database.collection(name), modes[name]) for name in sorted(modes)]
        try:
            for collection, mode in wanted:
                self._lock(collection, mode)
                self._views[collection.name] = View(collection, 0, mode)
            self.begin = database.history.begin(self)
            """Number of the last commit that this transaction sees."""
        except BaseException:
            self._release()
            raise
        for view in self._views.values():
            view.begin = self.begin
        database.server.tally.add("started")

    # ---- collections

    def _lock(self, collection: Collection, mode: int) -> None:
        if self._guard is not None:
            self._guard(collection.name, mode)
        if mode == READ:
            return
        timeout_s = self._lock_timeout_s or float("inf")
        if not collection.lock.acquire(exclusive=mode == EXCLUSIVE, timeout_s=timeout_s):
            self.database.server.tally.add(f"{_MODES[mode]} lock timeouts")
            raise ArangoError(
                18, f"timeout while waiting for lock on collection '{collection.name}'"
            )

    def view(self, name: str) -> View:
        """The collection as this transaction sees it; ArangoError 1203, 1652."""
        view = self._views.get(name)
        if view is None:
            self._check_open()
            collection = self.database.collection(name)
            view = self._views.get(collection.name)
            if view is None:
                if self.declared and not self._allow_implicit:
                    raise _unregistered(name, READ)
                self._lock(collection, READ)
                view = self._views[collection.name] = View(collection, self.begin, READ)
        return view

    def use(
        self, *, read: Iterable[str] = (), write: Iterable[str] = (), exclusive: Iterable[str] = ()
    ) -> None:
        """Announce what a statement will touch; locks are taken in alphabetical order."""
        alone = {*exclusive}
        for name in sorted({*write} | alone):
            self._writable(name, EXCLUSIVE if name in alone else WRITE)
        for name in read:
            self.view(name)

    def _writable(self, name: str, mode: int = WRITE) -> View:
        view = self._views.get(name) or self.view(name)
        if view.mode == READ:
            if self.declared:
                raise _unregistered(name, WRITE)
            self._lock(view.collection, mode)
            view.mode = mode
        return view

    # ---- reading

    def get(self, coll: str, key: str) -> Document | None:
        """The document with this key, None if there is none."""
        return self.view(coll).get(key)

    def by_key(self, coll: str, key: str) -> Document:
        """The document with this key; ArangoError 1202."""
        document = self.view(coll).get(key)
        if document is None:
            raise ArangoError(1202)
        return document

    def scan(self, coll: str) -> list[Document]:
        """All documents of a collection."""
        return self.view(coll).scan()

    def count(self, coll: str) -> int:
        """How many documents a collection has."""
        return self.view(coll).count()

    def by_index(self, coll: str, fields: Sequence[str], values: Sequence[Any]) -> list[Document]:
        """The documents with these values in these attributes; an index is used if one serves."""
        return self.view(coll).by_fields(fields, values)

    def edges(self, coll: str, vertex_id: str, direction: Direction = "any") -> list[Document]:
        """The edges of a vertex ("collection/key") in an edge collection."""
        return self.view(coll).edges(vertex_id, direction)

    # ---- writing

    def insert(
        self,
        coll: str,
        document: Document,
        *,
        overwrite: Overwrite = "conflict",
        keep_null: bool = True,
        merge_objects: bool = True,
    ) -> Change:
        """Add a document; ArangoError 1210, 1221, 1233, 1200."""
        view = self._writable(coll)
        collection = view.collection
        made = new_document(collection, document)
        key = made["_key"]
        self._claim(view, key)
        old = view.get(key)
        if old is not None:
            if overwrite == "ignore":
                return Change(old, None)
            if overwrite == "conflict":
                raise duplicate_key(key)
            if overwrite == "update":
                made = merged(collection, old, document, keep_null, merge_objects)
        claim_unique(view, made, old, self)
        view.writes[key] = made
        return Change(old, made)

    def update(
        self,
        coll: str,
        key: str,
        patch: Document,
        *,
        rev: str | None = None,
        keep_null: bool = True,
        merge_objects: bool = True,
    ) -> Change:
        """Change some attributes; ArangoError 1202, 1210, 1200 (also if ``rev`` is another)."""
        view = self._writable(coll)
        old = self._for_writing(view, key, rev)
        return self._put(view, old, merged(view.collection, old, patch, keep_null, merge_objects))

    def replace(self, coll: str, key: str, document: Document, *, rev: str | None = None) -> Change:
        """Put another document in its place; ArangoError as ``update``."""
        view = self._writable(coll)
        old = self._for_writing(view, key, rev)
        return self._put(view, old, replaced(view.collection, old, document))

    def remove(self, coll: str, key: str, *, rev: str | None = None) -> Change:
        """Remove a document; ArangoError 1202, 1200."""
        view = self._writable(coll)
        old = self._for_writing(view, key, rev)
        view.writes[key] = None
        return Change(old, None)

    def truncate(self, coll: str) -> int:
        """Remove all documents; how many they were.  ArangoError 1200."""
        view = self._writable(coll)
        documents = view.scan()
        for document in documents:
            self._claim(view, document["_key"])
            view.writes[document["_key"]] = None
        return len(documents)

    def _put(self, view: View, old: Document, new: Document) -> Change:
        claim_unique(view, new, old, self)
        view.writes[old["_key"]] = new
        return Change(old, new)

    def _for_writing(self, view: View, key: str, rev: str | None) -> Document:
        self._claim(view, key)
        old = view.get(key)
        if old is None:
            raise ArangoError(1202)
        if rev and rev != old["_rev"]:
            raise ArangoError(1200, "conflict, _rev values do not match", details=head_of(old))
        return old

    def _claim(self, view: View, key: str) -> None:
        if key not in view.writes:
            self._check_open()
            claim(view, key, self)

    # ---- the end

    def commit(self) -> None:
        """Publish all writes in one step; return when they are on disk, if they are kept there."""
        if not self.is_open:
            return
        kept = None
        changed = [view for view in self._views.values() if view.writes]
        if changed:
            # even without a delay others get their turn, so that writers of one key can meet
            time.sleep(self.database.server.commit_delay_s)
            kept = self.database.history.publish(self, changed)
        self.database.server.tally.add("committed")
        self._finish()
        if kept is not None:
            kept.wait()

    def abort(self) -> None:
        """Forget all writes."""
        if self.is_open:
            self.database.server.tally.add("aborted")
            self._finish()

    def _finish(self) -> None:
        self.is_open = False
        self.database.history.end(self)
        for view in self._views.values():
            give_back(view)
        self._release()

    def _release(self) -> None:
        for view in reversed(self._views.values()):
            if view.mode != READ:
                view.collection.lock.release(exclusive=view.mode == EXCLUSIVE)
        self._views = {}

    def _check_open(self) -> None:
        if not self.is_open:
            raise ArangoError(1655)

    def __enter__(self) -> Transaction:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.abort()


def _unregistered(name: str, mode: int) -> ArangoError:
    return ArangoError(
        1652, f"unregistered collection used in transaction: {name} [{_MODES[mode]}]"
    )
