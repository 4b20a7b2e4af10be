"""What the sandbox holds: Server -> Database -> Collection -> committed documents.

A committed document is never changed: each write puts a new dict in its place, through
``transaction.Transaction`` only.  Graph definitions are kept in ``database.graphs`` by name
({"edgeDefinitions": [...], "orphanCollections": [...]}), which AQL's ``GRAPH`` reads.
"""

from __future__ import annotations

import binascii
import itertools
import re
import threading
import time
import uuid
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final
from unicodedata import is_normalized

from arangolab.sandbox.faults import check
from arangolab.sandbox.graphs import edges_of, vertices_of
from arangolab.sandbox.indexes import Document, PersistentIndex, built_in, check_spec, conflict
from arangolab.sandbox.spoken import SPOKEN, USUAL
from arangolab.sandbox.traffic import Traffic

if TYPE_CHECKING:
    from arangolab.sandbox.disk import Disk
    from arangolab.sandbox.transaction import Transaction

DOCUMENT, EDGE = 2, 3

_OWN: Final = {"allowUserKeys": True, "type": "traditional"}
_LAST: Final = {**_OWN, "lastValue": 0}
_STEPS: Final = {**_LAST, "offset": 0, "increment": 1}
KEYS: Final = {"traditional": _LAST, "padded": _LAST, "autoincrement": _STEPS, "uuid": _OWN}
"""The key generators: what keyOptions of each type say; numbers are the least that is possible."""
_OPTIONS: Final = {"waitForSync": False, "cacheEnabled": False}
_LOADED: Final = {"status": 3, "statusString": "loaded", "isSmartChild": False, "writeConcern": 1}
_UNSET: Final = {"computedValues": None, "internalValidatorType": 0, "schema": None}
_USUAL: Final = {"syncByRevision": True, "supportsRBAC": True, "usesRevisionsAsDocumentIds": True}
_SHOWN: Final = {**_USUAL, **_LOADED, **_UNSET}
"""What is the same for all collections."""
_NAME: Final = re.compile(r"(?![ ._0-9]|\*$)[^/\x00-\x1f\ud800-\udfff]+(?<! )")
"""Of a database or a collection: ArangoDB's extended names."""
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_IN_ORDER: Final = bytes.maketrans(_LETTERS + b"+/", b"-_" + _LETTERS)
_SYSTEM: Final = "_analyzers _appbundles _apps _aqlfunctions _frontend _graphs _jobs _queues"


class Collection:
    """Committed documents by key, with their indexes, and who writes them."""

    def __init__(self, database: Database, name: str, kind: int, given: dict[str, Any]) -> None:
        """``given``: properties asked for; ArangoError 10, 1218 when they cannot be had."""
        check(kind in (DOCUMENT, EDGE), 1218)
        self.database, self.name, self.kind = database, name, kind
        self.is_edges, self.is_system = kind == EDGE, name.startswith("_")
        self.id = str(database.server.tick())
        asked = {**_OWN, **(given.get("keyOptions") or {})}
        check(asked["type"] in [*KEYS], 10, f"unknown key generator type '{asked['type']}'")
        self.key_options = _chosen(asked, KEYS[asked["type"]])
        unique = name if self.is_system else f"h{uuid.uuid4().hex[:12].upper()}/{self.id}"
        own = {"globallyUniqueId": unique, "keyOptions": self.key_options}
        self.options = _chosen(given, _OPTIONS) | own
        """Properties that each collection has of its own."""
        self.documents: dict[str, Document] = {}
        """Committed documents by key; changed by ``put`` only."""
        self.claims: dict[Hashable, Transaction] = {}
        """Which open transaction writes a key, or a value of a unique index."""
        self.writers: dict[Transaction, bool] = {}
        """Open transactions that write here, and whether they have the collection alone."""
        self.changed = threading.Condition(database.lock)
        """Told when one of them is over."""
        self._waiting_alone = 0
        self._ends = [built_in("edge", end) for end in ("_from", "_to")] if self.is_edges else []
        self.indexes: tuple[PersistentIndex, ...] = ()
        """Those that were asked for."""

    @property
    def all_indexes(self) -> tuple[PersistentIndex, ...]:
        """Every index but the primary one, which the documents are; one for each end of edges."""
        return (*self._ends, *self.indexes)

    def acquire(self, writer: Transaction, alone: bool, timeout_s: float) -> bool:
        """Whether it may write within that time; who waits to be alone goes first."""

        def is_free() -> bool:
            in_the_way = self.writers if alone else self._waiting_alone
            return not in_the_way and True not in self.writers.values()

        with self.changed:
            self._waiting_alone += alone
            got = self.changed.wait_for(is_free, min(timeout_s, threading.TIMEOUT_MAX))
            self._waiting_alone -= alone
            if got:
                self.writers[writer] = alone
            self.changed.notify_all()
            return got

    def next_key(self) -> str:
        """A key for a new document, as the keyOptions say."""
        told = self.key_options
        if told["type"] == "uuid":
            return str(uuid.uuid4())
        with self.database.lock:
            while True:
                number = self.database.server.tick()
                if told["type"] == "autoincrement":
                    steps = (told["lastValue"] - told["offset"]) // told["increment"] + 1
                    number = told["offset"] + max(steps, 0) * told["increment"]
                told["lastValue"] = number
                key = f"{number:016x}" if told["type"] == "padded" else str(number)
                if key not in self.documents and key not in self.claims:
                    return key

    def put(self, writes: Mapping[str, Document | None]) -> None:
        """Make writes (None: removed) the committed state, under the database's lock."""
        for key, document in writes.items():
            for index in self.all_indexes:
                index.replace(key, self.documents.get(key), document)
            if document is None:
                self.documents.pop(key, None)
            else:
                self.documents[key] = document

    def ensure_index(self, spec: dict[str, Any]) -> tuple[PersistentIndex, bool]:
        """The index asked for and whether it is new; ArangoError 10, 1207 or 1210."""
        spec = check_spec(spec)
        number = self.database.server.tick()
        name = spec.get("name") or f"idx_{number}{time.time_ns() % 1_000_000}"
        index = PersistentIndex(str(number), name, spec)
        with self.database.lock:
            for other in self.indexes:
                if index.identity == other.identity:
                    return other, False
                check(other.name != name, 1207, f"duplicate value for `name`: '{name}'", 400)
                is_second = index.kind == other.kind == "ttl"
                check(not is_second, 10, "there can only be one ttl index per collection")
            for key, document in self.documents.items():
                if index.unique and (rivals := index.find(index.entry(document))):
                    raise conflict(rivals[0], index, 400)
                index.replace(key, None, document)
            self.indexes = (*self.indexes, index)
            return index, True

    def drop_index(self, handle: str) -> str:
        """Drop the index of that id or name; its own id.  ArangoError 1212, 11 (built-in)."""
        with self.database.lock:
            told = self.describe_index(handle)
            left = tuple(i for i in self.indexes if handle not in (i.id, i.name))
            check(left != self.indexes, 11)
            self.indexes = left
        return str(told["id"])

    def describe_index(self, handle: str) -> dict[str, Any]:
        """The index of that id or name, as ``describe_indexes``; ArangoError 1212."""
        known = self.describe_indexes()
        named = (one for one in known if handle in (one["id"].partition("/")[2], one["name"]))
        return check(next(named, None), 1212)

    def describe_indexes(self) -> list[dict[str, Any]]:
        """All indexes as ArangoDB's API shows them, the primary first."""
        edge = [built_in("edge", "_from", "_to")] if self.is_edges else []
        known = [built_in("primary", "_key"), *edge, *self.indexes]
        return [index.describe(self.name) for index in known]

    def describe(self) -> dict[str, Any]:
        """Name and properties as ``/_api/collection/{name}/properties`` shows them."""
        shown = {"id": self.id, "name": self.name, "type": self.kind, "isSystem": self.is_system}
        shown["objectId"] = str(int(self.id) + 1)
        return {**_SHOWN, **shown, **self.options}


def _chosen(given: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    """Options as given, others as usual; ArangoError 10 for another type, or too small a number."""
    told = {**usual, **{n: given[n] for n in usual if given.get(n) is not None}}
    for name, value in told.items():
        is_right = type(value) is type(usual[name])
        check(is_right and (type(value) is not int or value >= usual[name]), 10, f"invalid {name}")
    return told


class Database:
    """Collections and graphs by name."""

    def __init__(self, server: Server, name: str) -> None:
        """With its system collections."""
        self.server = server
        self.name = name
        self.id = str(server.tick())
        self.lock = threading.RLock()
        """Held while transactions begin and end, and while indexes and collections are made."""
        self.open: set[Transaction] = set()
        """Transactions that have begun and not ended."""
        self.collections: dict[str, Collection] = {}
        self.graphs: dict[str, dict[str, Any]] = {}
        for system in (_SYSTEM + " _users" * (name == "_system")).split():
            self.collections[system] = Collection(self, system, DOCUMENT, {})

    def collection(self, name: str) -> Collection:
        """The collection of that name, or number; ArangoError 1203."""
        found = self.collections.get(name)
        if found is None and name.isdigit():
            found = next((c for c in list(self.collections.values()) if c.id == name), None)
        return found or check(None, 1203, f"collection or view not found: {name}")

    def create_collection(self, name: str, kind: int = DOCUMENT, /, **given: Any) -> Collection:
        """A new, empty collection; ArangoError 1207 (exists), 1208 (name), 1218 (kind), 10."""
        made = Collection(self, _checked(name, is_system=given.get("isSystem")), kind, given)
        check(self.collections.setdefault(name, made) is made, 1207)
        return made

    def drop_collection(self, name: str, *, is_system: bool = False) -> Collection:
        """Drop it; ArangoError 1203, 11 for a system collection without ``is_system``."""
        with self.lock:
            collection = self.collection(name)
            check(is_system or not collection.is_system, 11)
            self.server.revoke(f"{self.name}/{collection.name}")
            return self.collections.pop(collection.name)

    def in_graphs(self) -> set[str]:
        """Names of the collections of all graphs."""
        graphs = list(self.graphs.values())
        return set[str]().union(*map(vertices_of, graphs), *map(edges_of, graphs))

    def rename_collection(self, old: str, new: str) -> None:
        """Give it another name, which every ``_id`` follows; ArangoError 1203, 1207, 1208, 9."""
        with self.lock:
            check(_checked(new) not in self.collections, 1207)
            said = "renaming a graph's collection is not supported by the arangolab sandbox"
            check(old not in self.in_graphs(), 9, said)
            collection = self.collection(old)
            check(not collection.is_system, 11)
            documents = collection.documents.items()
            collection.documents = {k: {**doc, "_id": f"{new}/{k}"} for k, doc in documents}
            collection.name = new
            self.collections[new] = collection  # it is never missing, or its documents would go
            del self.collections[old]


def _is_name(name: str, most_bytes: int) -> bool:
    is_legal = type(name) is str and _NAME.fullmatch(name) and is_normalized("NFC", name)
    return bool(is_legal) and len(name.encode()) <= most_bytes


def _checked(name: str, *, is_system: object = False) -> str:
    """A name that a collection may have; ArangoError 1208."""
    rest = name.removeprefix("_") if is_system else name
    check(_is_name(rest, 256), 1208, "illegal name: collection name invalid" if name else "")
    return name


class Server:
    """Databases by name; ``_system`` is always there."""

    def __init__(self, version: str = SPOKEN[USUAL]) -> None:
        self.version = version
        """The ArangoDB that it speaks like."""
        self.commit_delay_s = 0.0
        """What each writing transaction takes on top before its commit, holding its keys."""
        self.traffic = Traffic()
        self.ticks = itertools.count(100)
        self.disk: Disk | None = None
        """Where all is kept; None: in memory alone."""
        self._revisions = itertools.count((time.time_ns() // 1_000_000) << 20)
        self.users: dict[str, dict[str, Any]] = {}
        """Users by name; what stands in one is the business of the HTTP layer."""
        self.databases = {"_system": Database(self, "_system")}

    def tick(self) -> int:
        """A number that this server gives only once."""
        return next(self.ticks)

    def revision(self) -> str:
        """A new, ever greater ``_rev``: 11 characters, as ArangoDB writes them."""
        number = next(self._revisions).to_bytes(9, "big")
        return binascii.b2a_base64(number, newline=False).translate(_IN_ORDER).decode()[1:]

    def database(self, name: str) -> Database:
        """The database of that name; ArangoError 1228."""
        return check(self.databases.get(name), 1228)

    def create_database(self, name: str) -> Database:
        """A new database; ArangoError 1207 (exists), 1229 (name)."""
        check(_is_name(name, 128) and ":" not in name, 1229)
        made = Database(self, name)
        check(self.databases.setdefault(name, made) is made, 1207, "duplicate database name")
        return made

    def drop_database(self, name: str) -> None:
        """Drop it; ArangoError 1228, 11 for ``_system``."""
        check(name != "_system", 11)
        check(self.databases.pop(name, None), 1228)
        self.revoke(name)

    def revoke(self, place: str) -> None:
        """Forget what users may do in a database, or a collection (database/collection)."""
        for user in list(self.users.values()):
            for one in [one for one in [*user["grants"]] if f"{one}/".startswith(f"{place}/")]:
                user["grants"].pop(one, None)
