"""The server about itself: version, status, options, metrics."""

from __future__ import annotations

import os
import platform
from typing import Any, Final

from arangolab.sandbox import metrics
from arangolab.sandbox.call import Call, Fields, plain
from arangolab.sandbox.http import Reply
from arangolab.sandbox.process import ProcessState

LICENSE: Final = "community"
ENGINE: Final = {
    "name": "rocksdb",
    "supports": {
        "indexes": ["primary", "edge", "hash", "skiplist", "ttl", "persistent"],
        "aliases": {"indexes": {"hash": "persistent", "skiplist": "persistent"}},
    },
    "endianness": "little",
}
"""Which storage engine is imitated, and the types of indexes there are."""


def version(call: Call) -> Reply:
    """The version spoken, and with ?details=true that this is the sandbox."""
    told = _named(call)
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
            "server-version": call.store.version,
        }
    return plain(told)


def status(call: Call) -> Reply:
    """Version, process and role."""
    told = {**_named(call), "mode": "server", "operationMode": "server", "foxxApi": False}
    progress = {"phase": "in wait", "feature": "", "recoveryTick": 0}
    info = {"role": "SINGLE", "writeOpsEnabled": True, "readOnly": False, "maintenance": False}
    told |= {"host": "unknown", "pid": os.getpid(), "serverInfo": {"progress": progress, **info}}
    return plain(told)


def _named(call: Call) -> dict[str, Any]:
    return {"server": "arango", "license": LICENSE, "version": call.store.version}


def availability(call: Call) -> Fields:
    """Whether requests can be sent: not while three quarters of the queue are full."""
    http = call.app.http
    if http and http.workers.queue_length >= 0.75 * http.workers.maximal_queue_size:
        call.status = 503
    return {"mode": "default"}


def target_version(call: Call) -> Fields:
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


def log_levels(call: Call) -> Reply:
    """Which messages are kept, by topic; PUT changes it."""
    if call.request.method == "PUT":
        call.app.log.set_levels(call.object())
    return plain(call.app.log.levels)


def prometheus(call: Call) -> Reply:
    """Metrics in Prometheus' text format."""
    text = metrics.prometheus(call.app).encode()
    return Reply(200, text, content_type="text/plain; version=0.0.4")
