"""Simple queries, as older clients send them."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, ok, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.table import route


@route("PUT", "/_api/simple/all")
def everything(call: Call) -> Reply:
    """All documents of a collection."""
    body = call.object()
    name = _collection_of(body)
    with call.transaction() as trx:
        found = trx.scan(name)
    return _cursor(call, body, found)


@route("PUT", "/_api/simple/by-example")
def by_example(call: Call) -> Reply:
    """The documents that have these values."""
    body = call.object()
    return _cursor(call, body, _matching(call, body))


@route("PUT", "/_api/simple/first-example")
def first_example(call: Call) -> Reply:
    """One document that has these values."""
    found = _matching(call, call.object())
    if not found:
        raise ArangoError(404, "no match")
    return ok(document=found[0])


def _matching(call: Call, body: dict[str, Any]) -> list[Document]:
    name, example = _collection_of(body), body.get("example")
    if type(example) is not dict:
        raise ArangoError(400, "<example> must be an object")
    with call.transaction() as trx:
        if not example:
            return trx.scan(name)
        return trx.by_index(name, list(example), list(example.values()))


def _collection_of(body: dict[str, Any]) -> str:
    name = body.get("collection")
    if type(name) is not str or not name:
        raise ArangoError(400, "expecting string for <collection>")
    return name


def _cursor(call: Call, body: dict[str, Any], found: list[Document]) -> Reply:
    skip, limit, batch_size = body.get("skip") or 0, body.get("limit"), body.get("batchSize")
    if any(value is not None and type(value) is not int for value in (skip, limit, batch_size)):
        raise ArangoError(10, "<skip>, <limit> and <batchSize> must be numbers")
    rows = found[skip : None if limit is None else skip + limit]
    reply = call.app.cursors.open(
        call.database,
        call.user,
        rows,
        {"count": len(rows), "extra": {"warnings": [], "stats": {"scannedFull": len(found)}}},
        batch_size=batch_size or 1000,
    )
    return plain({**reply, "error": False, "code": 201}, 201)
