"""Who the server is: version, engine, log in."""

from __future__ import annotations

import os
import platform
import time
from typing import Final

from arangolab.sandbox.call import Call, ok, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.table import route

LICENSE: Final = "community"


@route("GET", "/_api/version")
@route("GET", "/_admin/version")
def version(call: Call) -> Reply:
    """The version spoken, and with ?details=true that this is the sandbox."""
    spoken = call.app.store.version
    reply: dict[str, object] = {
        "server": "arango",
        "license": LICENSE,
        "version": spoken,
        "apiVersions": ["v0"],
        "deprecatedApiVersions": [],
        "requestedApiVersion": "v0",
    }
    if call.request.flag("details"):
        reply["details"] = {
            "arangolab-sandbox": "true",
            "architecture": "64bit",
            "host": "unknown",
            "license": LICENSE,
            "mode": "server",
            "pid": os.getpid(),
            "platform": platform.system().lower(),
            "server-version": spoken,
        }
    return plain(reply)


@route("POST", "/_open/auth", is_open=True)
def log_in(call: Call) -> Reply:
    """A JWT for user and password."""
    if not call.app.auth.enabled:
        raise ArangoError(404, "unknown path '/_open/auth'")
    body = call.object()
    name, password = body.get("username"), body.get("password")
    if type(name) is not str or type(password) is not str:
        raise ArangoError(400, "expecting 'username' and 'password' in the request")
    return plain({"jwt": call.app.auth.token(name, password)})


@route("POST", "/_open/auth/renew")
def renew(call: Call) -> Reply:
    """Another JWT for who is logged in."""
    return plain({"jwt": call.app.auth.token_of(call.user)})


@route("GET", "/_api/engine")
def engine(_: Call) -> Reply:
    """Which storage engine is imitated, and the types of indexes there are."""
    return plain(
        {
            "name": "rocksdb",
            "supports": {
                "indexes": ["primary", "edge", "hash", "skiplist", "ttl", "persistent"],
                "aliases": {"indexes": {"hash": "persistent", "skiplist": "persistent"}},
            },
            "endianness": "little",
        }
    )


@route("GET", "/_api/foxx")
@route("GET", "/_api/tasks")
def none(_: Call) -> Reply:
    """There are no Foxx services and no tasks here."""
    return plain([])


@route("GET", "/_admin/time")
def clock(_: Call) -> Reply:
    """The server's time in seconds."""
    return ok(time=time.time())
