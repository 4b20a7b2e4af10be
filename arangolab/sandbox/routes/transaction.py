"""JavaScript transactions and stream transactions."""

from __future__ import annotations

import time
from typing import Any

from arangolab.sandbox.call import Call, ok
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.host import Host
from arangolab.sandbox.http import Reply, encode
from arangolab.sandbox.table import route
from arangolab.sandbox.transaction import Transaction

_INVALID = "missing/invalid {} definition for transaction"


@route("POST", "/_api/transaction")
def execute(call: Call) -> Reply:
    """Run a JavaScript transaction: context first, then locks, as ArangoDB does it."""
    body = call.object()
    declared = _declared(body)
    action = body.get("action")
    if type(action) is not str or not action.strip():
        raise ArangoError(10, _INVALID.format("action"))
    params = encode(body.get("params")).decode()
    with call.app.contexts.entered() as context:
        if call.app.knobs.transaction_delay_s:
            time.sleep(call.app.knobs.transaction_delay_s)
        with _begun(call, declared) as trx:
            result = context.run(action, params, Host(trx, call.app.burden))
    return ok(result=result)


def _declared(body: dict[str, Any]) -> dict[str, Any]:
    """The arguments of Transaction; ArangoError 10."""
    collections = body.get("collections")
    if type(collections) is not dict:
        raise ArangoError(10, _INVALID.format("collections"))
    declared: dict[str, Any] = {
        mode: _names(collections.get(mode)) for mode in ("read", "write", "exclusive")
    }
    declared["allow_implicit"] = bool(
        collections.get("allowImplicit", body.get("allowImplicit", True))
    )
    timeout_s = body.get("lockTimeout", 900)
    if type(timeout_s) not in (int, float) or timeout_s < 0:
        raise ArangoError(10, _INVALID.format("lockTimeout"))
    declared["lock_timeout_s"] = float(timeout_s)
    return declared


def _names(value: Any) -> list[str]:
    if value is None:
        return []
    names = [value] if type(value) is str else value
    if type(names) is not list or not all(type(name) is str for name in names):
        raise ArangoError(10, _INVALID.format("collections"))
    return names


def _begun(call: Call, declared: dict[str, Any]) -> Transaction:
    guard = call.app.auth.guard(call.user, call.database_name)
    return Transaction(call.database, guard=guard, **declared)


@route("POST", "/_api/transaction/begin")
def begin(call: Call) -> Reply:
    """Begin a stream transaction."""
    trx = _begun(call, _declared(call.object()))
    return ok(201, result={"id": call.app.streams.begin(trx), "status": "running"})


@route("GET", "/_api/transaction")
def listed(call: Call) -> Reply:
    """The stream transactions that are open."""
    return ok(transactions=call.app.streams.running(call.database))


@route("GET", "/_api/transaction/{}")
def status(call: Call) -> Reply:
    """The state of a stream transaction."""
    stream_id = call.words[0]
    return ok(result={"id": stream_id, "status": call.app.streams.status(stream_id, call.database)})


@route("PUT", "/_api/transaction/{}")
def commit(call: Call) -> Reply:
    """Commit a stream transaction."""
    call.app.streams.end(call.words[0], call.database, "committed")
    return ok(result={"id": call.words[0], "status": "committed"})


@route("DELETE", "/_api/transaction/{}")
def abort(call: Call) -> Reply:
    """Abort a stream transaction."""
    call.app.streams.end(call.words[0], call.database, "aborted")
    return ok(result={"id": call.words[0], "status": "aborted"})
