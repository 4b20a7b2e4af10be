"""The server about itself: version, status, log, metrics and statistics."""

from __future__ import annotations

import os
import time
from typing import Any, Final

from arangolab.sandbox.call import Call, Fields, plain, route
from arangolab.sandbox.http import Reply
from arangolab.sandbox.spoken import runs_javascript
from arangolab.sandbox.traffic import TIME_BOUNDS_S, ProcessState, physical_memory_bytes

_INDEXES: Final = ["primary", "edge", "hash", "skiplist", "ttl", "persistent"]
_CONSTANT: Final[dict[str, Any]] = {
    "/_api/engine": {"name": "rocksdb", "supports": {"indexes": _INDEXES}},
    "/_api/foxx": [],
    "/_api/tasks": [],
    "/_api/view": {"result": []},
    "/_api/query/current": [],
    "/_api/query/slow": [],
    "/_admin/server/role": {"role": "SINGLE", "mode": "default", "errorNum": 0},
}
_PROCESS: Final = {
    "minorPageFaults": ("minor_page_faults_total", "minor_faults"),
    "majorPageFaults": ("major_page_faults_total", "major_faults"),
    "userTime": ("user_time", "user_s"),
    "systemTime": ("system_time", "system_s"),
    "numberOfThreads": ("number_of_threads", "threads"),
    "residentSize": ("resident_set_size", "resident_bytes"),
}
"""Names in the statistics, in the metrics, and of ours."""
_TIMES: Final = ("total", "request", "queue")
"""Durations of requests: in all, worked on, waiting for a thread."""
for _path, _told in _CONSTANT.items():
    route("GET " + _path)(lambda _, told=_told: told)
route("GET /_api/endpoint")(lambda c: [{"endpoint": c.app.http.url}] if c.app.http else [])
route("GET /_admin/time")(lambda _: {"time": time.time()})
route("GET /_admin/log/entries")(lambda c: plain(c.app.log.entries(c.request.query)))


@route("GET /_api/version")
def _version(call: Call) -> Reply:
    told = {**_named(call), "apiVersions": ["v0"], "deprecatedApiVersions": []}
    told["requestedApiVersion"] = "v0"
    if call.flag("details"):
        mine = {"arangolab-sandbox": "true", "mode": "server", "pid": os.getpid()}
        told["details"] = {**mine, "server-version": call.store.version}
    return plain(told)


@route("GET /_admin/status")
def _status(call: Call) -> Reply:
    info = {"role": "SINGLE", "writeOpsEnabled": True, "readOnly": False, "maintenance": False}
    told = {"mode": "server", "operationMode": "server", "pid": os.getpid(), "serverInfo": info}
    return plain({**_named(call), **told})


def _named(call: Call) -> Fields:
    return {"server": "arango", "license": "community", "version": call.store.version}


@route("GET /_admin/server/availability")
def _availability(call: Call) -> Fields:
    """Not while three quarters of the queue are full."""
    http = call.app.http
    if http and http.workers.queue_length >= 0.75 * http.workers.maximal_queue_size:
        call.status = 503
    return {"mode": "default"}


def _values(call: Call) -> dict[str, float]:
    """The metrics now, by name without ``arangodb_``; those ending in _total are counters."""
    app, process, tally = call.app, ProcessState(), call.store.tally
    memory_bytes = app.knobs.memory_limit_bytes or physical_memory_bytes()
    values: dict[str, float] = {
        **{f"process_statistics_{name}": vars(process)[ours] for name, ours in _PROCESS.values()},
        "file_descriptors_current": process.descriptors,
        "file_descriptors_limit": process.descriptors_limit,
        "server_statistics_physical_memory": memory_bytes,
        "server_statistics_cpu_cores": len(os.sched_getaffinity(0)),
        "server_statistics_server_uptime_total": time.time() - app.started_s,
        "http_request_statistics_total_requests_total": app.traffic.requests,
    }
    for event in ("started", "committed", "aborted", "expired"):
        values[f"transactions_{event}_total"] = tally[event]
    for mode in ("exclusive", "write"):
        values[f"collection_lock_timeouts_{mode}_total"] = tally[f"{mode} lock timeouts"]
    if runs_javascript(call.store.version):
        alive, busy = app.contexts.alive, app.contexts.busy
        told = {"max": app.contexts.maximum, "alive": alive, "busy": busy, "free": alive - busy}
        told |= {"dirty": 0, "enter_failures_total": app.contexts.enter_failures}
        values |= {f"v8_context_{name}": value for name, value in told.items()}
    if app.http is not None:
        workers = app.http.workers
        values |= {
            "client_connection_statistics_client_connections": app.http.connection_count,
            "scheduler_queue_length": workers.queue_length,
            "scheduler_low_prio_queue_length": workers.queue_length,
            "scheduler_low_prio_queue_last_dequeue_time": workers.last_dequeue_s * 1e3,
            "scheduler_num_worker_threads": workers.count,
            "scheduler_num_working_threads": workers.count - workers.idle_count,
            "scheduler_ongoing_low_prio": workers.count - workers.idle_count,
            "scheduler_queue_full_failures_total": workers.queue_full_failures,
            "scheduler_queue_time_violations_total": workers.queue_time_violations,
        }
    return values


@route("GET /_admin/metrics")
@route("GET /_admin/metrics/v2")
def _metrics(call: Call) -> Reply:
    """All metrics in Prometheus' text format."""
    lines = list[str]()
    for name, value in _values(call).items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines.append(f"# TYPE arangodb_{name} {kind}")
        lines.append(f'arangodb_{name}{{role="SINGLE"}} {value:.12g}')
    for what in _TIMES:
        name, total = f"arangodb_client_connection_statistics_{what}_time", 0
        times = getattr(call.app.traffic, f"{what}_time")
        lines.append(f"# TYPE {name} histogram")
        for bound, count in zip((*TIME_BOUNDS_S, "+Inf"), times.counts, strict=True):
            total += count
            lines.append(f'{name}_bucket{{le="{bound}",role="SINGLE"}} {total}')
        lines.append(f'{name}_count{{role="SINGLE"}} {total}')
        lines.append(f'{name}_sum{{role="SINGLE"}} {times.sum_s:.6f}')
    text = "\n".join(lines) + "\n"
    return Reply(200, text.encode(), content_type="text/plain; version=0.0.4")


@route("GET /_admin/statistics")
def _statistics(call: Call) -> Fields:
    """The basics of what the metrics tell."""
    values, client = _values(call), Fields()
    for what in _TIMES:
        times = getattr(call.app.traffic, f"{what}_time")
        counted = {"sum": times.sum_s, "count": sum(times.counts), "counts": times.counts}
        client[f"{what}Time"] = counted
    client["httpConnections"] = values["client_connection_statistics_client_connections"]
    system = {told: values[f"process_statistics_{name}"] for told, (name, _) in _PROCESS.items()}
    http = {"requestsTotal": call.app.traffic.requests}
    server = {"uptime": time.time() - call.app.started_s}
    told = {"system": system, "client": client, "http": http, "server": server}
    return {"time": time.time(), "enabled": True, **told}
