"""Commits of one database: how they become visible, and what was there before.

A transaction sees the state at its begin.  Whoever commits first records, for each key it
changes, what the key held before; a reader finds the value of its time there.  So readers take
no lock and never see half of a commit.  Records go as soon as no open transaction needs them.

The order of steps matters.  A reader reads the document first and the records second; a commit
writes the records first and the document second.  A commit raises ``number`` before it looks
which transactions are open; a beginning transaction registers before it looks at ``number``.
"""

from __future__ import annotations

import collections
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arangolab.sandbox.disk import Job
    from arangolab.sandbox.view import View

Document = dict[str, Any]
Versions = tuple[tuple[int, Document | None], ...]


class History:
    """The one place where a database's documents change."""

    def __init__(self) -> None:
        self.number = 0
        """How many commits have been published."""
        self.lock = threading.RLock()
        """Held while a commit is published, or an index or collection is made."""
        self._open: dict[object, int] = {}
        self._records: collections.deque[tuple[int, dict[str, Versions], list[str]]]
        self._records = collections.deque()

    def begin(self, transaction: object) -> int:
        """Register an open transaction; the number of the commit whose state it sees."""
        while True:
            number = self.number
            self._open[transaction] = number
            if self.number == number:
                return number

    def end(self, transaction: object) -> None:
        """A transaction is over: forget what only it needed."""
        self._open.pop(transaction, None)
        if self._records and self.lock.acquire(blocking=False):
            try:
                self._forget()
            finally:
                self.lock.release()

    @property
    def open_count(self) -> int:
        """How many transactions are open."""
        return len(self._open)

    def publish(self, transaction: object, views: Sequence[View]) -> Job | None:
        """Make a transaction's writes the committed state, in one step for all readers.

        What is to be waited for, if they are kept on disk.
        """
        with self.lock:
            number = self.number + 1
            for view in views:
                self._publish_one(number, view)
            self.number = number
            self._open.pop(transaction, None)
            self._forget()
            disk = views[0].collection.database.server.disk
            if disk is None:
                return None
            return disk.write([(view.collection, view.writes) for view in views])

    def _publish_one(self, number: int, view: View) -> None:
        collection, writes = view.collection, view.writes
        documents, recent = collection.documents, collection.recent
        for key in writes:
            recent[key] = (*recent.get(key, ()), (number, documents.get(key)))
        self._records.append((number, recent, list(writes)))
        for index in collection.all_indexes:
            for key, document in writes.items():
                index.replace(key, documents.get(key), document)
        for key, document in writes.items():
            if document is None:
                documents.pop(key, None)
            else:
                documents[key] = document
        collection.last_change = number

    def _forget(self) -> None:
        needed_after = min(list(self._open.values()), default=self.number)
        while self._records and self._records[0][0] <= needed_after:
            number, recent, keys = self._records.popleft()
            for key in keys:
                left = tuple(version for version in recent.get(key, ()) if version[0] > number)
                if left:
                    recent[key] = left
                else:
                    recent.pop(key, None)
