"""What the sandbox holds: Server -> Database -> Collection -> committed documents.

    server = Server()
    database = server.create_database("shop")        # 1207 exists, 1229 bad name
    collection = database.create_collection("user")  # 1207, 1208; kind=3 for edges
    index, is_new = collection.ensure_index({"type": "persistent", "fields": ["count"]})
    database.collection("user")                      # 1203
    collection.documents["key"], collection.count    # committed state, never change it

A committed document is never changed: each write puts a new dict in its place, through
``transaction.Transaction`` only.  Graph definitions are kept in ``database.graphs`` by name
({"edgeDefinitions": [...], "orphanCollections": [...]}), which AQL's ``GRAPH`` reads.
"""

from __future__ import annotations

import itertools
import re
import time
import uuid
from typing import TYPE_CHECKING, Any

from arangolab.sandbox import keys
from arangolab.sandbox.faults import ArangoError, fault, unknown_collection
from arangolab.sandbox.history import History, Versions
from arangolab.sandbox.indexes import (
    Document,
    EdgeIndex,
    PersistentIndex,
    check_spec,
    conflict,
    primary,
    same,
)
from arangolab.sandbox.locks import CollectionLock
from arangolab.sandbox.spoken import SPOKEN, USUAL
from arangolab.sandbox.tally import Tally

if TYPE_CHECKING:
    from arangolab.sandbox.disk import Disk

DOCUMENT, EDGE = 2, 3

_NOT_OFFERED = ("schema", "computedValues")
_COLLECTION_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,255}")
_SYSTEM_NAME = re.compile(r"_[a-zA-Z0-9_-]{1,255}")
_DATABASE_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,63}")
_SYSTEM_COLLECTIONS = (
    "_analyzers",
    "_appbundles",
    "_apps",
    "_aqlfunctions",
    "_frontend",
    "_graphs",
    "_jobs",
    "_queues",
)


class Collection:
    """Committed documents by key, with their indexes, claims and lock."""

    def __init__(self, database: Database, name: str, kind: int, options: dict[str, Any]) -> None:
        self.database = database
        self.name = name
        self.kind = kind
        """2 for documents, 3 for edges."""
        self.id = str(database.server.tick())
        self.globally_unique_id = f"h{uuid.uuid4().hex[:12].upper()}/{self.id}"
        self.is_system = name.startswith("_")
        self.wait_for_sync = bool(options.get("waitForSync", False))
        self.key_options: dict[str, Any] = {
            "allowUserKeys": True,
            "type": "traditional",
            **(options.get("keyOptions") or {}),
        }
        self.options = options
        """Properties as asked for at creation (schema, computedValues, ...), kept as given."""
        self.documents: dict[str, Document] = {}
        """Committed documents by key; changed by ``History`` only."""
        self.recent: dict[str, Versions] = {}
        """What keys held before recent commits that some open transaction must not see."""
        self.claims: dict[str, object] = {}
        """Which open transaction is writing a key."""
        self.indexes: tuple[PersistentIndex, ...] = ()
        self.edge_index = EdgeIndex() if kind == EDGE else None
        self.lock = CollectionLock()
        self.last_change = 0
        """Number of the commit that changed it last."""
        self.next_key = keys.generator(self.key_options, database.server.tick, self._is_taken)

    def restart_keys(self, last: int) -> None:
        """Let an autoincrement go on after the key ``last``."""
        told = self.key_options
        told["lastValue"] = max(last, told.get("offset", 0), told.get("lastValue", 0))
        self.next_key = keys.generator(told, self.database.server.tick, self._is_taken)

    def _is_taken(self, key: str) -> bool:
        return key in self.documents or key in self.claims

    @property
    def type(self) -> int:
        """2 for documents, 3 for edges."""
        return self.kind

    @property
    def count(self) -> int:
        """How many committed documents there are."""
        return len(self.documents)

    @property
    def all_indexes(self) -> tuple[PersistentIndex | EdgeIndex, ...]:
        """Every index but the primary one, which the documents are themselves."""
        return self.indexes if self.edge_index is None else (self.edge_index, *self.indexes)

    @property
    def revision(self) -> str:
        """The greatest ``_rev`` so far, "0" when nothing was ever written."""
        return max((doc["_rev"] for doc in list(self.documents.values())), default="0")

    def describe_indexes(self) -> list[dict[str, Any]]:
        """All indexes as ArangoDB's API shows them, the primary first."""
        return [primary(self.name), *(index.describe(self.name) for index in self.all_indexes)]

    def ensure_index(self, spec: dict[str, Any]) -> tuple[PersistentIndex, bool]:
        """The index asked for and whether it is new; ArangoError 10 or 1210."""
        spec = check_spec(spec)
        with self.database.history.lock:
            for index in self.indexes:
                if same(index, spec):
                    return index, False
            number = self.database.server.tick()
            name = spec.get("name") or f"idx_{number}{time.time_ns() % 1_000_000}"
            if any(index.name == name for index in self.indexes):
                raise ArangoError(1207, f"duplicate value for `name`: '{name}'")
            index = PersistentIndex(str(number), name, spec)
            for key, document in self.documents.items():
                check_unique(index, document)
                index.replace(key, None, document)
            self.indexes = (*self.indexes, index)
            return index, True

    def drop_index(self, handle: str) -> None:
        """Drop an index by id, collection/id or name; ArangoError 1212, 10 for built-in ones."""
        handle = handle.removeprefix(f"{self.name}/")
        with self.database.history.lock:
            left = tuple(i for i in self.indexes if handle not in (i.id, i.name))
            if len(left) == len(self.indexes):
                if handle in ("0", "1", "primary", "edge"):
                    raise ArangoError(11, "the primary and edge indexes cannot be dropped")
                raise ArangoError(1212)
            self.indexes = left

    def describe(self) -> dict[str, Any]:
        """Name and properties as ``/_api/collection/{name}/properties`` shows them."""
        return {
            "cacheEnabled": bool(self.options.get("cacheEnabled", False)),
            "computedValues": self.options.get("computedValues"),
            "globallyUniqueId": self.globally_unique_id,
            "id": self.id,
            "internalValidatorType": 0,
            "isSmartChild": False,
            "isSystem": self.is_system,
            "keyOptions": dict(self.key_options),
            "name": self.name,
            "schema": self.options.get("schema"),
            "status": 3,
            "statusString": "loaded",
            "syncByRevision": True,
            "type": self.kind,
            "usesRevisionsAsDocumentIds": True,
            "waitForSync": self.wait_for_sync,
            "writeConcern": 1,
        }


def check_unique(index: PersistentIndex, document: Document) -> None:
    """ArangoError 1210 if a committed document already has this one's values."""
    if index.unique:
        for entry in index.entries(document):
            for other in index.find(entry):
                if other != document["_key"]:
                    raise conflict(index, other)


class Database:
    """Collections and graphs by name."""

    def __init__(self, server: Server, name: str, *, is_empty: bool = False) -> None:
        """With its system collections, unless it ``is_empty``."""
        self.server = server
        self.name = name
        self.id = str(server.tick())
        self.history = History()
        self.collections: dict[str, Collection] = {}
        self.graphs: dict[str, dict[str, Any]] = {}
        if is_empty:
            return
        for system in (*_SYSTEM_COLLECTIONS, *(("_users",) if name == "_system" else ())):
            self.create_collection(system, is_system=True)

    def collection(self, name: str) -> Collection:
        """The collection of that name, or number; ArangoError 1203."""
        found = self.collections.get(name)
        if found is None and name.isdigit():
            found = next((c for c in list(self.collections.values()) if c.id == name), None)
        if found is None:
            raise unknown_collection(name)
        return found

    def create_collection(
        self,
        name: str,
        kind: int = DOCUMENT,
        options: dict[str, Any] | None = None,
        *,
        is_system: bool = False,
    ) -> Collection:
        """A new, empty collection; ArangoError 1207 (exists), 1208 (name), 1218 (kind)."""
        _check_collection_name(name, is_system=is_system)
        if kind not in (DOCUMENT, EDGE):
            raise ArangoError(1218)
        for option in _NOT_OFFERED:
            if (options or {}).get(option):
                raise ArangoError(10, f"'{option}' is not supported by the arangolab sandbox")
        with self.history.lock:
            if name in self.collections:
                raise ArangoError(1207)
            made = self.collections[name] = Collection(self, name, kind, options or {})
            return made

    def drop_collection(self, name: str, *, is_system: bool = False) -> Collection:
        """Drop it; ArangoError 1203, 11 for a system collection without ``is_system``."""
        with self.history.lock:
            collection = self.collection(name)
            if collection.is_system and not is_system:
                raise ArangoError(11)
            del self.collections[collection.name]
            return collection

    def rename_collection(self, old: str, new: str) -> Collection:
        """Give it another name, which every ``_id`` in it follows; ArangoError 1203, 1207, 1208."""
        _check_collection_name(new, is_system=False)
        with self.history.lock:
            collection = self.collection(old)
            if new in self.collections:
                raise ArangoError(1207)
            if collection.is_system:
                raise ArangoError(11)
            collection.documents = {
                key: {**document, "_id": f"{new}/{key}"}
                for key, document in collection.documents.items()
            }
            self.collections[new] = self.collections.pop(collection.name)
            collection.name = new
            return collection


def _check_collection_name(name: object, *, is_system: bool) -> None:
    if type(name) is str and (
        _COLLECTION_NAME.fullmatch(name) or (is_system and _SYSTEM_NAME.fullmatch(name))
    ):
        return
    raise ArangoError(1208, "illegal name: collection name invalid" if name else "")


class Server:
    """Databases by name; ``_system`` is always there."""

    def __init__(self, version: str = SPOKEN[USUAL]) -> None:
        self.version = version
        """The ArangoDB that it speaks like."""
        self.commit_delay_s = 0.0
        """What each writing transaction takes on top before its commit, holding its keys."""
        self.tally = Tally()
        """Transactions by what became of them, and locks that were not had in time."""
        self.ticks = itertools.count(100)
        self.disk: Disk | None = None
        """Where all is kept; None: in memory alone."""
        self.revisions = keys.Revisions()
        self.users: dict[str, dict[str, Any]] = {}
        """Users by name; what stands in one is the business of the HTTP layer."""
        self.databases: dict[str, Database] = {}
        self.databases["_system"] = Database(self, "_system")

    def tick(self) -> int:
        """A number that this server gives only once."""
        return next(self.ticks)

    def database(self, name: str) -> Database:
        """The database of that name; ArangoError 1228."""
        found = self.databases.get(name)
        if found is None:
            raise fault(1228)
        return found

    def create_database(self, name: str) -> Database:
        """A new database; ArangoError 1207 (exists), 1229 (name)."""
        if type(name) is not str or not _DATABASE_NAME.fullmatch(name):
            raise fault(1229)
        made = self.databases.setdefault(name, new := Database(self, name))
        if made is not new:
            raise ArangoError(1207, "duplicate database name")
        return made

    def drop_database(self, name: str) -> None:
        """Drop it; ArangoError 1228, 11 for ``_system``."""
        if name == "_system":
            raise ArangoError(11)
        if self.databases.pop(name, None) is None:
            raise fault(1228)
