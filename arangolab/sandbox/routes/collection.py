"""Collections: made, listed, described, changed, dropped."""

from __future__ import annotations

import hashlib
from typing import Any

from arangolab.sandbox.call import Call, ok
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply, encode
from arangolab.sandbox.store import DOCUMENT, Collection
from arangolab.sandbox.table import route

_KINDS = {"document": 2, "edge": 3}
_CHANGEABLE = ("computedValues", "schema", "cacheEnabled")


@route("GET", "/_api/collection")
def listed(call: Call) -> Reply:
    """All collections; ?excludeSystem=true leaves out those with an underscore."""
    without = call.request.flag("excludeSystem")
    found = [_brief(c) for c in list(call.database.collections.values())]
    return ok(result=[one for one in found if not (without and one["isSystem"])])


@route("POST", "/_api/collection")
def create(call: Call) -> Reply:
    """A new collection."""
    body = call.object()
    name, kind = body.get("name"), body.get("type", DOCUMENT)
    if type(name) is not str or not name:
        raise ArangoError(1208)
    _check_options(body)
    made = call.database.create_collection(
        name, _KINDS.get(kind, kind), body, is_system=bool(body.get("isSystem"))
    )
    return ok(**_full(made))


def _check_options(body: dict[str, Any]) -> None:
    for option in ("schema", "computedValues"):
        if body.get(option):
            raise ArangoError(9, f"'{option}' is not supported by the arangolab sandbox")
    if body.get("keyOptions") is not None and type(body["keyOptions"]) is not dict:
        raise ArangoError(10, "expecting object for 'keyOptions'")


@route("GET", "/_api/collection/{}")
def get(call: Call) -> Reply:
    """A collection in brief."""
    return ok(**_brief(_collection(call)))


@route("DELETE", "/_api/collection/{}")
def drop(call: Call) -> Reply:
    """Drop it; a system collection only with ?isSystem=true."""
    is_system = call.request.flag("isSystem")
    dropped = call.database.drop_collection(call.words[0], is_system=is_system)
    for graph in call.database.graphs.values():
        orphans = graph.get("orphanCollections", [])
        if dropped.name in orphans:
            orphans.remove(dropped.name)
    return ok(id=dropped.id)


@route("GET", "/_api/collection/{}/properties")
def properties(call: Call) -> Reply:
    """A collection with its properties."""
    return _told(call, **_full(_collection(call)))


@route("GET", "/_api/collection/{}/count")
def count(call: Call) -> Reply:
    """How many documents it has."""
    collection = _collection(call)
    with call.transaction() as trx:
        return _told(call, **_full(collection), count=trx.count(collection.name))


@route("GET", "/_api/collection/{}/figures")
def figures(call: Call) -> Reply:
    """Its size, estimated: it lives in memory."""
    collection = _collection(call)
    sample = list(collection.documents.values())[:100]
    size = sum(len(encode(document)) for document in sample) * collection.count
    shown: dict[str, Any] = {
        "indexes": {"count": 1 + len(collection.all_indexes), "size": 0},
        "documentsSize": size // len(sample) if sample else 0,
        "cacheInUse": False,
        "cacheSize": 0,
        "cacheUsage": 0,
    }
    if call.request.flag("details"):
        shown["engine"] = {
            "documents": collection.count,
            "indexes": [
                {"type": index["type"], "id": number, "count": collection.count}
                for number, index in enumerate(collection.describe_indexes())
            ],
        }
    return _told(call, figures=shown, **_full(collection), count=collection.count)


@route("GET", "/_api/collection/{}/revision")
def revision(call: Call) -> Reply:
    """The revision of its last change."""
    collection = _collection(call)
    return _told(call, **_full(collection), revision=collection.revision)


@route("GET", "/_api/collection/{}/checksum")
def checksum(call: Call) -> Reply:
    """A number that is the same for the same documents, in whatever order."""
    collection = _collection(call)
    with_revisions = call.request.flag("withRevisions")
    with_data = call.request.flag("withData")
    total = 0
    for document in list(collection.documents.values()):
        parts: list[Any] = [document["_key"]]
        if with_revisions:
            parts.append(document["_rev"])
        if with_data:
            parts.append({name: document[name] for name in sorted(document) if name != "_rev"})
        total ^= int.from_bytes(hashlib.blake2b(encode(parts), digest_size=8).digest())
    return _told(call, **_brief(collection), revision=collection.revision, checksum=str(total))


@route("PUT", "/_api/collection/{}/load")
def load(call: Call) -> Reply:
    """Nothing to do: collections are always loaded."""
    collection = _collection(call)
    return _told(call, **_brief(collection), count=collection.count)


@route("PUT", "/_api/collection/{}/unload")
def unload(call: Call) -> Reply:
    """Nothing to do: collections are always loaded."""
    return _told(call, **_brief(_collection(call)))


@route("PUT", "/_api/collection/{}/loadIndexesIntoMemory")
@route("PUT", "/_api/collection/{}/compact")
@route("PUT", "/_api/collection/{}/recalculateCount")
def nothing_to_do(call: Call) -> Reply:
    """Indexes are in memory, nothing is to be compacted, counts are right."""
    _collection(call)
    return _told(call, result=True)


@route("PUT", "/_api/collection/{}/properties")
def change(call: Call) -> Reply:
    """Change what can be changed: waitForSync, cacheEnabled."""
    collection, body = _collection(call), call.object()
    _check_options(body)
    if "waitForSync" in body:
        collection.wait_for_sync = bool(body["waitForSync"])
    for option in _CHANGEABLE:
        if option in body:
            collection.options[option] = body[option]
    return _told(call, **_full(collection))


@route("PUT", "/_api/collection/{}/rename")
def rename(call: Call) -> Reply:
    """Give it another name."""
    name = call.object().get("name")
    if type(name) is not str or not name:
        raise ArangoError(1208)
    return _told(call, **_brief(call.database.rename_collection(_collection(call).name, name)))


@route("PUT", "/_api/collection/{}/truncate")
def truncate(call: Call) -> Reply:
    """Remove all documents."""
    collection = _collection(call)
    with call.transaction() as trx:
        trx.truncate(collection.name)
    return _told(call, **_brief(collection))


def _told(call: Call, **fields: Any) -> Reply:
    reply = ok(**fields)
    tail = "/".join(call.request.path.split("/")[-2:])
    reply.headers["location"] = f"/_db/{call.database_name}/_api/collection/{tail}"
    return reply


def _collection(call: Call) -> Collection:
    return call.database.collection(call.words[0])


def _brief(collection: Collection) -> dict[str, Any]:
    return {
        "id": collection.id,
        "name": collection.name,
        "status": 3,
        "type": collection.kind,
        "isSystem": collection.is_system,
        "globallyUniqueId": collection.globally_unique_id,
    }


def _full(collection: Collection) -> dict[str, Any]:
    """All properties, as a single server shows them."""
    shown = collection.describe()
    key_options = shown["keyOptions"]
    if key_options["type"] == "autoincrement":
        key_options.update(offset=key_options.get("offset", 0))
        key_options.update(increment=key_options.pop("increment", 1))
    if key_options["type"] != "uuid":
        key_options.setdefault("lastValue", 0)
    return {**shown, "objectId": str(int(collection.id) + 1), "supportsRBAC": True}
