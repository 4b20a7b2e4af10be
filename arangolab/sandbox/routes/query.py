"""AQL over HTTP: cursors, checking and explaining; and the simple queries of older clients."""

from __future__ import annotations

from typing import Any, Final

from arangolab.sandbox import aql
from arangolab.sandbox.call import Call, Fields, check, plain, read
from arangolab.sandbox.cursors import CURSOR_TTL_S
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.indexes import Document

TRACKING: Final[Fields] = {
    "enabled": True,
    "trackSlowQueries": True,
    "trackBindVars": True,
    "maxSlowQueries": 64,
    "slowQueryThreshold": 10,
    "slowStreamingQueryThreshold": 10,
    "maxQueryStringLength": 4096,
}
"""How ArangoDB accounts for queries; the sandbox keeps no account of them."""
CACHE: Final[Fields] = {
    "mode": "off",
    "maxResults": 128,
    "maxResultsSize": 268_435_456,
    "maxEntrySize": 16_777_216,
    "includeSystem": False,
}
"""The cache of results, which is off."""


def query_of(body: Fields) -> tuple[str, Fields, Fields]:
    """Query, bind variables and options of a body; ArangoError 1502, 10."""
    text = read(body, "query", str, error_num=1502)
    check(text.strip(), 1502)
    return text, read(body, "bindVars", dict, {}), read(body, "options", dict, {})


def run(call: Call) -> Fields:
    """Run a query; its first batch."""
    body = call.object()
    text, binds, options = query_of(body)
    if "memoryLimit" in body:
        options = {**options, "memoryLimit": body["memoryLimit"]}
    size, ttl_s = body.get("batchSize", 1000), body.get("ttl") or CURSOR_TTL_S
    check(type(size) is int and size > 0, 10, "expecting positive integer for 'batchSize'")
    is_time = type(ttl_s) in (int, float) and ttl_s >= 0
    check(is_time, 10, "expecting positive number for 'ttl'")
    with call.app.burden.query(), call.transaction() as trx:
        result = aql.execute(trx, text, binds, options)
    shared: Fields = {"count": len(result.rows)} if body.get("count") else {}
    shared["extra"], retriable = result.extra, bool(options.get("allowRetry"))
    return _opened(call, result.rows, shared, batch_size=size, ttl_s=ttl_s, retriable=retriable)


def _opened(call: Call, rows: list[Any], shared: Fields, **options: Any) -> Fields:
    call.status = 201
    return call.app.cursors.open(call.database, call.user, rows, shared, **options)


def fetch(call: Call, cursor_id: str, batch: str | None = None) -> Fields:
    """The next batch, or the one of that number: once more if it was the last one."""
    return call.app.cursors.next(cursor_id, call.database, call.user, batch)


def close(call: Call, cursor_id: str) -> Fields:
    """Forget a cursor."""
    call.app.cursors.close(cursor_id, call.database, call.user)
    call.status = 202
    return {"id": cursor_id}


def which(call: Call) -> Fields:
    """Refused: the cursor's id is missing."""
    raise ArangoError(400, f"expecting {call.method} /_api/cursor/<cursor-id>")


def explain(call: Call) -> Fields:
    """The plan of a query."""
    text, binds, options = query_of(call.object())
    explained = aql.explain(call.database, text, binds)
    if options.get("allPlans"):
        explained["plans"] = [explained.pop("plan")]
    return explained


def kill(_: Call, number: str) -> Fields:
    """Refused: running queries have no numbers here."""
    raise ArangoError(1591, f"query ID '{number}' not found")


def unchanged(call: Call) -> Fields | Reply:
    """Refused, but for what is so anyway: neither accounts nor a cache of results are offered."""
    known = CACHE if "cache" in call.request.path else TRACKING
    for name, value in call.object().items():
        said = f"changing '{name}' is not supported by the arangolab sandbox"
        check(known.get(name) == value, 9, said)
    return plain(CACHE) if known is CACHE else TRACKING


# ---- simple queries


def by_example(call: Call) -> Fields:
    """The documents that have the example's values; with /all every one."""
    body = call.object()
    found = _matching(call, body)
    skip, limit, size = body.get("skip") or 0, body.get("limit"), body.get("batchSize")
    are_numbers = all(value is None or type(value) is int for value in (skip, limit, size))
    check(are_numbers, 10, "<skip>, <limit> and <batchSize> must be numbers")
    rows = found[skip : None if limit is None else skip + limit]
    extra = {"warnings": [], "stats": {"scannedFull": len(found)}}
    return _opened(call, rows, {"count": len(rows), "extra": extra}, batch_size=size or 1000)


def first_example(call: Call) -> Fields:
    """One document that has the example's values."""
    found = _matching(call, call.object())
    check(found, 404, "no match")
    return {"document": found[0]}


def _matching(call: Call, body: Fields) -> list[Document]:
    name: str = body.get("collection", "")
    check(type(name) is str and name, 400, "expecting string for <collection>")
    example: Fields = {} if call.request.path.endswith("/all") else body.get("example", 0)
    check(type(example) is dict, 400, "<example> must be an object")
    with call.transaction() as trx:
        return trx.by_index(name, list(example), list(example.values()))
