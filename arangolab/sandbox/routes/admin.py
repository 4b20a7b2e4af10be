"""The server about itself: role, status, metrics."""

from __future__ import annotations

import os

from arangolab.sandbox import metrics
from arangolab.sandbox.call import Call, ok, plain
from arangolab.sandbox.http import Reply
from arangolab.sandbox.process import ProcessState
from arangolab.sandbox.routes.version import LICENSE
from arangolab.sandbox.table import route


@route("GET", "/_admin/server/role")
def role(_: Call) -> Reply:
    """A single server."""
    return ok(role="SINGLE", mode="default", errorNum=0)


@route("GET", "/_admin/server/availability", is_open=True)
def availability(call: Call) -> Reply:
    """Whether requests can be sent: not while three quarters of the queue are full."""
    http = call.app.http
    if http and http.workers.queue_length >= 0.75 * http.workers.maximal_queue_size:
        return ok(503, mode="default")
    return ok(mode="default")


@route("GET", "/_admin/server/mode")
def mode(_: Call) -> Reply:
    """Reads and writes are answered."""
    return ok(mode="default")


@route("GET", "/_admin/status")
def status(call: Call) -> Reply:
    """Version, process and role."""
    return plain(
        {
            "server": "arango",
            "license": LICENSE,
            "version": call.app.store.version,
            "mode": "server",
            "operationMode": "server",
            "foxxApi": False,
            "host": "unknown",
            "pid": os.getpid(),
            "serverInfo": {
                "progress": {"phase": "in wait", "feature": "", "recoveryTick": 0},
                "role": "SINGLE",
                "writeOpsEnabled": True,
                "readOnly": False,
                "maintenance": False,
            },
        }
    )


@route("GET", "/_admin/metrics")
@route("GET", "/_admin/metrics/v2")
def prometheus(call: Call) -> Reply:
    """Metrics in Prometheus' text format."""
    text = metrics.prometheus(call.app).encode()
    return Reply(200, text, content_type="text/plain; version=0.0.4")


@route("GET", "/_admin/log/entries")
@route("GET", "/_admin/log")
def log_entries(call: Call) -> Reply:
    """The last messages of the log."""
    return plain(call.app.log.entries(call.request.query))


@route("GET", "/_admin/log/level")
@route("PUT", "/_admin/log/level")
def log_levels(call: Call) -> Reply:
    """Which messages are kept, by topic."""
    if call.request.method == "PUT":
        call.app.log.set_levels(call.object())
    return plain(call.app.log.levels)


@route("GET", "/_api/endpoint", system=True)
def endpoint(call: Call) -> Reply:
    """Where the server listens."""
    return plain([{"endpoint": call.app.http.url}] if call.app.http else [])


@route("GET", "/_admin/options", system=True)
def options(call: Call) -> Reply:
    """The server's options that are the sandbox's knobs, too."""
    knobs, process = call.app.knobs, ProcessState()
    return plain(
        {
            "server.maximal-threads": knobs.maximal_threads,
            "server.maximal-queue-size": knobs.maximal_queue_size,
            "server.authentication": call.app.auth.enabled,
            "server.descriptors-limit": process.descriptors_limit,
            "javascript.v8-contexts": knobs.v8_contexts,
        }
    )


@route("GET", "/_admin/database/target-version")
def target_version(call: Call) -> Reply:
    """The version the data belong to, as ArangoDB writes it: 31210."""
    first, second, third = call.app.store.version.split(".")
    return ok(version=f"{first}{second:>02}{third:>02}")


@route("GET", "/_admin/statistics")
def statistics(call: Call) -> Reply:
    """The basics of the older statistics."""
    return ok(**metrics.statistics(call.app))
