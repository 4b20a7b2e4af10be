"""Results that are fetched in batches, and stream transactions: what lives between requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.store import Database, Server
from arangolab.sandbox.transaction import Transaction

CURSOR_TTL_S: Final = 30.0
STREAM_IDLE_S: Final = 60.0


@dataclass(slots=True, kw_only=True)
class _Kept:
    database: Database
    lock: threading.Lock = field(default_factory=threading.Lock)
    due_s: float = 0.0
    """When it goes (clock of time.monotonic)."""


@dataclass(slots=True, kw_only=True)
class _Cursor(_Kept):
    """A query's result and how much of it was fetched."""

    user: str
    rows: list[Any]
    batch_size: int
    ttl_s: float
    shared: dict[str, Any]
    """What each batch's reply repeats: count, extra."""
    retriable: bool
    batch: int = 1
    """Number of the batch fetched last."""

    @property
    def has_more(self) -> bool:
        """Whether rows are left."""
        return self.batch * self.batch_size < len(self.rows)

    def shown(self, cursor_id: str) -> dict[str, Any]:
        """The last batch as the reply shows it."""
        self.due_s = time.monotonic() + self.ttl_s
        start = (self.batch - 1) * self.batch_size
        rows = self.rows[start : start + self.batch_size]
        reply: dict[str, Any] = {"result": rows, "hasMore": self.has_more}
        if self.has_more or (self.retriable and self.batch > 1):
            reply["id"] = cursor_id
        if self.has_more:
            reply["nextBatchId"] = str(self.batch + 1)
        return {**reply, **self.shared, "cached": False}


@dataclass(slots=True, kw_only=True)
class _Stream(_Kept):
    trx: Transaction
    status: str = "running"


K = TypeVar("K", bound=_Kept)


class _Shelf(Generic[K]):
    """Things by number; who uses one has it alone, and what was idle for too long goes."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._kept: dict[str, K] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def _put(self, thing: K) -> str:
        self.expire()
        number = str(self._server.tick())
        self._kept[number] = thing
        return number

    def _find(self, number: str, database: Database) -> K | None:
        self.expire()
        found = self._kept.get(number)
        return found if found and found.database is database else None

    def expire(self) -> None:
        """Let go what was idle for too long."""
        now_s = time.monotonic()
        for number, thing in list(self._kept.items()):
            if thing.due_s < now_s and thing.lock.acquire(blocking=False):
                self._kept.pop(number, None)
                self._end(thing)
                thing.lock.release()

    def _end(self, thing: K) -> None:
        """What else is to be done then."""


class Cursors(_Shelf[_Cursor]):
    """The cursors of a server by id."""

    def open(
        self,
        database: Database,
        user: str,
        rows: list[Any],
        shared: dict[str, Any],
        *,
        batch_size: int,
        ttl_s: float = CURSOR_TTL_S,
        retriable: bool = False,
    ) -> dict[str, Any]:
        """The reply with the first batch; a cursor is kept only if more is left."""
        cursor = _Cursor(
            database=database,
            user=user,
            rows=rows,
            batch_size=batch_size,
            ttl_s=ttl_s,
            shared=shared,
            retriable=retriable,
            due_s=float("inf"),
        )
        return cursor.shown(self._put(cursor) if cursor.has_more else "")

    def next(
        self, cursor_id: str, database: Database, user: str, batch: str | None = None
    ) -> dict[str, Any]:
        """The next batch, or again the one of that number; ArangoError 1600, 1601."""
        cursor = self._of(cursor_id, database, user)
        if not cursor.lock.acquire(blocking=False):
            raise ArangoError(1601)
        try:
            if batch != str(cursor.batch) or not cursor.retriable:
                if batch not in (None, str(cursor.batch + 1)):
                    raise ArangoError(1600)
                cursor.batch += 1
                if not cursor.has_more and not cursor.retriable:
                    self._kept.pop(cursor_id, None)
            return cursor.shown(cursor_id)
        finally:
            cursor.lock.release()

    def close(self, cursor_id: str, database: Database, user: str) -> None:
        """Forget a cursor; ArangoError 1600."""
        self._of(cursor_id, database, user)
        self._kept.pop(cursor_id, None)

    def _of(self, cursor_id: str, database: Database, user: str) -> _Cursor:
        found = self._find(cursor_id, database)
        if found is None or found.user != user:
            raise ArangoError(1600)
        return found


class Streams(_Shelf[_Stream]):
    """Stream transactions by id; one that is idle for ``STREAM_IDLE_S`` is aborted."""

    def begin(self, trx: Transaction) -> str:
        """Keep an open transaction; its id."""
        due_s = time.monotonic() + STREAM_IDLE_S
        return self._put(_Stream(trx=trx, database=trx.database, due_s=due_s))

    @contextmanager
    def used(self, stream_id: str, database: Database) -> Iterator[Transaction]:
        """The transaction for one operation; ArangoError 1655, 28 (in use), 1653 (ended)."""
        stream = self._of(stream_id, database)
        if not stream.lock.acquire(blocking=False):
            raise ArangoError(28, f"transaction '{stream_id}' is already in use", 409)
        try:
            if stream.status != "running":
                said = f"transaction '{stream_id}' is already {stream.status}"
                raise ArangoError(1653, said)
            yield stream.trx
        finally:
            stream.due_s = time.monotonic() + STREAM_IDLE_S
            stream.lock.release()

    def end(self, stream_id: str, database: Database, status: str) -> None:
        """Commit or abort ("committed", "aborted"); ArangoError 1653, 1655, 28."""
        stream = self._of(stream_id, database)
        if stream.status != status:
            with self.used(stream_id, database) as trx:
                (trx.commit if status == "committed" else trx.abort)()
                stream.status = status

    def status(self, stream_id: str, database: Database) -> str:
        """Status of a transaction; ArangoError 1655."""
        return self._of(stream_id, database).status

    def running(self, database: Database) -> list[dict[str, str]]:
        """The transactions that are open."""
        self.expire()
        return [
            {"id": stream_id, "state": stream.status}
            for stream_id, stream in list(self._kept.items())
            if stream.status == "running" and stream.database is database
        ]

    def _of(self, stream_id: str, database: Database) -> _Stream:
        found = self._find(stream_id, database)
        if found is None:
            raise ArangoError(1655, f"transaction '{stream_id}' not found")
        return found

    def _end(self, thing: _Stream) -> None:
        if thing.trx.is_open:
            self._server.tally.add("expired")
        thing.trx.abort()
