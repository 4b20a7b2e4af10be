"""AQL over HTTP: cursors, checking and explaining queries."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox import aql
from arangolab.sandbox.call import Call, ok, plain
from arangolab.sandbox.cursors import CURSOR_TTL_S
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.table import route


@route("POST", "/_api/cursor")
def create(call: Call) -> Reply:
    """Run a query; its first batch."""
    body = call.object()
    text, binds, options = query_of(body)
    if "memoryLimit" in body:
        options = {**options, "memoryLimit": body["memoryLimit"]}
    batch_size = body.get("batchSize", 1000)
    if type(batch_size) is not int or batch_size <= 0:
        raise ArangoError(10, "expecting positive integer for 'batchSize'")
    ttl_s = body.get("ttl") or CURSOR_TTL_S
    if type(ttl_s) not in (int, float) or ttl_s < 0:
        raise ArangoError(10, "expecting positive number for 'ttl'")
    with call.app.burden.query(), call.transaction() as trx:
        result = aql.execute(trx, text, binds, options)
    shared: dict[str, Any] = {"count": len(result.rows)} if body.get("count") else {}
    reply = call.app.cursors.open(
        call.database,
        call.user,
        result.rows,
        {**shared, "extra": result.extra},
        batch_size=batch_size,
        ttl_s=float(ttl_s),
        retriable=bool(options.get("allowRetry")),
    )
    return plain({**reply, "error": False, "code": 201}, 201)


def query_of(body: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Query, bind variables and options of a body; ArangoError 1502, 10."""
    text = body.get("query")
    if type(text) is not str or not text.strip():
        raise ArangoError(1502)
    binds = body.get("bindVars") or {}
    if type(binds) is not dict:
        raise ArangoError(10, "expecting object for 'bindVars'")
    options = body.get("options") or {}
    if type(options) is not dict:
        raise ArangoError(10, "expecting object for 'options'")
    return text, binds, options


@route("PUT", "/_api/cursor/{}")
@route("POST", "/_api/cursor/{}")
def fetch(call: Call) -> Reply:
    """The next batch."""
    return ok(**call.app.cursors.next(call.words[0], call.database, call.user))


@route("POST", "/_api/cursor/{}/{}")
def fetch_batch(call: Call) -> Reply:
    """The batch of that number, once more if it was the last one."""
    cursor_id, batch = call.words
    return ok(**call.app.cursors.next(cursor_id, call.database, call.user, batch))


@route("PUT", "/_api/cursor")
@route("DELETE", "/_api/cursor")
def which(call: Call) -> Reply:
    """Refused: the cursor's id is missing."""
    method = call.request.method
    raise ArangoError(400, f"expecting {method} /_api/cursor/<cursor-id>")


@route("DELETE", "/_api/cursor/{}")
def close(call: Call) -> Reply:
    """Forget a cursor."""
    call.app.cursors.close(call.words[0], call.database, call.user)
    return ok(202, id=call.words[0])
