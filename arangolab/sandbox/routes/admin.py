"""The server about itself: version, status, log, options, metrics."""

from __future__ import annotations

import os
import platform
from typing import Any, Final

from arangolab.sandbox import metrics
from arangolab.sandbox.call import Call, plain
from arangolab.sandbox.http import Reply
from arangolab.sandbox.process import ProcessState

LICENSE: Final = "community"
ROLE: Final = {"role": "SINGLE", "mode": "default", "errorNum": 0}
ENGINE: Final = {
    "name": "rocksdb",
    "supports": {
        "indexes": ["primary", "edge", "hash", "skiplist", "ttl", "persistent"],
        "aliases": {"indexes": {"hash": "persistent", "skiplist": "persistent"}},
    },
    "endianness": "little",
}
"""Which storage engine is imitated, and the types of indexes there are."""
_SERVER_INFO: Final = {
    "progress": {"phase": "in wait", "feature": "", "recoveryTick": 0},
    "role": "SINGLE",
    "writeOpsEnabled": True,
    "readOnly": False,
    "maintenance": False,
}


def version(call: Call) -> Reply:
    """The version spoken, and with ?details=true that this is the sandbox."""
    spoken = call.store.version
    told: dict[str, Any] = {"server": "arango", "license": LICENSE, "version": spoken}
    told |= {"apiVersions": ["v0"], "deprecatedApiVersions": [], "requestedApiVersion": "v0"}
    if call.flag("details"):
        told["details"] = {
            "arangolab-sandbox": "true",
            "architecture": "64bit",
            "host": "unknown",
            "license": LICENSE,
            "mode": "server",
            "pid": os.getpid(),
            "platform": platform.system().lower(),
            "server-version": spoken,
        }
    return plain(told)


def availability(call: Call) -> dict[str, Any]:
    """Whether requests can be sent: not while three quarters of the queue are full."""
    http = call.app.http
    if http and http.workers.queue_length >= 0.75 * http.workers.maximal_queue_size:
        call.status = 503
    return {"mode": "default"}


def status(call: Call) -> Reply:
    """Version, process and role."""
    told = {"server": "arango", "license": LICENSE, "version": call.store.version}
    modes = {"mode": "server", "operationMode": "server", "foxxApi": False, "host": "unknown"}
    return plain({**told, **modes, "pid": os.getpid(), "serverInfo": _SERVER_INFO})


def target_version(call: Call) -> dict[str, Any]:
    """The version the data belong to, as ArangoDB writes it: 31210."""
    first, second, third = call.store.version.split(".")
    return {"version": f"{first}{second:>02}{third:>02}"}


def options(call: Call) -> Reply:
    """The server's options that are the sandbox's knobs, too."""
    knobs = call.app.knobs
    return plain(
        {
            "server.maximal-threads": knobs.maximal_threads,
            "server.maximal-queue-size": knobs.maximal_queue_size,
            "server.authentication": call.app.auth.enabled,
            "server.descriptors-limit": ProcessState().descriptors_limit,
            "javascript.v8-contexts": knobs.v8_contexts,
        }
    )


def log_entries(call: Call) -> Reply:
    """The last messages of the log."""
    return plain(call.app.log.entries(call.request.query))


def log_levels(call: Call) -> Reply:
    """Which messages are kept, by topic; PUT changes it."""
    if call.request.method == "PUT":
        call.app.log.set_levels(call.object())
    return plain(call.app.log.levels)


def prometheus(call: Call) -> Reply:
    """Metrics in Prometheus' text format."""
    text = metrics.prometheus(call.app).encode()
    return Reply(200, text, content_type="text/plain; version=0.0.4")
