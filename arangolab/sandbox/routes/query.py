"""AQL over HTTP, simple queries of older clients; JavaScript and stream transactions."""

from __future__ import annotations

import time
from typing import Any, Final

from arangolab.sandbox import aql
from arangolab.sandbox.call import Call, Fields, read, route
from arangolab.sandbox.cursors import CURSOR_TTL_S, Cursor
from arangolab.sandbox.faults import check
from arangolab.sandbox.host import Host
from arangolab.sandbox.http import encode
from arangolab.sandbox.transaction import Transaction

_ENDS: Final = {"PUT": "committed", "DELETE": "aborted"}
route("POST /_api/query")(lambda c: aql.parse_check(_query(c.object())[0]))
route("GET /_api/transaction")(lambda c: {"transactions": c.app.streams.running(c.database)})


def _query(body: Fields) -> tuple[str, Fields, Fields]:
    """Query, bind variables and options of a body; ArangoError 1502, 10."""
    text = read(body, "query", str, error_num=1502)
    check(text.strip(), 1502)
    return text, read(body, "bindVars", dict, {}), read(body, "options", dict, {})


@route("POST /_api/cursor")
def _run(call: Call) -> Fields:
    body = call.object()
    text, binds, options = _query(body)
    if "memoryLimit" in body:
        options = {**options, "memoryLimit": body["memoryLimit"]}
    size, ttl_s = read(body, "batchSize", int, 1000), body.get("ttl") or CURSOR_TTL_S
    check(size > 0, 10, "expecting positive integer for 'batchSize'")
    check(type(ttl_s) in (int, float) and ttl_s >= 0, 10, "invalid 'ttl'")
    with call.app.burden.query(), call.transaction() as trx:
        result = aql.execute(trx, text, binds, options)
    shared: Fields = {"count": len(result.rows)} if body.get("count") else {}
    shared["extra"], retriable = result.extra, bool(options.get("allowRetry"))
    return _opened(call, result.rows, shared, batch_size=size, ttl_s=ttl_s, retriable=retriable)


def _opened(call: Call, rows: list[Any], shared: Fields, **options: Any) -> Fields:
    call.status = 201
    return call.app.cursors.open(Cursor((call.database, call.user), rows, shared, **options))


@route("PUT POST DELETE /_api/cursor/{}")
@route("POST /_api/cursor/{}/{}")
def _cursor(call: Call, cursor_id: str, batch: str | None = None) -> Fields:
    """The next batch, or the one of that number; DELETE forgets the cursor."""
    owner = call.database, call.user
    if call.method != "DELETE":
        return call.app.cursors.next(cursor_id, owner, batch)
    call.app.cursors.close(cursor_id, owner)
    call.status = 202
    return {"id": cursor_id}


@route("POST /_api/explain")
def _explain(call: Call) -> Fields:
    text, binds, options = _query(call.object())
    explained = aql.explain(call.database, text, binds)
    if options.get("allPlans"):
        explained["plans"] = [explained.pop("plan")]
    return explained


@route("PUT /_api/simple/{}")
def _simple(call: Call, kind: str) -> Fields:
    """All documents, those that have the values of an example, or the first of these."""
    check(kind in ("all", "by-example", "first-example"), 404, f"unknown simple query '{kind}'")
    body = call.object()
    example = Fields() if kind == "all" else read(body, "example", dict)
    with call.transaction() as trx:
        name = read(body, "collection", str)
        found = trx.view(name).by_example(example)
    if kind == "first-example":
        check(found, 404, "no match")
        return {"document": found[0]}
    skip, limit, size = (read(body, name, int, 0) for name in ("skip", "limit", "batchSize"))
    rows = found[skip : skip + limit if "limit" in body else None]
    extra = {"warnings": [], "stats": {"scannedFull": len(found)}}
    shared = {"count": len(rows), "extra": extra}
    return _opened(call, rows, shared, batch_size=max(size, 0) or 1000)


# ---- transactions


@route("POST /_api/transaction")
def _execute(call: Call) -> Fields:
    """Run a JavaScript transaction: context first, then locks, as ArangoDB does it."""
    body = call.object()
    declared, action = _declared(call, body), str(body.get("action") or "")
    check(action.strip(), 10, "missing/invalid action definition for transaction")
    params = encode(body.get("params")).decode()
    with call.app.contexts.entered() as context:
        if call.app.knobs.transaction_delay_s:
            time.sleep(call.app.knobs.transaction_delay_s)
        with Transaction(call.database, **declared) as trx:
            return {"result": context.run(action, params, Host(trx, call.app.burden))}


def _declared(call: Call, body: Fields) -> Fields:
    """The arguments of Transaction; ArangoError 10."""
    collections: Fields = read(body, "collections", dict)
    timeout_s = body.get("lockTimeout", 900)
    check(type(timeout_s) in (int, float) and timeout_s >= 0, 10, "invalid 'lockTimeout'")
    implicit = collections.get("allowImplicit", body.get("allowImplicit", True))
    return {
        **{mode: _names(collections.get(mode)) for mode in ("read", "write", "exclusive")},
        "allow_implicit": bool(implicit),
        "lock_timeout_s": float(timeout_s),
        "guard": call.app.auth.guard(call.user, call.database_name),
    }


def _names(value: Any) -> list[str]:
    names: list[str] = [value] if type(value) is str else value or []
    are_names = type(names) is list and all(type(name) is str for name in names)
    check(are_names, 10, "missing/invalid collections definition for transaction")
    return names


@route("POST /_api/transaction/begin")
def _begin(call: Call) -> Fields:
    trx = Transaction(call.database, **_declared(call, call.object()))
    call.status = 201
    return {"result": {"id": call.app.streams.begin(trx), "status": "running"}}


@route("GET PUT DELETE /_api/transaction/{}")
def _stream(call: Call, stream_id: str) -> Fields:
    status = call.app.streams.end(stream_id, call.database, _ENDS.get(call.method, ""))
    return {"result": {"id": stream_id, "status": status}}
