"""What the sandbox tells of itself: Prometheus text and statistics."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from arangolab.sandbox.process import ProcessState, physical_memory_bytes
from arangolab.sandbox.spoken import runs_javascript
from arangolab.sandbox.traffic import TIME_BOUNDS_S, Times

if TYPE_CHECKING:
    from arangolab.sandbox.app import App

_METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options")
_BY_METHOD: Final = "http_request_statistics_http_{0}_requests_total requests.{0} requests by {0}\n"
_FAMILIES: Final = """
v8_context_max v8.max most JavaScript contexts there can be
v8_context_alive v8.alive JavaScript contexts there are
v8_context_busy v8.busy JavaScript contexts in use
v8_context_free v8.free JavaScript contexts not in use
v8_context_dirty v8.dirty JavaScript contexts to be cleaned
v8_context_enter_failures_total v8.failures times that no JavaScript context became free in time
scheduler_queue_length scheduler.queued requests without a thread
scheduler_low_prio_queue_length scheduler.queued the same: all wait alike
scheduler_low_prio_queue_last_dequeue_time scheduler.waited_ms milliseconds the last one had waited
scheduler_num_worker_threads scheduler.threads threads for requests
scheduler_num_working_threads scheduler.working threads at work
scheduler_ongoing_low_prio scheduler.working requests at work
scheduler_queue_full_failures_total scheduler.full requests refused because the queue was full
scheduler_queue_time_violations_total scheduler.late requests refused because they waited too long
transactions_started_total tally.started transactions begun
transactions_committed_total tally.committed transactions committed
transactions_aborted_total tally.aborted transactions aborted
transactions_expired_total tally.expired stream transactions aborted because nobody used them
collection_lock_timeouts_exclusive_total tally.exclusive exclusive locks not had in time
collection_lock_timeouts_write_total tally.write locks for writing not had in time
client_connection_statistics_client_connections scheduler.connections connections that are open
process_statistics_number_of_threads process.threads threads of the process
process_statistics_resident_set_size process.resident_bytes resident memory in bytes
process_statistics_virtual_memory_size process.virtual_bytes virtual memory in bytes
process_statistics_user_time process.user_s CPU time of the process in seconds
process_statistics_system_time process.system_s CPU time of the system for the process in seconds
process_statistics_minor_page_faults_total process.minor_faults minor page faults
process_statistics_major_page_faults_total process.major_faults major page faults
file_descriptors_current process.descriptors open file descriptors
file_descriptors_limit process.descriptors_limit most file descriptors
server_statistics_cpu_cores host.cores cores the process may use
server_statistics_physical_memory host.memory_bytes memory in bytes: the limit if there is one
server_statistics_server_uptime_total host.uptime_s seconds since the server started
http_request_statistics_total_requests_total requests.total requests
""" + "".join(map(_BY_METHOD.format, _METHODS))
"""Name without ``arangodb_`` (``_total`` makes a counter), where its value is, what it is."""
_TIMES: Final = {
    "total": "seconds a request takes",
    "request": "seconds a request is worked on",
    "queue": "seconds a request waits for a thread",
}


def _values(app: App) -> dict[str, Mapping[str, float]]:
    """Groups of values, read now; a group that does not apply is empty."""
    contexts, http, tally, traffic = app.contexts, app.http, app.store.tally, app.traffic
    v8, scheduler = {}, {}
    if runs_javascript(app.store.version):
        alive, busy = contexts.alive, contexts.busy
        v8 = {"max": contexts.maximum, "alive": alive, "busy": busy, "free": alive - busy}
        v8 |= {"dirty": 0, "failures": contexts.enter_failures}
    if http is not None:
        workers = http.workers
        scheduler = {
            "queued": workers.queue_length,
            "waited_ms": workers.last_dequeue_s * 1e3,
            "threads": workers.count,
            "working": workers.count - workers.idle_count,
            "full": workers.queue_full_failures,
            "late": workers.queue_time_violations,
            "connections": http.connection_count,
        }
    locks = {mode: tally[f"{mode} lock timeouts"] for mode in ("exclusive", "write")}
    host = {
        "cores": len(os.sched_getaffinity(0)),
        "uptime_s": time.time() - app.started_s,
        "memory_bytes": app.knobs.memory_limit_bytes or physical_memory_bytes(),
    }
    return {
        "v8": v8,
        "scheduler": scheduler,
        "tally": locks | {e: tally[e] for e in ("started", "committed", "aborted", "expired")},
        "process": vars(ProcessState()),
        "host": host,
        "requests": {
            "total": traffic.requests,
            **{method: traffic.by_method.get(method.upper(), 0) for method in _METHODS},
        },
    }


def prometheus(app: App) -> str:
    """All metrics as /_admin/metrics sends them."""
    lines, values = list[str](), _values(app)
    for family in _FAMILIES.strip().splitlines():
        name, place, meaning = family.split(None, 2)
        group, _, key = place.partition(".")
        if key in values[group]:
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP arangodb_{name} {meaning}", f"# TYPE arangodb_{name} {kind}"]
            value = f"{values[group][key]:.6f}".rstrip("0").rstrip(".")
            lines.append(f'arangodb_{name}{{role="SINGLE"}} {value}')
    for what, meaning in _TIMES.items():
        lines += _histogram(what, meaning, getattr(app.traffic, f"{what}_time"))
    return "\n".join(lines) + "\n"


def _histogram(what: str, meaning: str, times: Times) -> list[str]:
    name = f"arangodb_client_connection_statistics_{what}_time"
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} histogram"]
    total = 0
    for bound, count in zip((*TIME_BOUNDS_S, "+Inf"), times.counts, strict=True):
        total += count
        lines.append(f'{name}_bucket{{le="{bound}",role="SINGLE"}} {total}')
    lines.append(f'{name}_count{{role="SINGLE"}} {total}')
    lines.append(f'{name}_sum{{role="SINGLE"}} {times.sum_s:.6f}')
    return lines


def statistics(app: App) -> dict[str, Any]:
    """The basics of /_admin/statistics."""
    values, traffic = _values(app), app.traffic
    process, host, v8, scheduler = (values[g] for g in ("process", "host", "v8", "scheduler"))
    requests = values["requests"]
    return {
        "time": time.time(),
        "enabled": True,
        "system": {
            "minorPageFaults": process["minor_faults"],
            "majorPageFaults": process["major_faults"],
            "userTime": process["user_s"],
            "systemTime": process["system_s"],
            "numberOfThreads": process["threads"],
            "residentSize": process["resident_bytes"],
            "residentSizePercent": process["resident_bytes"] / host["memory_bytes"],
            "virtualSize": process["virtual_bytes"],
        },
        "client": {
            "httpConnections": scheduler.get("connections", 0),
            **{f"{what}Time": _told(getattr(traffic, f"{what}_time")) for what in _TIMES},
            "bytesSent": {"sum": traffic.sent_bytes, "count": traffic.requests},
            "bytesReceived": {"sum": traffic.received_bytes, "count": traffic.requests},
        },
        "http": {
            "requestsTotal": requests["total"],
            "requestsAsync": 0,
            **{f"requests{method.capitalize()}": requests[method] for method in _METHODS},
        },
        "server": {
            "uptime": host["uptime_s"],
            "physicalMemory": host["memory_bytes"],
            "threads": {
                "scheduler-threads": scheduler.get("threads", 0),
                "queued": scheduler.get("queued", 0),
            },
            "v8Context": {
                "available": v8["alive"],
                **{name: v8[name] for name in ("busy", "dirty", "free", "max")},
            },
        },
    }


def _told(times: Times) -> dict[str, Any]:
    return {"sum": times.sum_s, "count": sum(times.counts), "counts": list(times.counts)}
