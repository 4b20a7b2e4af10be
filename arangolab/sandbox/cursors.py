"""Results that are fetched in batches, and stream transactions: what lives between requests."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.store import Database, Server
from arangolab.sandbox.transaction import Transaction

CURSOR_TTL_S: Final = 30.0
STREAM_IDLE_S: Final = 60.0


@dataclass(slots=True)
class Cursor:
    """A query's result and how much of it was fetched."""

    id: str
    database: Database
    user: str
    rows: list[Any]
    batch_size: int
    ttl_s: float
    shared: dict[str, Any]
    """What each batch's reply repeats: count, extra."""
    retriable: bool
    position: int = 0
    batch: int = 0
    """Number of the batch fetched last, from 1."""
    last: list[Any] = field(default_factory=list)
    due_s: float = 0.0
    """When it goes (clock of time.monotonic)."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self) -> dict[str, Any]:
        """The next batch as the reply shows it."""
        self.last = self.rows[self.position : self.position + self.batch_size]
        self.position += len(self.last)
        self.batch += 1
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """The last batch as the reply shows it."""
        self.due_s = time.monotonic() + self.ttl_s
        reply: dict[str, Any] = {"result": self.last, "hasMore": self.has_more}
        if self.has_more or (self.retriable and self.batch > 1):
            reply["id"] = self.id
        reply = {**reply, **self.shared, "cached": False}
        if self.has_more:
            reply["nextBatchId"] = str(self.batch + 1)
        return reply

    @property
    def has_more(self) -> bool:
        """Whether rows are left."""
        return self.position < len(self.rows)


class Cursors:
    """The cursors of a server by id."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cursors: dict[str, Cursor] = {}

    def __len__(self) -> int:
        return len(self._cursors)

    def open(
        self,
        database: Database,
        user: str,
        rows: list[Any],
        shared: dict[str, Any],
        *,
        batch_size: int = 1000,
        ttl_s: float = CURSOR_TTL_S,
        retriable: bool = False,
    ) -> dict[str, Any]:
        """The reply with the first batch; a cursor is kept only if more is left."""
        cursor_id = str(self._server.tick()) if retriable or len(rows) > batch_size else ""
        cursor = Cursor(cursor_id, database, user, rows, batch_size, ttl_s, shared, retriable)
        reply = cursor.fetch()
        if cursor.has_more:
            self.expire()
            self._cursors[cursor_id] = cursor
        return reply

    def next(
        self, cursor_id: str, database: Database, user: str, batch: str | None = None
    ) -> dict[str, Any]:
        """The next batch, or again the one of that number; ArangoError 1600, 1601."""
        cursor = self._find(cursor_id, database, user)
        if not cursor.lock.acquire(blocking=False):
            raise ArangoError(1601)
        try:
            if batch is not None and batch == str(cursor.batch) and cursor.retriable:
                return cursor.shown()
            if batch is not None and batch != str(cursor.batch + 1):
                raise ArangoError(1600)
            reply = cursor.fetch()
            if not cursor.has_more and not cursor.retriable:
                self._cursors.pop(cursor_id, None)
            return reply
        finally:
            cursor.lock.release()

    def close(self, cursor_id: str, database: Database, user: str) -> None:
        """Forget a cursor; ArangoError 1600."""
        self._find(cursor_id, database, user)
        self._cursors.pop(cursor_id, None)

    def _find(self, cursor_id: str, database: Database, user: str) -> Cursor:
        self.expire()
        found = self._cursors.get(cursor_id)
        if found is None or found.database is not database or found.user != user:
            raise ArangoError(1600)
        return found

    def expire(self) -> None:
        """Forget what nobody fetched from for too long."""
        now_s = time.monotonic()
        for cursor_id, cursor in list(self._cursors.items()):
            if cursor.due_s < now_s:
                self._cursors.pop(cursor_id, None)


@dataclass(slots=True)
class _Stream:
    trx: Transaction
    status: str = "running"
    due_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Streams:
    """Stream transactions by id; one that is idle for ``STREAM_IDLE_S`` is aborted."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._streams: dict[str, _Stream] = {}

    def begin(self, trx: Transaction) -> str:
        """Keep an open transaction; its id."""
        self.expire()
        stream_id = str(self._server.tick())
        self._streams[stream_id] = _Stream(trx, due_s=time.monotonic() + STREAM_IDLE_S)
        return stream_id

    @contextlib.contextmanager
    def used(self, stream_id: str, database: Database) -> Iterator[Transaction]:
        """The transaction for one operation; ArangoError 1655, 28 when it is in use."""
        stream = self._find(stream_id, database)
        if not stream.lock.acquire(blocking=False):
            raise ArangoError(28, f"transaction '{stream_id}' is already in use", 409)
        try:
            if stream.status != "running":
                raise _not_running(stream_id, stream.status)
            yield stream.trx
        finally:
            stream.due_s = time.monotonic() + STREAM_IDLE_S
            stream.lock.release()

    def end(self, stream_id: str, database: Database, status: str) -> None:
        """Commit or abort ("committed", "aborted"); ArangoError 1653, 1655, 28."""
        stream = self._find(stream_id, database)
        if stream.status == status:
            return
        with self.used(stream_id, database) as trx:
            if status == "committed":
                trx.commit()
            else:
                trx.abort()
            stream.status = status

    def status(self, stream_id: str, database: Database) -> str:
        """Status of a transaction; ArangoError 1655."""
        return self._find(stream_id, database).status

    def running(self, database: Database) -> list[dict[str, str]]:
        """The transactions that are open."""
        self.expire()
        return [
            {"id": stream_id, "state": stream.status}
            for stream_id, stream in list(self._streams.items())
            if stream.status == "running" and stream.trx.database is database
        ]

    def _find(self, stream_id: str, database: Database) -> _Stream:
        self.expire()
        found = self._streams.get(stream_id)
        if found is None or found.trx.database is not database:
            raise ArangoError(1655, f"transaction '{stream_id}' not found")
        return found

    def expire(self) -> None:
        """Abort what was idle for too long, and forget what ended."""
        now_s = time.monotonic()
        for stream_id, stream in list(self._streams.items()):
            if stream.due_s < now_s and stream.lock.acquire(blocking=False):
                self._streams.pop(stream_id, None)
                if stream.trx.is_open:
                    self._server.tally.add("expired")
                stream.trx.abort()
                stream.lock.release()


def _not_running(stream_id: str, status: str) -> ArangoError:
    return ArangoError(1653, f"transaction '{stream_id}' is already {status}", 400)
