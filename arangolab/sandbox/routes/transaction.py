"""JavaScript transactions and stream transactions."""

from __future__ import annotations

import time
from typing import Any

from arangolab.sandbox.call import Call
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.host import Host
from arangolab.sandbox.http import encode
from arangolab.sandbox.transaction import Transaction

Fields = dict[str, Any]


def execute(call: Call) -> Fields:
    """Run a JavaScript transaction: context first, then locks, as ArangoDB does it."""
    body = call.object()
    declared, action = _declared(call, body), body.get("action")
    if type(action) is not str or not action.strip():
        raise _invalid("action")
    params = encode(body.get("params")).decode()
    with call.app.contexts.entered() as context:
        if call.app.knobs.transaction_delay_s:
            time.sleep(call.app.knobs.transaction_delay_s)
        with Transaction(call.database, **declared) as trx:
            return {"result": context.run(action, params, Host(trx, call.app.burden))}


def _declared(call: Call, body: Fields) -> Fields:
    """The arguments of Transaction; ArangoError 10."""
    collections, timeout_s = body.get("collections"), body.get("lockTimeout", 900)
    if type(collections) is not dict:
        raise _invalid("collections")
    if type(timeout_s) not in (int, float) or timeout_s < 0:
        raise _invalid("lockTimeout")
    implicit = collections.get("allowImplicit", body.get("allowImplicit", True))
    return {
        **{mode: _names(collections.get(mode)) for mode in ("read", "write", "exclusive")},
        "allow_implicit": bool(implicit),
        "lock_timeout_s": float(timeout_s),
        "guard": call.app.auth.guard(call.user, call.database_name),
    }


def _names(value: Any) -> list[str]:
    names = [value] if type(value) is str else value or []
    if type(names) is not list or not all(type(name) is str for name in names):
        raise _invalid("collections")
    return names


def _invalid(what: str) -> ArangoError:
    return ArangoError(10, f"missing/invalid {what} definition for transaction")


def begin(call: Call) -> Fields:
    """Begin a stream transaction."""
    trx = Transaction(call.database, **_declared(call, call.object()))
    call.status = 201
    return {"result": {"id": call.app.streams.begin(trx), "status": "running"}}


def stream(call: Call, stream_id: str) -> Fields:
    """The state of a stream transaction, which PUT commits and DELETE aborts."""
    streams, end = call.app.streams, _ENDS.get(call.request.method)
    if end:
        streams.end(stream_id, call.database, end)
    status = end or streams.status(stream_id, call.database)
    return {"result": {"id": stream_id, "status": status}}


_ENDS = {"PUT": "committed", "DELETE": "aborted"}
