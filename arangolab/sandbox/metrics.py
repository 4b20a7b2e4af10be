"""What the sandbox tells of itself: Prometheus text and statistics."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arangolab.sandbox.spoken import runs_javascript
from arangolab.sandbox.traffic import TIME_BOUNDS_S, Times

if TYPE_CHECKING:
    from arangolab.sandbox.app import App

_LABELS: Final = '{role="SINGLE"}'
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


class ProcessState:
    """The process as /proc/self shows it; zeros where there is no /proc."""

    def __init__(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.user_s = usage.ru_utime
        self.system_s = usage.ru_stime
        self.minor_faults = usage.ru_minflt
        self.major_faults = usage.ru_majflt
        stat = _words("/proc/self/stat")
        self.threads = int(stat[17]) if stat else 0
        memory = _words("/proc/self/statm", after="")
        self.virtual_bytes = int(memory[0]) * _PAGE_BYTES if memory else 0
        self.resident_bytes = int(memory[1]) * _PAGE_BYTES if memory else 0
        try:
            self.descriptors = len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208
        except OSError:
            self.descriptors = 0
        self.descriptors_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _words(path: str, after: str = ")") -> list[str]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError:
        return []
    return (text.rpartition(after)[2] if after else text).split()


def prometheus(app: App) -> str:
    """All metrics as /_admin/metrics sends them."""
    text = _Text()
    if runs_javascript(app.store.version):
        _v8(app, text)
    _scheduler(app, text)
    _process(app, text)
    _requests(app, text)
    return "\n".join(text.lines) + "\n"


class _Text:
    """Families in the text format."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, name: str, kind: str, help_text: str, value: float) -> None:
        """One family with one value."""
        self.head(name, kind, help_text)
        self.lines.append(f"{name}{_LABELS} {value:.6f}".rstrip("0").rstrip("."))

    def head(self, name: str, kind: str, help_text: str) -> None:
        """The lines that introduce a family."""
        self.lines += [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]

    def times(self, name: str, help_text: str, times: Times) -> None:
        """A histogram."""
        self.head(name, "histogram", help_text)
        total = 0
        for bound, count in zip((*TIME_BOUNDS_S, "+Inf"), times.counts, strict=True):
            total += count
            self.lines.append(f'{name}_bucket{{le="{bound}",role="SINGLE"}} {total}')
        self.lines.append(f"{name}_count{_LABELS} {total}")
        self.lines.append(f"{name}_sum{_LABELS} {times.sum_s:.6f}")


def _v8(app: App, text: _Text) -> None:
    contexts = app.contexts
    alive, busy = contexts.alive, contexts.busy
    name = "arangodb_v8_context"
    text.add(f"{name}_max", "gauge", "Most JavaScript contexts there can be", contexts.maximum)
    text.add(f"{name}_alive", "gauge", "JavaScript contexts there are", alive)
    text.add(f"{name}_busy", "gauge", "JavaScript contexts in use", busy)
    text.add(f"{name}_free", "gauge", "JavaScript contexts not in use", alive - busy)
    text.add(f"{name}_dirty", "gauge", "JavaScript contexts to be cleaned", 0)
    text.add(
        f"{name}_enter_failures_total",
        "counter",
        "Times that no JavaScript context became free in time",
        contexts.enter_failures,
    )


def _scheduler(app: App, text: _Text) -> None:
    http = app.http
    if http is None:
        return
    workers = http.workers
    count, idle = workers.count, workers.idle_count
    name = "arangodb_scheduler"
    text.add(f"{name}_queue_length", "gauge", "Requests without a thread", workers.queue_length)
    text.add(
        f"{name}_low_prio_queue_length", "gauge", "The same: all wait alike", workers.queue_length
    )
    text.add(
        f"{name}_low_prio_queue_last_dequeue_time",
        "gauge",
        "Milliseconds that the request which got a thread last had waited",
        workers.last_dequeue_s * 1e3,
    )
    text.add(f"{name}_num_worker_threads", "gauge", "Threads for requests", count)
    text.add(f"{name}_num_working_threads", "gauge", "Threads at work", count - idle)
    text.add(f"{name}_ongoing_low_prio", "gauge", "Requests at work", count - idle)
    text.add(
        "arangodb_client_connection_statistics_client_connections",
        "gauge",
        "Connections of clients that are open",
        http.connection_count,
    )


def _process(app: App, text: _Text) -> None:
    process = ProcessState()
    name = "arangodb_process_statistics"
    text.add(f"{name}_number_of_threads", "gauge", "Threads", process.threads)
    text.add(
        f"{name}_resident_set_size", "gauge", "Resident memory in bytes", process.resident_bytes
    )
    text.add(
        f"{name}_virtual_memory_size", "gauge", "Virtual memory in bytes", process.virtual_bytes
    )
    text.add(f"{name}_user_time", "gauge", "CPU time of the process in seconds", process.user_s)
    text.add(
        f"{name}_system_time",
        "gauge",
        "CPU time of the system for the process in seconds",
        process.system_s,
    )
    text.add(
        f"{name}_minor_page_faults_total", "counter", "Minor page faults", process.minor_faults
    )
    text.add(
        f"{name}_major_page_faults_total", "counter", "Major page faults", process.major_faults
    )
    name = "arangodb_file_descriptors"
    text.add(f"{name}_current", "gauge", "Open file descriptors", process.descriptors)
    text.add(f"{name}_limit", "gauge", "Most file descriptors", process.descriptors_limit)
    text.add(
        "arangodb_server_statistics_server_uptime_total",
        "counter",
        "Seconds since the server started",
        time.time() - app.started_s,
    )


def _requests(app: App, text: _Text) -> None:
    traffic = app.traffic
    for method in ("delete", "get", "head", "options", "patch", "post", "put"):
        text.add(
            f"arangodb_http_request_statistics_http_{method}_requests_total",
            "counter",
            f"Requests with the method {method.upper()}",
            traffic.by_method.get(method.upper(), 0),
        )
    text.add(
        "arangodb_http_request_statistics_total_requests_total",
        "counter",
        "Requests",
        traffic.requests,
    )
    name = "arangodb_client_connection_statistics"
    text.times(f"{name}_total_time", "Seconds a request takes", traffic.total_time)
    text.times(f"{name}_request_time", "Seconds a request is worked on", traffic.request_time)
    text.times(f"{name}_queue_time", "Seconds a request waits for a thread", traffic.queue_time)


def _told(times: Times) -> dict[str, Any]:
    return {"sum": times.sum_s, "count": sum(times.counts), "counts": list(times.counts)}


def statistics(app: App) -> dict[str, Any]:
    """The basics of /_admin/statistics."""
    process, traffic, http = ProcessState(), app.traffic, app.http
    methods = {
        f"requests{method.capitalize()}": traffic.by_method.get(method.upper(), 0)
        for method in ("get", "head", "post", "put", "patch", "delete", "options")
    }
    workers = http.workers if http is not None else None
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
            "residentSizePercent": 0,
            "virtualSize": process.virtual_bytes,
        },
        "client": {
            "httpConnections": http.connection_count if http is not None else 0,
            "totalTime": _told(traffic.total_time),
            "requestTime": _told(traffic.request_time),
            "queueTime": _told(traffic.queue_time),
            "bytesSent": {"sum": traffic.sent_bytes, "count": traffic.requests},
            "bytesReceived": {"sum": traffic.received_bytes, "count": traffic.requests},
        },
        "http": {"requestsTotal": traffic.requests, "requestsAsync": 0, **methods},
        "server": {
            "uptime": time.time() - app.started_s,
            "threads": {
                "scheduler-threads": workers.count if workers else 0,
                "queued": workers.queue_length if workers else 0,
            },
            "v8Context": {
                "available": app.contexts.alive,
                "busy": app.contexts.busy,
                "dirty": 0,
                "free": app.contexts.alive - app.contexts.busy,
                "max": app.contexts.maximum,
            },
        },
    }
