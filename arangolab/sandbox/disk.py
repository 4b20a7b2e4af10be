"""``--data FILE``: documents and definitions kept in SQLite, read again at the next start.

    disk = Disk(path)                # SandboxError: no such folder, not ours, in use
    disk.load(store)                 # what was kept before
    disk.write(changes).wait()       # acknowledged once SQLite has committed
    disk.define(store)               # databases, collections, indexes, graphs, users

One thread writes, in the order of commits, all that waits in one SQLite transaction.  With the
write-ahead log a killed process loses nothing that was acknowledged; a power cut may.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from arangolab.errors import SandboxError
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import encode
from arangolab.sandbox.indexes import Document, PersistentIndex
from arangolab.sandbox.store import Collection, Database, Server

Changes = list[tuple[Collection, Mapping[str, Document | None]]]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS document (
    collection TEXT, key TEXT, json BLOB, PRIMARY KEY (collection, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definitions (one INTEGER PRIMARY KEY, json TEXT);
"""
_APPLICATION: Final = 0x41524C42
"""Marks a SQLite file as ours."""
_MOST_AT_ONCE: Final = 1000


class Job:
    """Something to be written."""

    def __init__(self, changes: Changes | None) -> None:
        self.changes = changes
        """None: the definitions."""
        self.error: Exception | None = None
        self._done = threading.Event()

    def finish(self, error: Exception | None) -> None:
        """It is committed, or has failed."""
        self.error = error
        self._done.set()

    def wait(self) -> None:
        """Return once it is committed; ArangoError 2 when it cannot be kept."""
        self._done.wait()
        if self.error is not None:
            raise ArangoError(2, f"the change is not kept on disk: {self.error}", 500)


class Disk:
    """One file and the thread that writes it."""

    def __init__(self, path: Path) -> None:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._file = sqlite3.connect(
                path, timeout=1.0, check_same_thread=False, isolation_level=None
            )
            with contextlib.closing(self._file.execute("PRAGMA application_id")) as rows:
                mark, size = rows.fetchone()[0], path.stat().st_size
            if size and mark != _APPLICATION:
                raise SandboxError(f"{path} was not made by the sandbox, and is left alone.")
            self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            self._file.execute(f"PRAGMA application_id={_APPLICATION}")
            self._file.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise SandboxError(
                f"The file {path} of --data cannot be used ({error}).",
                hint="a file in a folder that exists, and that no other sandbox uses.",
            ) from error
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._store: Server | None = None
        self._defined: set[str] = set()
        self._thread = threading.Thread(target=self._work, name="disk", daemon=True)

    def load(self, store: Server) -> None:
        """Fill an empty server with what was kept, and keep from now on what changes in it."""
        row = self._file.execute("SELECT json FROM definitions").fetchone()
        if row is not None:
            _restore(store, json.loads(row[0]), self._documents)
        self._store, store.disk = store, self
        self._thread.start()
        self.define()

    def _documents(self, collection_id: str) -> list[Document]:
        rows = self._file.execute(
            "SELECT json FROM document WHERE collection = ?", (collection_id,)
        )
        return [_read(text) for (text,) in rows]

    def write(self, changes: Changes) -> Job:
        """Have changes written; to be called in the order of commits."""
        job = Job(changes)
        self._jobs.put(job)
        return job

    def define(self) -> None:
        """Return once the definitions are kept as they are now; ArangoError 2."""
        job = Job(None)
        self._jobs.put(job)
        job.wait()

    def close(self) -> None:
        """Write what is left, and close the file."""
        self._jobs.put(None)
        self._thread.join()
        self._file.close()

    # ---- in the thread

    def _work(self) -> None:
        open_still = True
        while open_still:
            jobs = [self._jobs.get()]
            with contextlib.suppress(queue.Empty):
                while len(jobs) < _MOST_AT_ONCE:
                    jobs.append(self._jobs.get_nowait())
            open_still = None not in jobs
            self._commit([job for job in jobs if job is not None])

    def _commit(self, jobs: list[Job]) -> None:
        failed: Exception | None = None
        try:
            self._file.execute("BEGIN")
            for job in jobs:
                self._write(job)
            self._file.execute("COMMIT")
        except Exception as error:
            failed = error
            self._defined = set()
            with contextlib.suppress(sqlite3.Error):
                self._file.execute("ROLLBACK")
        for job in jobs:
            job.finish(failed)

    def _write(self, job: Job) -> None:
        if job.changes is None:
            self._write_definitions()
            return
        for collection, writes in job.changes:
            if collection.id not in self._defined:  # used before its maker was answered
                self._write_definitions()
            gone = [(collection.id, key) for key, document in writes.items() if document is None]
            made = [
                (collection.id, key, encode(document))
                for key, document in writes.items()
                if document is not None
            ]
            run = self._file.executemany
            run("DELETE FROM document WHERE collection = ? AND key = ?", gone)
            run("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", made)

    def _write_definitions(self) -> None:
        assert self._store is not None  # noqa: S101
        told = _definitions(self._store)
        text = json.dumps(told)
        self._file.execute("INSERT OR REPLACE INTO definitions VALUES (1, ?)", (text,))
        now = {c["id"] for database in told["databases"] for c in database["collections"]}
        dropped = [(collection_id,) for collection_id in self._defined - now]
        self._file.executemany("DELETE FROM document WHERE collection = ?", dropped)
        self._defined = now


def _read(text: bytes) -> Document:
    try:
        document: Document = orjson.loads(text)
    except orjson.JSONDecodeError:  # numbers beyond 64 bits
        document = json.loads(text)
    return document


def _definitions(store: Server) -> dict[str, Any]:
    """Everything but the documents, as JSON can hold it."""
    users = {
        name: {**user, "salt": user["salt"].hex(), "hash": user["hash"].hex()}
        for name, user in list(store.users.items())
    }
    databases = [
        {
            "name": database.name,
            "id": database.id,
            "graphs": dict(database.graphs),
            "collections": [_defined(one) for one in list(database.collections.values())],
        }
        for database in list(store.databases.values())
    ]
    return {"format": 1, "tick": store.tick(), "users": users, "databases": databases}


def _defined(collection: Collection) -> dict[str, Any]:
    return {
        "name": collection.name,
        "id": collection.id,
        "kind": collection.kind,
        "unique_id": collection.globally_unique_id,
        "options": {
            **collection.options,
            "keyOptions": collection.key_options,
            "waitForSync": collection.wait_for_sync,
        },
        "indexes": [
            {"id": index.id, "name": index.name, "spec": index.options}
            for index in collection.indexes
        ],
    }


def _restore(store: Server, told: dict[str, Any], documents: Any) -> None:
    greatest = told["tick"]
    for name, user in told["users"].items():
        salt, hashed = bytes.fromhex(user["salt"]), bytes.fromhex(user["hash"])
        store.users[name] = {**user, "salt": salt, "hash": hashed}
    store.databases = {}
    for one in told["databases"]:
        database = store.databases[one["name"]] = Database(store, one["name"], is_empty=True)
        database.id = one["id"]
        database.graphs = one["graphs"]
        for kept in one["collections"]:
            collection = _restored(database, kept, documents(kept["id"]))
            taken = collection.documents
            greatest = max(greatest, *(int(k) for k in taken if k.isascii() and k.isdigit()), 0)
    store.ticks = itertools.count(greatest + 1)


def _restored(database: Database, kept: dict[str, Any], documents: list[Document]) -> Collection:
    name = kept["name"]
    made = Collection(database, name, kept["kind"], kept["options"])
    made.id, made.globally_unique_id = kept["id"], kept["unique_id"]
    made.indexes = tuple(
        PersistentIndex(index["id"], index["name"], index["spec"]) for index in kept["indexes"]
    )
    for document in documents:
        key = document["_key"]
        document["_id"] = f"{name}/{key}"  # the collection may have been renamed since
        made.documents[key] = document
        for index in made.all_indexes:
            index.replace(key, None, document)
    database.collections[name] = made
    numbers = [int(key) for key in made.documents if key.isascii() and key.isdigit()]
    if made.key_options["type"] == "autoincrement":
        made.restart_keys(max(numbers, default=0))
    return made
