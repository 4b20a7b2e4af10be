"""Indexes: made, listed, dropped."""

from __future__ import annotations

from arangolab.sandbox.call import Call, ok
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.store import Collection
from arangolab.sandbox.table import route


@route("GET", "/_api/index")
def listed(call: Call) -> Reply:
    """All indexes of a collection."""
    found = _collection(call).describe_indexes()
    return ok(indexes=found, identifiers={index["id"]: index for index in found})


@route("POST", "/_api/index")
def create(call: Call) -> Reply:
    """A new index, 201; 200 when there is one like it."""
    collection = _collection(call)
    index, is_new = collection.ensure_index(call.object())
    status = 201 if is_new else 200
    return ok(status, **index.describe(collection.name), isNewlyCreated=is_new)


@route("GET", "/_api/index/{}/{}")
def get(call: Call) -> Reply:
    """One index, by number or name."""
    name, handle = call.words
    for index in call.database.collection(name).describe_indexes():
        if handle in (index["id"].partition("/")[2], index["name"]):
            return ok(**index)
    raise ArangoError(1212)


@route("DELETE", "/_api/index/{}/{}")
def drop(call: Call) -> Reply:
    """Drop one index, by number or name."""
    name, handle = call.words
    call.database.collection(name).drop_index(handle)
    return ok(id=f"{name}/{handle}")


def _collection(call: Call) -> Collection:
    name = call.request.query.get("collection")
    if not name:
        raise ArangoError(1204)
    return call.database.collection(name)
