"""Results that are fetched in batches, and stream transactions: what lives between requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.store import Database, Server
from arangolab.sandbox.transaction import Transaction

CURSOR_TTL_S: Final = 30.0
STREAM_IDLE_S: Final = 60.0


@dataclass(slots=True)
class _Cursor:
    database: Database
    user: str
    rows: list[Any]
    shared: dict[str, Any]
    """What each batch's reply repeats: count, extra."""
    batch_size: int
    ttl_s: float = CURSOR_TTL_S
    retriable: bool = False
    batch: int = 1
    """Number of the batch fetched last."""
    due_s: float = 0.0
    """When it goes (clock of time.monotonic)."""

    @property
    def has_more(self) -> bool:
        return self.batch * self.batch_size < len(self.rows)

    def shown(self, cursor_id: str) -> dict[str, Any]:
        """The last batch as the reply shows it."""
        self.due_s = time.monotonic() + self.ttl_s
        end, more = self.batch * self.batch_size, {}
        if self.has_more or (self.retriable and self.batch > 1):
            more["id"] = cursor_id
        if self.has_more:
            more["nextBatchId"] = str(self.batch + 1)
        head = {"result": self.rows[end - self.batch_size : end], "hasMore": self.has_more}
        return {**head, **more, **self.shared, "cached": False}


class Cursors:
    """The cursors of a server by id."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._kept: dict[str, _Cursor] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def open(
        self, database: Database, user: str, rows: list[Any], shared: dict[str, Any], **options: Any
    ) -> dict[str, Any]:
        """The reply with the first batch; a cursor is kept only if more is left.

        Options: batch_size, ttl_s, retriable.
        """
        cursor = _Cursor(database, user, rows, shared, **options)
        if not cursor.has_more:
            return cursor.shown("")
        cursor_id = str(self._server.tick())
        reply = cursor.shown(cursor_id)
        with self._lock:
            self._kept[cursor_id] = cursor
        return reply

    def next(
        self, cursor_id: str, database: Database, user: str, batch: str | None = None
    ) -> dict[str, Any]:
        """The next batch, or again the one of that number; ArangoError 1600."""
        with self._lock:
            cursor = self._of(cursor_id, database, user)
            if batch != str(cursor.batch) or not cursor.retriable:
                if batch not in (None, str(cursor.batch + 1)):
                    raise ArangoError(1600, "batch id not found")
                cursor.batch += 1
                if not cursor.has_more and not cursor.retriable:
                    del self._kept[cursor_id]
            return cursor.shown(cursor_id)

    def close(self, cursor_id: str, database: Database, user: str) -> None:
        """Forget a cursor; ArangoError 1600."""
        with self._lock:
            self._of(cursor_id, database, user)
            del self._kept[cursor_id]

    def _of(self, cursor_id: str, database: Database, user: str) -> _Cursor:
        found = self._kept.get(cursor_id)
        if found is None or found.due_s < time.monotonic():
            raise ArangoError(1600)
        if found.database is not database or found.user != user:
            raise ArangoError(1600)
        return found

    def expire(self) -> None:
        """Forget what nobody fetched from for too long."""
        now_s = time.monotonic()
        with self._lock:
            self._kept = {name: one for name, one in self._kept.items() if one.due_s >= now_s}


@dataclass(slots=True)
class _Stream:
    trx: Transaction
    due_s: float
    status: str = "running"
    lock: threading.Lock = field(default_factory=threading.Lock)


class Streams:
    """Stream transactions by id; one that is idle for ``STREAM_IDLE_S`` is aborted."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._kept: dict[str, _Stream] = {}

    def begin(self, trx: Transaction) -> str:
        """Keep an open transaction; its id."""
        stream_id = str(self._server.tick())
        self._kept[stream_id] = _Stream(trx, time.monotonic() + STREAM_IDLE_S)
        return stream_id

    @contextmanager
    def used(self, stream_id: str, database: Database) -> Iterator[Transaction]:
        """The transaction for one operation; ArangoError 1655, 28 (in use), 1653 (ended)."""
        stream, said = self._of(stream_id, database), f"transaction '{stream_id}' is already "
        if not stream.lock.acquire(blocking=False):
            raise ArangoError(28, said + "in use", 409)
        try:
            if stream.status != "running":
                raise ArangoError(1653, said + stream.status)
            yield stream.trx
        finally:
            stream.due_s = time.monotonic() + STREAM_IDLE_S
            stream.lock.release()

    def end(self, stream_id: str, database: Database, status: str = "") -> str:
        """Commit or abort ("committed", "aborted"), if asked to; the status.

        ArangoError 1653, 1655, 28.
        """
        stream = self._of(stream_id, database)
        if status and stream.status != status:
            with self.used(stream_id, database) as trx:
                (trx.commit if status == "committed" else trx.abort)()
                stream.status = status
        return stream.status

    def running(self, database: Database) -> list[dict[str, str]]:
        """The transactions that are open."""
        self.expire()
        return [
            {"id": stream_id, "state": stream.status}
            for stream_id, stream in list(self._kept.items())
            if stream.status == "running" and stream.trx.database is database
        ]

    def _of(self, stream_id: str, database: Database) -> _Stream:
        self.expire()
        found = self._kept.get(stream_id)
        if found is None or found.trx.database is not database:
            raise ArangoError(1655, f"transaction '{stream_id}' not found")
        return found

    def expire(self) -> None:
        """Abort what was idle for too long, and forget what ended."""
        now_s = time.monotonic()
        for stream_id, stream in list(self._kept.items()):
            if stream.due_s < now_s and stream.lock.acquire(blocking=False):
                self._kept.pop(stream_id, None)
                if stream.trx.is_open:
                    self._server.tally.add("expired")
                stream.trx.abort()
                stream.lock.release()
