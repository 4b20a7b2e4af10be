"""AQL over HTTP, simple queries of older clients; JavaScript and stream transactions."""

from __future__ import annotations

import time
from typing import Any, Final

from arangolab.sandbox import aql
from arangolab.sandbox.call import Call, Fields, read, route
from arangolab.sandbox.cursors import Cursor
from arangolab.sandbox.faults import check
from arangolab.sandbox.host import host
from arangolab.sandbox.http import encode

_ENDS: Final = {"PUT": "committed", "DELETE": "aborted"}
route("POST /_api/query")(lambda c: aql.parse_check(_query(c.object())[0]))
route("GET /_api/transaction")(lambda c: c.plain(c.app.streams.running(c.database)))


def _query(body: Fields) -> tuple[str, Fields, Fields]:
    """Query, bind variables and options of a body; ArangoError 1502, 10."""
    text = read(body, "query", str, error_num=1502)
    return text, read(body, "bindVars", dict, {}), read(body, "options", dict, {})


@route("POST=201 /_api/cursor")
def _run(call: Call) -> Fields:
    body = call.object()
    text, binds, options = _query(body)
    size, ttl_s = read(body, "batchSize", int, 1000), read(body, "ttl", float, 0.0)
    check(size, 17, "expecting positive value for <batchSize>")
    options = {**options, "memoryLimit": body.get("memoryLimit", options.get("memoryLimit"))}
    with call.app.burden.query(), call.transaction() as trx:
        result = aql.execute(trx, text, binds, options)
    extra, shared = {"extra": result.extra}, Fields()
    if not (options.get("stream") or body.get("stream")):
        shared = {**extra, "count": len(result.rows)} if body.get("count") else extra
    return _opened(call, result.rows, shared, size, ttl_s, bool(options.get("allowRetry")), extra)


def _opened(call: Call, rows: list[Any], shared: Fields, size: int, *more: Any) -> Fields:
    """The first batch of a result."""
    return call.app.cursors.open(Cursor((call.database, call.user), rows, shared, size, *more))


@route("PUT POST DELETE=202 /_api/cursor/{}", "POST /_api/cursor/{}/{}")
def _cursor(call: Call, cursor_id: str, batch: str | None = None) -> Fields:
    """The next batch, or the one of that number; DELETE forgets the cursor."""
    owner = call.database, call.user
    if call.method != "DELETE":
        return call.app.cursors.next(cursor_id, owner, batch)
    call.app.cursors.close(cursor_id, owner)
    return {"id": cursor_id}


@route("POST /_api/explain")
def _explain(call: Call) -> Fields:
    text, binds, options = _query(call.object())
    told = aql.explain(call.database, text, binds)
    if options.get("allPlans"):
        told["plans"] = [told.pop("plan")]
    return told


@route("PUT=201 /_api/simple/{}")
def _simple(call: Call, kind: str) -> Fields:
    """All documents, those that have the values of an example, or the first of these."""
    check(kind in ("all", "by-example", "first-example"), 404, f"unknown simple query '{kind}'")
    body = call.object()
    example = {} if kind == "all" else read(body, "example", dict)
    with call.transaction() as trx:
        found = trx.view(read(body, "collection", str)).by_example(example)
    if kind == "first-example":
        check(found, 404, "no match")
        call.status = 200
        return {"document": found[0]}
    rows = found[read(body, "skip", int, 0) :][: read(body, "limit", int, len(found))]
    extra = {"warnings": [], "stats": {"scannedFull": len(found)}}
    size = read(body, "batchSize", int, 0) or 1000
    return _opened(call, rows, {"count": len(rows), "extra": extra}, size)


# ---- transactions


@route("POST /_api/transaction")
def _execute(call: Call) -> Fields:
    """Run a JavaScript transaction: context first, then locks, as ArangoDB does it."""
    body = call.object()
    declared, action = _declared(body), str(body.get("action") or "")
    check(action.strip(), 10, "missing/invalid action definition for transaction")
    params = encode(body.get("params")).decode()
    with call.app.contexts.entered() as context:
        if delay_s := call.app.knobs.transaction_delay_s:
            time.sleep(delay_s)
        with call.begin(**declared) as trx:
            return {"result": context.run(action, params, host(trx, call.app.burden))}


def _declared(body: Fields) -> Fields:
    """The arguments of Transaction; ArangoError 10."""
    given: Fields = read(body, "collections", dict)
    implicit = given.get("allowImplicit", body.get("allowImplicit", True))
    told: Fields = {"allow_implicit": bool(implicit)}
    for mode in ("read", "write", "exclusive"):
        named = given.get(mode) or []
        told[mode] = names = [named] if type(named) is str else named
        are_names = type(names) is list and all(type(name) is str for name in names)
        check(are_names, 10, "missing/invalid collections definition for transaction")
    return {**told, "lock_timeout_s": read(body, "lockTimeout", float, 900.0)}


@route("POST=201 /_api/transaction/begin")
def _begin(call: Call) -> Fields:
    trx = call.begin(**_declared(call.object()))
    return {"result": {"id": call.app.streams.begin(trx), "status": "running"}}


@route("GET PUT DELETE /_api/transaction/{}")
def _stream(call: Call, stream_id: str) -> Fields:
    status = call.app.streams.end(stream_id, call.database, _ENDS.get(call.method, ""))
    return {"result": {"id": stream_id, "status": status}}
