"""JavaScript transactions and stream transactions."""

from __future__ import annotations

import time
from typing import Any

from arangolab.sandbox.call import Call, Fields, check
from arangolab.sandbox.host import Host
from arangolab.sandbox.http import encode
from arangolab.sandbox.transaction import Transaction

_INVALID = "missing/invalid {} definition for transaction"
_ENDS = {"PUT": "committed", "DELETE": "aborted"}


def execute(call: Call) -> Fields:
    """Run a JavaScript transaction: context first, then locks, as ArangoDB does it."""
    body = call.object()
    declared, action = _declared(call, body), body.get("action", 0)
    check(type(action) is str and action.strip(), 10, _INVALID.format("action"))
    params = encode(body.get("params")).decode()
    with call.app.contexts.entered() as context:
        if call.app.knobs.transaction_delay_s:
            time.sleep(call.app.knobs.transaction_delay_s)
        with Transaction(call.database, **declared) as trx:
            return {"result": context.run(action, params, Host(trx, call.app.burden))}


def _declared(call: Call, body: Fields) -> Fields:
    """The arguments of Transaction; ArangoError 10."""
    collections: Fields = body.get("collections", 0)
    timeout_s = body.get("lockTimeout", 900)
    check(type(collections) is dict, 10, _INVALID.format("collections"))
    is_time = type(timeout_s) in (int, float) and timeout_s >= 0
    check(is_time, 10, _INVALID.format("lockTimeout"))
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
    check(are_names, 10, _INVALID.format("collections"))
    return names


def begin(call: Call) -> Fields:
    """Begin a stream transaction."""
    trx = Transaction(call.database, **_declared(call, call.object()))
    call.status = 201
    return {"result": {"id": call.app.streams.begin(trx), "status": "running"}}


def stream(call: Call, stream_id: str) -> Fields:
    """The state of a stream transaction, which PUT commits and DELETE aborts."""
    status = call.app.streams.end(stream_id, call.database, _ENDS.get(call.method, ""))
    return {"result": {"id": stream_id, "status": status}}
