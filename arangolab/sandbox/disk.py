"""``--data FILE``: documents and definitions kept in SQLite, read again at the next start.

    disk = Disk(path)       # SandboxError: no such folder, not ours, in use
    disk.load(store)        # what was kept before
    disk.write(changes)     # before they are published, in the order of commits
    disk.write()            # databases, collections, indexes, graphs, users

With the write-ahead log a killed process loses nothing that was acknowledged; a power cut may.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from arangolab.errors import SandboxError
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import decoded, encode
from arangolab.sandbox.indexes import Document, PersistentIndex
from arangolab.sandbox.store import Collection, Database, Server

Changes = Sequence[tuple[Collection, Mapping[str, Document | None]]]

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


class Disk:
    """One file."""

    def __init__(self, path: Path) -> None:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._file = sqlite3.connect(path, timeout=1.0, check_same_thread=False)
            (mark,) = self._file.execute("PRAGMA application_id").fetchone()
            if path.stat().st_size and mark != _APPLICATION:
                raise SandboxError(f"{path} was not made by the sandbox, and is left alone.")
            self._file.executescript(_SETTINGS)
        except (OSError, sqlite3.Error) as error:
            raise SandboxError(
                f"The file {path} of --data cannot be used ({error}).",
                hint="a file in a folder that exists, and that no other sandbox uses.",
            ) from error
        self._lock = threading.Lock()
        self._defined: set[str] = set()
        """Collections, by id, of which the file knows."""

    def load(self, store: Server) -> None:
        """Fill an empty server with what was kept, and keep from now on what changes in it."""
        row = self._file.execute("SELECT json FROM definitions").fetchone()
        if row is not None:
            self._restore(store, json.loads(row[0]))
        self._store, store.disk = store, self
        self.write()

    def write(self, changes: Changes = ()) -> None:
        """Keep changes, or without any the definitions as they are now; ArangoError 2."""
        try:
            with self._lock, self._file:
                known = {collection.id for collection, _ in changes}
                if not changes or not known <= self._defined:  # used before it was answered
                    self._write_definitions()
                for collection, writes in changes:
                    self._write_documents(collection.id, writes)
        except Exception as error:
            self._defined = set()
            raise ArangoError(2, f"the change is not kept on disk: {error}", 500) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def _write_documents(self, collection: str, writes: Mapping[str, Document | None]) -> None:
        made = [(collection, key, encode(new)) for key, new in writes.items() if new]
        gone = [(collection, key) for key, new in writes.items() if not new]
        self._file.executemany("REPLACE INTO document VALUES (?, ?, ?)", made)
        self._file.executemany("DELETE FROM document WHERE collection = ? AND key = ?", gone)

    def _write_definitions(self) -> None:
        databases = [_told(one) for one in list(self._store.databases.values())]
        told = {"tick": self._store.tick(), "users": dict(self._store.users)}
        text = json.dumps({**told, "databases": databases})
        self._file.execute("REPLACE INTO definitions VALUES (1, ?)", (text,))
        now = {one["id"] for database in databases for one in database["collections"]}
        dropped = [(collection_id,) for collection_id in self._defined - now]
        self._file.executemany("DELETE FROM document WHERE collection = ?", dropped)
        self._defined = now

    def _restore(self, store: Server, told: dict[str, Any]) -> None:
        store.users.update(told["users"])
        store.databases, greatest = {}, told["tick"]
        for one in told["databases"]:
            database = store.databases[one["name"]] = Database(store, one["name"])
            vars(database).update(id=one["id"], graphs=one["graphs"], collections={})
            for kept in one["collections"]:
                greatest = max(greatest, self._restore_collection(database, kept))
        store.ticks = itertools.count(greatest + 1)

    def _restore_collection(self, database: Database, kept: dict[str, Any]) -> int:
        """The greatest number among its keys."""
        name, options = kept["name"], kept["options"]
        made = database.collections[name] = Collection(database, name, kept["kind"], {})
        made.id, made.options, made.key_options = kept["id"], options, options["keyOptions"]
        made.indexes = tuple(PersistentIndex(*index) for index in kept["indexes"])
        rows = self._file.execute("SELECT key, json FROM document WHERE collection = ?", (made.id,))
        # the collection may have been renamed since
        documents = {key: {**decoded(text), "_id": f"{name}/{key}"} for key, text in rows}
        made.put(documents)
        last = max((int(key) for key in documents if key.isascii() and key.isdigit()), default=0)
        if "lastValue" in made.key_options:
            made.key_options["lastValue"] = max(last, made.key_options["lastValue"])
        return last


def _told(database: Database) -> dict[str, Any]:
    """Everything in it but the documents."""
    collections = [
        {name: getattr(one, name) for name in ("name", "kind", "options", "id")}
        | {"indexes": [(index.id, index.name, index.options) for index in one.indexes]}
        for one in list(database.collections.values())
    ]
    graphs = dict(database.graphs)
    return {"name": database.name, "id": database.id, "graphs": graphs, "collections": collections}
