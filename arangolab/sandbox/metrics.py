"""What the sandbox tells of itself: Prometheus text and statistics."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

from arangolab.sandbox.process import ProcessState, physical_memory_bytes
from arangolab.sandbox.spoken import runs_javascript
from arangolab.sandbox.traffic import TIME_BOUNDS_S, Times

if TYPE_CHECKING:
    from arangolab.sandbox.app import App

_METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options")
_FAMILIES: Final = {
    "v8_context_max": "most JavaScript contexts there can be",
    "v8_context_alive": "JavaScript contexts there are",
    "v8_context_busy": "JavaScript contexts in use",
    "v8_context_free": "JavaScript contexts not in use",
    "v8_context_dirty": "JavaScript contexts to be cleaned",
    "v8_context_enter_failures_total": "times that no JavaScript context became free in time",
    "scheduler_queue_length": "requests without a thread",
    "scheduler_low_prio_queue_length": "the same: all wait alike",
    "scheduler_low_prio_queue_last_dequeue_time": "milliseconds the last of them had waited",
    "scheduler_num_worker_threads": "threads for requests",
    "scheduler_num_working_threads": "threads at work",
    "scheduler_ongoing_low_prio": "requests at work",
    "scheduler_queue_full_failures_total": "requests refused because the queue was full",
    "scheduler_queue_time_violations_total": "requests refused because they waited too long",
    "transactions_started_total": "transactions begun",
    "transactions_committed_total": "transactions committed",
    "transactions_aborted_total": "transactions aborted",
    "transactions_expired_total": "stream transactions aborted because nobody used them",
    "collection_lock_timeouts_exclusive_total": "exclusive locks not had in time",
    "collection_lock_timeouts_write_total": "locks for writing not had in time",
    "client_connection_statistics_client_connections": "connections of clients that are open",
    "process_statistics_number_of_threads": "threads of the process",
    "process_statistics_resident_set_size": "resident memory in bytes",
    "process_statistics_virtual_memory_size": "virtual memory in bytes",
    "process_statistics_user_time": "CPU time of the process in seconds",
    "process_statistics_system_time": "CPU time of the system for the process in seconds",
    "process_statistics_minor_page_faults_total": "minor page faults",
    "process_statistics_major_page_faults_total": "major page faults",
    "file_descriptors_current": "open file descriptors",
    "file_descriptors_limit": "most file descriptors",
    "server_statistics_cpu_cores": "cores the process may use",
    "server_statistics_physical_memory": "memory in bytes: the limit if there is one",
    "server_statistics_server_uptime_total": "seconds since the server started",
    "http_request_statistics_total_requests_total": "requests",
    **{
        f"http_request_statistics_http_{method}_requests_total": f"requests with {method.upper()}"
        for method in _METHODS
    },
}
"""Names, without ``arangodb_``, and what they are; ``_total`` makes a counter."""


def _values(app: App) -> dict[str, float]:
    """The values of the families, read now."""
    process, traffic, tally = ProcessState(), app.traffic, app.store.tally
    found: dict[str, float] = {
        **(_v8(app) if runs_javascript(app.store.version) else {}),
        **_scheduler(app),
        **{f"transactions_{end}_total": tally[end] for end in _ENDS},
        "collection_lock_timeouts_exclusive_total": tally["exclusive lock timeouts"],
        "collection_lock_timeouts_write_total": tally["write lock timeouts"],
        "process_statistics_number_of_threads": process.threads,
        "process_statistics_resident_set_size": process.resident_bytes,
        "process_statistics_virtual_memory_size": process.virtual_bytes,
        "process_statistics_user_time": process.user_s,
        "process_statistics_system_time": process.system_s,
        "process_statistics_minor_page_faults_total": process.minor_faults,
        "process_statistics_major_page_faults_total": process.major_faults,
        "file_descriptors_current": process.descriptors,
        "file_descriptors_limit": process.descriptors_limit,
        "server_statistics_cpu_cores": len(os.sched_getaffinity(0)),
        "server_statistics_physical_memory": app.knobs.memory_limit_bytes
        or physical_memory_bytes(),
        "server_statistics_server_uptime_total": time.time() - app.started_s,
        "http_request_statistics_total_requests_total": traffic.requests,
    }
    for method in _METHODS:
        name = f"http_request_statistics_http_{method}_requests_total"
        found[name] = traffic.by_method.get(method.upper(), 0)
    return found


_ENDS: Final = ("started", "committed", "aborted", "expired")


def _v8(app: App) -> dict[str, float]:
    contexts = app.contexts
    alive, busy = contexts.alive, contexts.busy
    return {
        "v8_context_max": contexts.maximum,
        "v8_context_alive": alive,
        "v8_context_busy": busy,
        "v8_context_free": alive - busy,
        "v8_context_dirty": 0,
        "v8_context_enter_failures_total": contexts.enter_failures,
    }


def _scheduler(app: App) -> dict[str, float]:
    http = app.http
    if http is None:
        return {}
    workers = http.workers
    count, queued = workers.count, workers.queue_length
    working = count - workers.idle_count
    return {
        "scheduler_queue_length": queued,
        "scheduler_low_prio_queue_length": queued,
        "scheduler_low_prio_queue_last_dequeue_time": workers.last_dequeue_s * 1e3,
        "scheduler_num_worker_threads": count,
        "scheduler_num_working_threads": working,
        "scheduler_ongoing_low_prio": working,
        "scheduler_queue_full_failures_total": workers.queue_full_failures,
        "scheduler_queue_time_violations_total": workers.queue_time_violations,
        "client_connection_statistics_client_connections": http.connection_count,
    }


def prometheus(app: App) -> str:
    """All metrics as /_admin/metrics sends them."""
    lines: list[str] = []
    values = _values(app)
    for name, meaning in _FAMILIES.items():
        if name in values:
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP arangodb_{name} {meaning}", f"# TYPE arangodb_{name} {kind}"]
            value = f"{values[name]:.6f}".rstrip("0").rstrip(".")
            lines.append(f'arangodb_{name}{{role="SINGLE"}} {value}')
    traffic = app.traffic
    lines += _histogram("total", "seconds a request takes", traffic.total_time)
    lines += _histogram("request", "seconds a request is worked on", traffic.request_time)
    lines += _histogram("queue", "seconds a request waits for a thread", traffic.queue_time)
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


def _told(times: Times) -> dict[str, Any]:
    return {"sum": times.sum_s, "count": sum(times.counts), "counts": list(times.counts)}


def statistics(app: App) -> dict[str, Any]:
    """The basics of /_admin/statistics."""
    process, traffic, v8, scheduler = ProcessState(), app.traffic, _v8(app), _scheduler(app)
    physical = app.knobs.memory_limit_bytes or physical_memory_bytes()
    return {
        "time": time.time(),
        "enabled": True,
        "system": {
            "minorPageFaults": process.minor_faults,
            "majorPageFaults": process.major_faults,
            "userTime": process.user_s,
            "systemTime": process.system_s,
            "numberOfThreads": process.threads,
            "residentSize": process.resident_bytes,
            "residentSizePercent": process.resident_bytes / physical,
            "virtualSize": process.virtual_bytes,
        },
        "client": {
            "httpConnections": scheduler.get("client_connection_statistics_client_connections", 0),
            "totalTime": _told(traffic.total_time),
            "requestTime": _told(traffic.request_time),
            "queueTime": _told(traffic.queue_time),
            "bytesSent": {"sum": traffic.sent_bytes, "count": traffic.requests},
            "bytesReceived": {"sum": traffic.received_bytes, "count": traffic.requests},
        },
        "http": {
            "requestsTotal": traffic.requests,
            "requestsAsync": 0,
            **{
                f"requests{method.capitalize()}": traffic.by_method.get(method.upper(), 0)
                for method in _METHODS
            },
        },
        "server": {
            "uptime": time.time() - app.started_s,
            "physicalMemory": physical,
            "threads": {
                "scheduler-threads": scheduler.get("scheduler_num_worker_threads", 0),
                "queued": scheduler.get("scheduler_queue_length", 0),
            },
            "v8Context": {
                "available": v8["v8_context_alive"],
                "busy": v8["v8_context_busy"],
                "dirty": 0,
                "free": v8["v8_context_free"],
                "max": v8["v8_context_max"],
            },
        },
    }
