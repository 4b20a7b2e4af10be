"""``--data FILE``: documents and definitions kept in SQLite, read again at the next start.

    disk = Disk(path)                # SandboxError: no such folder, not ours, in use
    disk.load(store)                 # what was kept before
    disk.write(changes)()            # acknowledged once SQLite has committed
    disk.define()                    # databases, collections, indexes, graphs, users

Jobs stand in the order of commits, and whoever waits first writes all of them in one SQLite
transaction.  With the write-ahead log a killed process loses nothing that was acknowledged; a
power cut may.
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from arangolab.errors import SandboxError
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import decoded, encode
from arangolab.sandbox.indexes import Document, PersistentIndex
from arangolab.sandbox.store import Collection, Database, Server

Changes = list[tuple[Collection, Mapping[str, Document | None]]]

_APPLICATION: Final = 0x41524C42
"""Marks a SQLite file as ours."""
_SETTINGS: Final = f"""
PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
PRAGMA application_id={_APPLICATION};
CREATE TABLE IF NOT EXISTS document (
    collection TEXT, key TEXT, json BLOB, PRIMARY KEY (collection, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definitions (one INTEGER PRIMARY KEY, json TEXT);
"""
_KEPT: Final = ("name", "id", "kind", "options", "globally_unique_id", "wait_for_sync")


class Disk:
    """One file."""

    def __init__(self, path: Path) -> None:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._file = sqlite3.connect(
                path, timeout=1.0, check_same_thread=False, isolation_level=None
            )
            (mark,) = self._file.execute("PRAGMA application_id").fetchone()
            if path.stat().st_size and mark != _APPLICATION:
                raise SandboxError(f"{path} was not made by the sandbox, and is left alone.")
            self._file.executescript(_SETTINGS)
        except (OSError, sqlite3.Error) as error:
            raise SandboxError(
                f"The file {path} of --data cannot be used ({error}).",
                hint="a file in a folder that exists, and that no other sandbox uses.",
            ) from error
        self._jobs: collections.deque[tuple[Changes | None, Future[None]]] = collections.deque()
        self._lock = threading.Lock()
        self._defined: set[str] = set()

    def load(self, store: Server) -> None:
        """Fill an empty server with what was kept, and keep from now on what changes in it."""
        row = self._file.execute("SELECT json FROM definitions").fetchone()
        if row is not None:
            self._restore(store, json.loads(row[0]))
        self._store, store.disk = store, self
        self.define()

    def write(self, changes: Changes | None) -> Callable[[], None]:
        """Have changes (None: the definitions) written; to be called in the order of commits.

        Returns what waits until they are; it raises ArangoError 2 when they cannot be kept.
        """
        done: Future[None] = Future()
        self._jobs.append((changes, done))

        def wait() -> None:
            with self._lock:
                if not done.done():
                    self._flush()
            if error := done.exception():
                raise ArangoError(2, f"the change is not kept on disk: {error}", 500)

        return wait

    def define(self) -> None:
        """Return once the definitions are kept as they are now; ArangoError 2."""
        self.write(None)()

    def close(self) -> None:
        """Write what is left, and close the file."""
        with self._lock:
            self._flush()
            self._file.close()

    def _flush(self) -> None:
        jobs = [self._jobs.popleft() for _ in range(len(self._jobs))]
        failed: Exception | None = None
        try:
            self._file.execute("BEGIN")
            for changes, _ in jobs:
                self._write(changes)
            self._file.execute("COMMIT")
        except Exception as error:
            failed, self._defined = error, set()
            with contextlib.suppress(sqlite3.Error):
                self._file.execute("ROLLBACK")
        for _, done in jobs:
            done.set_exception(failed) if failed else done.set_result(None)

    def _write(self, changes: Changes | None) -> None:
        known = {collection.id for collection, _ in changes or ()}
        if changes is None or not known <= self._defined:  # used before its maker was answered
            self._write_definitions()
        for collection, writes in changes or ():
            made = [(collection.id, key, encode(new)) for key, new in writes.items() if new]
            gone = [(collection.id, key) for key, new in writes.items() if not new]
            self._file.executemany("REPLACE INTO document VALUES (?, ?, ?)", made)
            self._file.executemany("DELETE FROM document WHERE collection = ? AND key = ?", gone)

    def _write_definitions(self) -> None:
        databases: list[dict[str, Any]] = [
            {
                "name": database.name,
                "id": database.id,
                "graphs": dict(database.graphs),
                "collections": [_told(one) for one in list(database.collections.values())],
            }
            for database in list(self._store.databases.values())
        ]
        told = {"tick": self._store.tick(), "users": dict(self._store.users)}
        text = json.dumps({**told, "databases": databases}, default=bytes.hex)
        self._file.execute("REPLACE INTO definitions VALUES (1, ?)", (text,))
        now = {one["id"] for database in databases for one in database["collections"]}
        dropped = [(collection_id,) for collection_id in self._defined - now]
        self._file.executemany("DELETE FROM document WHERE collection = ?", dropped)
        self._defined = now

    def _restore(self, store: Server, told: dict[str, Any]) -> None:
        for user in told["users"].values():
            user.update(salt=bytes.fromhex(user["salt"]), hash=bytes.fromhex(user["hash"]))
        store.users.update(told["users"])
        store.databases, greatest = {}, told["tick"]
        for one in told["databases"]:
            database = store.databases[one["name"]] = Database(store, one["name"], is_empty=True)
            database.id, database.graphs = one["id"], one["graphs"]
            for kept in one["collections"]:
                greatest = max(greatest, self._restore_collection(database, kept))
        store.ticks = itertools.count(greatest + 1)

    def _restore_collection(self, database: Database, kept: dict[str, Any]) -> int:
        """The greatest number among its keys."""
        name = kept["name"]
        made = Collection(database, name, kept["kind"], kept["options"])
        database.collections[name] = made
        vars(made).update((field, kept[field]) for field in _KEPT)
        made.indexes = tuple(PersistentIndex(*index) for index in kept["indexes"])
        rows = self._file.execute("SELECT key, json FROM document WHERE collection = ?", (made.id,))
        # the collection may have been renamed since
        documents = {key: {**decoded(text), "_id": f"{name}/{key}"} for key, text in rows}
        made.put(documents)
        last = max((int(key) for key in documents if key.isascii() and key.isdigit()), default=0)
        made.restart_keys(last)
        return last


def _told(collection: Collection) -> dict[str, Any]:
    """Everything but the documents."""
    return {
        **{field: getattr(collection, field) for field in _KEPT},
        "options": {**collection.options, "keyOptions": collection.key_options},
        "indexes": [(index.id, index.name, index.options) for index in collection.indexes],
    }
