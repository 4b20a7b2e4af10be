"""Results that are fetched in batches, and stream transactions: what lives between requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import Transaction

CURSOR_TTL_S: Final = 30.0
STREAM_IDLE_S: Final = 60.0
Owner = tuple[Database, str]
"""Whose a cursor is: database and user."""


@dataclass(slots=True)
class Cursor:
    """A result that is fetched in batches."""

    owner: Owner
    rows: list[Any]
    shared: dict[str, Any]
    """What each batch's reply repeats: count, extra."""
    batch_size: int
    ttl_s: float = 0.0
    """0: the usual."""
    retriable: bool = False
    at_end: dict[str, Any] = field(default_factory=dict)
    """What the last batch's reply adds."""
    batch: int = 1
    """Number of the batch fetched last."""
    due_s: float = 0.0
    """When it goes (clock of time.monotonic)."""


class Cursors(dict[str, Cursor]):
    """The cursors of a server by id."""

    def open(self, cursor: Cursor) -> dict[str, Any]:
        """The reply with the first batch; a cursor is kept only if more is left."""
        return self._batch(str(cursor.owner[0].server.tick()), cursor)

    def next(self, cursor_id: str, owner: Owner, batch: str | None = None) -> dict[str, Any]:
        """The next batch, or again the one of that number; ArangoError 1600."""
        cursor = self.close(cursor_id, owner)
        is_again = cursor.retriable and batch == str(cursor.batch)
        if batch not in (None, str(cursor.batch + 1)) and not is_again:
            self[cursor_id] = cursor
            raise ArangoError(1600, "batch id not found")
        cursor.batch += not is_again
        return self._batch(cursor_id, cursor)

    def close(self, cursor_id: str, owner: Owner) -> Cursor:
        """Forget a cursor; ArangoError 1600, also while another request has it."""
        found = self.get(cursor_id)
        check(found and found.owner == owner and found.due_s >= time.monotonic(), 1600)
        return check(self.pop(cursor_id, None), 1600)

    def _batch(self, cursor_id: str, cursor: Cursor) -> dict[str, Any]:
        end = cursor.batch * cursor.batch_size
        more = end < len(cursor.rows)
        told = {"result": cursor.rows[end - cursor.batch_size : end], "hasMore": more}
        if more or (cursor.retriable and cursor.batch > 1):
            told |= {"id": cursor_id} | ({"nextBatchId": str(cursor.batch + 1)} if more else {})
            cursor.due_s = time.monotonic() + (cursor.ttl_s or CURSOR_TTL_S)
            self[cursor_id] = cursor
        return {**told, **cursor.shared, **({} if more else cursor.at_end), "cached": False}

    def expire(self) -> None:
        """Forget what nobody fetched from for too long."""
        for cursor_id, cursor in list(self.items()):
            if cursor.due_s < time.monotonic():
                self.pop(cursor_id, None)


@dataclass(slots=True)
class _Stream:
    trx: Transaction
    due_s: float
    lock: threading.Lock = field(default_factory=threading.Lock)


class Streams(dict[str, _Stream]):
    """Stream transactions by id; one that is idle for ``STREAM_IDLE_S`` is aborted."""

    def begin(self, trx: Transaction) -> str:
        """Keep an open transaction; its id."""
        stream_id = str(trx.database.server.tick())
        self[stream_id] = _Stream(trx, time.monotonic() + STREAM_IDLE_S)
        return stream_id

    @contextmanager
    def used(self, stream_id: str, database: Database) -> Iterator[Transaction]:
        """The transaction for one operation; ArangoError 1655, 28 (in use), 1653 (ended)."""
        stream, said = self._of(stream_id, database), f"transaction '{stream_id}' is already "
        check(stream.lock.acquire(blocking=False), 28, said + "in use", 409)
        try:
            check(stream.trx.status == "running", 1653, said + stream.trx.status)
            yield stream.trx
        finally:
            stream.due_s = time.monotonic() + STREAM_IDLE_S
            stream.lock.release()

    def end(self, stream_id: str, database: Database, status: str = "") -> str:
        """The status, after "committed" or "aborted" if asked for; ArangoError as ``used``."""
        trx = self._of(stream_id, database).trx
        if status not in ("", trx.status):
            with self.used(stream_id, database):
                (trx.commit if status == "committed" else trx.abort)()
        return trx.status

    def running(self, database: Database) -> dict[str, Any]:
        """The transactions that are open, as the API lists them."""
        found = [(i, one.trx) for i, one in list(self.items()) if one.trx.status == "running"]
        mine = [{"id": i, "state": "running"} for i, trx in found if trx.database is database]
        return {"transactions": mine}

    def _of(self, stream_id: str, database: Database) -> _Stream:
        self.expire()
        check(stream_id.isdigit(), 10, "illegal transaction ID")
        found = self.get(stream_id)
        is_here = found and found.trx.database is database
        return check(found if is_here else None, 1655, f"transaction '{stream_id}' not found")

    def expire(self) -> None:
        """Abort what was idle for too long, and forget what ended."""
        for stream_id, stream in list(self.items()):
            if stream.due_s < time.monotonic() and stream.lock.acquire(blocking=False):
                self.pop(stream_id, None)
                if stream.trx.status == "running":
                    stream.trx.database.server.traffic.add("transactions_expired_total")
                stream.trx.abort()
                stream.lock.release()
