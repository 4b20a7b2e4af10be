"""The server about itself: version, status, log, metrics and statistics."""

from __future__ import annotations

import os
import time
from itertools import accumulate
from typing import Any, Final

from arangolab.sandbox.call import Call, Fields, route
from arangolab.sandbox.faults import check
from arangolab.sandbox.http import Reply
from arangolab.sandbox.spoken import runs_javascript
from arangolab.sandbox.traffic import TIME_BOUNDS_S, physical_memory_bytes, process_values

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
_STATISTICS: Final = {
    "system": {
        "minorPageFaults": "process_statistics_minor_page_faults_total",
        "majorPageFaults": "process_statistics_major_page_faults_total",
        "userTime": "process_statistics_user_time",
        "systemTime": "process_statistics_system_time",
        "numberOfThreads": "process_statistics_number_of_threads",
        "residentSize": "process_statistics_resident_set_size",
    },
    "client": {"httpConnections": "client_connection_statistics_client_connections"},
    "http": {"requestsTotal": "http_request_statistics_total_requests_total"},
    "server": {"uptime": "server_statistics_server_uptime_total"},
}
"""Which metric is what in the statistics."""
for _path, _told in _CONSTANT.items():
    route("GET " + _path)(lambda _, told=_told: told)
route("GET /_admin/time")(lambda _: {"time": time.time()})
route("GET /_admin/log/entries")(lambda c: c.plain(c.app.log.entries(c.request.query)))


@route("GET /_api/endpoint")
def _endpoint(call: Call) -> list[Fields]:
    check(call.database_name == "_system", 1230)
    return [{"endpoint": call.app.http.url}]


@route("GET /_api/version")
def _version(call: Call) -> Reply:
    told = {**_named(call), "apiVersions": ["v0"], "deprecatedApiVersions": []}
    told["requestedApiVersion"] = "v0"
    if call.flag("details"):
        mine = {"arangolab-sandbox": "true", "mode": "server", "pid": os.getpid()}
        told["details"] = {**mine, "server-version": call.store.version}
    return call.plain(told)


@route("GET /_admin/status")
def _status(call: Call) -> Reply:
    info = {"role": "SINGLE", "writeOpsEnabled": True, "readOnly": False, "maintenance": False}
    told = {"mode": "server", "operationMode": "server", "pid": os.getpid(), "serverInfo": info}
    return call.plain({**_named(call), **told})


def _named(call: Call) -> Fields:
    return {"server": "arango", "license": "community", "version": call.store.version}


@route("GET /_admin/server/availability")
def _availability(call: Call) -> Fields:
    """Not while three quarters of the queue are full."""
    workers = call.app.http.workers
    call.status = 503 if len(workers.queue) >= 0.75 * workers.maximal_queue_size else 200
    return {"mode": "default"}


def _values(call: Call) -> dict[str, float]:
    """The metrics now, by name without ``arangodb_``; those ending in _total are counters."""
    app, contexts, workers = call.app, call.app.contexts, call.app.http.workers
    memory_bytes = app.knobs.memory_limit_bytes or physical_memory_bytes()
    values: dict[str, float] = {
        **process_values(),
        **call.store.traffic,
        "server_statistics_physical_memory": memory_bytes,
        "server_statistics_cpu_cores": len(os.sched_getaffinity(0)),
        "server_statistics_server_uptime_total": time.time() - app.started_s,
        "client_connection_statistics_client_connections": len(app.http.connections),
        "scheduler_queue_length": len(workers.queue),
        "scheduler_low_prio_queue_length": len(workers.queue),
        "scheduler_low_prio_queue_last_dequeue_time": workers.last_dequeue_s * 1e3,
        "scheduler_num_worker_threads": workers.count,
        "scheduler_num_working_threads": workers.count - len(workers.idle),
        "scheduler_ongoing_low_prio": workers.count - len(workers.idle),
        "scheduler_queue_full_failures_total": workers.queue_full_failures,
        "scheduler_queue_time_violations_total": workers.queue_time_violations,
    }
    if runs_javascript(call.store.version):
        values["v8_context_max"], values["v8_context_alive"] = contexts.maximum, contexts.alive
        values["v8_context_busy"], values["v8_context_dirty"] = contexts.busy, 0
        values["v8_context_free"] = contexts.alive - contexts.busy
        values["v8_context_enter_failures_total"] = contexts.enter_failures
    return values


@route("GET /_admin/metrics", "GET /_admin/metrics/v2")
def _metrics(call: Call) -> Reply:
    """All metrics in Prometheus' text format."""
    lines = list[str]()
    for name, value in _values(call).items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines.append(f"# TYPE arangodb_{name} {kind}")
        lines.append(f'arangodb_{name}{{role="SINGLE"}} {value:.12g}')
    for what, counts in call.store.traffic.classes.items():
        name = f"arangodb_client_connection_statistics_{what}_time"
        lines.append(f"# TYPE {name} histogram")
        for bound, count in zip((*TIME_BOUNDS_S, "+Inf"), accumulate(counts), strict=True):
            lines.append(f'{name}_bucket{{le="{bound}",role="SINGLE"}} {count}')
        lines.append(f'{name}_count{{role="SINGLE"}} {sum(counts)}')
        lines.append(f'{name}_sum{{role="SINGLE"}} {call.store.traffic.sums_s[what]:.6f}')
    text = "\n".join(lines) + "\n"
    return Reply(200, text.encode(), content_type="text/plain; version=0.0.4")


@route("GET /_admin/statistics")
def _statistics(call: Call) -> Fields:
    """The basics of what the metrics tell."""
    values, told = _values(call), Fields(time=time.time(), enabled=True)
    for group, names in _STATISTICS.items():
        told[group] = {name: values[metric] for name, metric in names.items()}
    for what, counts in call.store.traffic.classes.items():
        sum_s = call.store.traffic.sums_s[what]
        counted = {"sum": sum_s, "count": sum(counts), "counts": counts}
        told["client"][f"{what}Time"] = counted
    return told
