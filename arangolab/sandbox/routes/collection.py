"""Collections and their indexes: made, listed, described, changed, dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from arangolab.sandbox.call import Call, Fields, check, read
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import encode
from arangolab.sandbox.store import DOCUMENT, EDGE, Collection

Part = Callable[[Call, Collection], Fields]

_KEY_OPTIONS = {"autoincrement": {"offset": 0, "increment": 1, "lastValue": 0}, "uuid": {}}
_CHANGEABLE = ("cacheEnabled", "schema", "computedValues")


def listed(call: Call) -> Fields:
    """All collections; ?excludeSystem=true leaves out those with an underscore."""
    found = [brief(call, one) for one in list(call.database.collections.values())]
    without = call.flag("excludeSystem")
    return {"result": [one for one in found if not (without and one["isSystem"])]}


def create(call: Call) -> Fields:
    """A new collection."""
    body = call.object()
    name = read(body, "name", str, error_num=1208)
    _check_options(body)
    kind = EDGE if body.get("type") in (EDGE, str(EDGE), "edge") else DOCUMENT
    is_system = bool(body.get("isSystem"))
    return full(call, call.database.create_collection(name, kind, body, is_system=is_system))


def drop(call: Call, name: str) -> Fields:
    """Drop it; a system collection only with ?isSystem=true."""
    dropped = call.database.drop_collection(name, is_system=call.flag("isSystem"))
    for graph in call.database.graphs.values():
        graph["orphanCollections"] = [c for c in graph["orphanCollections"] if c != dropped.name]
    return {"id": dropped.id}


def page(*parts: Part) -> Callable[[Call, str], Fields]:
    """The handler that replies what each part does with a collection and tells of it."""

    def answer(call: Call, name: str) -> Fields:
        collection = call.collection(name)
        tail = "/".join(call.request.path.split("/")[-2:])
        call.headers["location"] = f"/_db/{call.database_name}/_api/collection/{tail}"
        told = [part(call, collection) for part in parts]
        return {name: value for fields in told for name, value in fields.items()}

    return answer


# ---- parts of replies


def brief(_: Call, collection: Collection) -> Fields:
    """What lists show of it."""
    names = ("id", "name", "status", "type", "isSystem", "globallyUniqueId")
    described = collection.describe()
    return {name: described[name] for name in names}


def full(_: Call, collection: Collection) -> Fields:
    """All properties, as a single server shows them."""
    shown = collection.describe()
    given = shown["keyOptions"]
    shown["keyOptions"] = {**_KEY_OPTIONS.get(given["type"], {"lastValue": 0}), **given}
    return {**shown, "objectId": str(int(collection.id) + 1), "supportsRBAC": True}


def count(call: Call, collection: Collection) -> Fields:
    """How many documents the call's transaction sees."""
    with call.transaction() as trx:
        return {"count": trx.count(collection.name)}


def figures(call: Call, collection: Collection) -> Fields:
    """Its size, estimated: it lives in memory."""
    sample = list(collection.documents.values())[:100]
    size = sum(len(encode(document)) for document in sample) * collection.count
    shown: Fields = {
        "indexes": {"count": len(collection.describe_indexes()), "size": 0},
        "documentsSize": size // len(sample) if sample else 0,
        "cacheInUse": False,
        "cacheSize": 0,
        "cacheUsage": 0,
    }
    if call.flag("details"):
        types = enumerate(index["type"] for index in collection.describe_indexes())
        told = [{"type": kind, "id": number, "count": collection.count} for number, kind in types]
        shown["engine"] = {"documents": collection.count, "indexes": told}
    return {"figures": shown}


def checksum(call: Call, collection: Collection) -> Fields:
    """A number that is the same for the same documents, in whatever order."""
    total, with_data = 0, call.flag("withData")
    revisions = ("_rev",) if call.flag("withRevisions") else ()
    for document in list(collection.documents.values()):
        names = sorted(document.keys() - {"_rev"}) if with_data else ["_key"]
        parts = [(name, document[name]) for name in (*names, *revisions)]
        total ^= int.from_bytes(hashlib.blake2b(encode(parts), digest_size=8).digest())
    return {"checksum": str(total)}


# ---- parts that change the collection


def change(call: Call, collection: Collection) -> Fields:
    """Change what can be changed: waitForSync, cacheEnabled."""
    body = call.object()
    _check_options(body)
    collection.wait_for_sync = bool(body.get("waitForSync", collection.wait_for_sync))
    collection.options |= {option: body[option] for option in _CHANGEABLE if option in body}
    return {}


def rename(call: Call, collection: Collection) -> Fields:
    """Give it another name."""
    name = read(call.object(), "name", str, error_num=1208)
    call.database.rename_collection(collection.name, name)
    return {}


def truncate(call: Call, collection: Collection) -> Fields:
    """Remove all documents."""
    with call.transaction() as trx:
        trx.truncate(collection.name)
    return {}


def _check_options(body: Fields) -> None:
    for option in ("schema", "computedValues"):
        check(not body.get(option), 9, f"'{option}' is not supported by the arangolab sandbox")
    read(body, "keyOptions", dict, {})


# ---- indexes


def indexes(call: Call) -> Fields:
    """All indexes of a collection."""
    found = call.collection().describe_indexes()
    return {"indexes": found, "identifiers": {one["id"]: one for one in found}}


def create_index(call: Call) -> Fields:
    """A new index, 201; 200 when there is one like it."""
    collection = call.collection()
    made, is_new = collection.ensure_index(call.object())
    call.status = 201 if is_new else 200
    return {**made.describe(collection.name), "isNewlyCreated": is_new}


def index(call: Call, name: str, handle: str) -> Fields:
    """One index, by number or name; DELETE drops it."""
    collection = call.collection(name)
    if call.request.method == "DELETE":
        collection.drop_index(handle)
        return {"id": f"{name}/{handle}"}
    for found in collection.describe_indexes():
        if handle in (found["id"].partition("/")[2], found["name"]):
            return found
    raise ArangoError(1212)
