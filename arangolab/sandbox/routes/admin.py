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
from arangolab.sandbox.store import KEYS
from arangolab.sandbox.traffic import TIME_BOUNDS_S, process_values

_INDEXES: Final = ["primary", "edge", "hash", "skiplist", "ttl", "persistent"]
_INFO: Final = {"role": "SINGLE", "writeOpsEnabled": True, "readOnly": False, "maintenance": False}
_TRACKING: Final = {"enabled": False, "trackSlowQueries": False, "maxSlowQueries": 0}
for _part in ["foxx", "tasks", "query/current", "query/slow", "job/done", "job/pending"]:
    route("GET /_api/" + _part)(lambda _: [])  # there are none
for _part in ("view", "analyzer", "aqlfunction"):
    route("GET /_api/" + _part)(lambda _: {"result": []})
route("DELETE /_api/job/all")(lambda _: {"result": True})
route("DELETE /_api/query/slow")(lambda _: {})
route("GET /_api/query/properties")(lambda _: _TRACKING)
route("GET /_api/query/rules")(lambda _: [{"name": "use-indexes", "flags": {"hidden": False}}])
route("GET /_api/engine")(lambda _: {"name": "rocksdb", "supports": {"indexes": _INDEXES}})
route("GET /_api/key-generators")(lambda _: {"keyGenerators": [*KEYS]})
route("GET /_admin/server/role")(lambda _: {"role": "SINGLE", "mode": "default", "errorNum": 0})
route("GET /_admin/server/mode")(lambda _: {"mode": "default"})
route("GET /_admin/time")(lambda _: {"time": time.time()})
route("GET /_admin/log/entries")(lambda c: c.plain(c.app.log.entries(c.request.query)))


@route("GET POST PUT PATCH DELETE /_admin/echo")
def _echo(call: Call) -> Reply:
    """The request as it came."""
    came, whose = call.request, {"user": call.user, "database": call.database.name}
    told = {"url": came.path, "requestType": came.method, "parameters": came.query, **whose}
    text = came.body.decode("utf-8", "replace")
    return call.plain({**told, "protocol": "http", "headers": came.headers, "requestBody": text})


@route("GET /_api/endpoint")
def _endpoint(call: Call) -> list[Fields]:
    check(call.database.name == "_system", 1230)
    return [{"endpoint": call.app.http.url}]


@route("GET /_api/version")
def _version(call: Call) -> Reply:
    told: Fields = {"apiVersions": ["v0"], "deprecatedApiVersions": []}
    if call.flag("details"):
        mine = {"arangolab-sandbox": "true", "mode": "server", "pid": os.getpid()}
        told["details"] = {**mine, "server-version": call.store.version}
    return _named(call, requestedApiVersion="v0", **told)


@route("GET /_admin/status")
def _status(call: Call) -> Reply:
    return _named(call, mode="server", operationMode="server", pid=os.getpid(), serverInfo=_INFO)


def _named(call: Call, **more: Any) -> Reply:
    told = {"server": "arango", "license": "community", "version": call.store.version}
    return call.plain({**told, **more})


@route("GET /_admin/server/availability")
def _availability(call: Call) -> Fields:
    """Not while three quarters of the queue are full."""
    if call.app.http.workers.backlog >= 0.75 * call.app.knobs.maximal_queue_size:
        call.status = 503
    return {"mode": "default"}


def _values(call: Call) -> dict[str, float]:
    """The metrics now, by name without ``arangodb_``; those ending in _total are counters."""
    app, contexts, workers = call.app, call.app.contexts, call.app.http.workers
    physical_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    queued, working = max(workers.backlog, 0), workers.count + min(workers.backlog, 0)
    values: dict[str, float] = {
        **process_values(),
        **call.store.traffic,
        "server_statistics_physical_memory": app.knobs.memory_limit_bytes or physical_bytes,
        "server_statistics_cpu_cores": len(os.sched_getaffinity(0)),
        "server_statistics_server_uptime_total": time.time() - app.started_s,
        "client_connection_statistics_client_connections": len(app.http.connections),
        "scheduler_queue_length": queued,
        "scheduler_low_prio_queue_length": queued,
        "scheduler_low_prio_queue_last_dequeue_time": workers.last_dequeue_s * 1e3,
        "scheduler_num_worker_threads": workers.count,
        "scheduler_num_working_threads": working,
        "scheduler_ongoing_low_prio": working,
        "scheduler_queue_full_failures_total": workers.queue_full_failures,
        "scheduler_queue_time_violations_total": workers.queue_time_violations,
    }
    if runs_javascript(call.store.version):
        told = {"max": contexts.maximum, "alive": contexts.alive, "busy": contexts.busy}
        told["enter_failures_total"] = contexts.enter_failures
        told["free"] = told["alive"] - told["busy"]
        values |= {f"v8_context_{name}": value for name, value in told.items()}
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
    return Reply(200, "\n".join([*lines, ""]).encode(), content_type="text/plain; charset=utf-8")


@route("GET /_admin/statistics")
def _statistics(call: Call) -> Fields:
    """The basics of what the metrics tell."""
    values, traffic, system, client = _values(call), call.store.traffic, Fields(), Fields()
    for name, value in values.items():
        if name.startswith("process_statistics_"):  # _user_time is userTime there
            first, *rest = name.removesuffix("_total").replace("_set_", "_").split("_")[2:]
            system[first + "".join(map(str.title, rest))] = value
    for what, counts in traffic.classes.items():
        times = {"sum": traffic.sums_s[what], "count": sum(counts), "counts": counts}
        client[what + "Time"] = times
    client["httpConnections"] = values["client_connection_statistics_client_connections"]
    http = {"requestsTotal": values["http_request_statistics_total_requests_total"]}
    server = {"uptime": values["server_statistics_server_uptime_total"]}
    told = {"system": system, "client": client, "http": http, "server": server}
    return {"time": time.time(), "enabled": True, **told}
