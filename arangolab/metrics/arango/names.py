"""ArangoDB's names of metrics, and ours.

ArangoDB's are those of its sources (``DECLARE_GAUGE`` and its like, versions 3.7 to 3.12); they
are kept here without the prefix ``arangodb_`` and the suffix ``_total``, which versions disagree
on (3.8 renamed the older ones).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

Kind = Literal["level", "growth", "times"]
"""A value as it is; the growth a second of a total; a histogram of seconds."""


class Metric(NamedTuple):
    """One of ours."""

    name: str
    unit: str
    kind: Kind
    meaning: str


_V8: Final = {
    "v8_context_max": Metric("v8_contexts_max", "contexts", "level", "V8 contexts it may have"),
    "v8_context_alive": Metric("v8_contexts_alive", "contexts", "level", "V8 contexts there are"),
    "v8_context_busy": Metric("v8_contexts_busy", "contexts", "level", "V8 contexts at work"),
    "v8_context_free": Metric("v8_contexts_free", "contexts", "level", "V8 contexts that wait"),
    "v8_context_enter_failures": Metric(
        "v8_enter_failures_per_s", "1/s", "growth", "waits for a V8 context given up"
    ),
}
_SCHEDULER: Final = {
    "scheduler_queue_length": Metric(
        "scheduler_queue_length", "requests", "level", "requests queued in the scheduler"
    ),
    "scheduler_low_prio_queue_length": Metric(
        "scheduler_low_queue_length", "requests", "level", "of these, with low priority (clients')"
    ),
    "scheduler_low_prio_queue_last_dequeue_time": Metric(
        "scheduler_dequeue_ms", "ms", "level", "how long the last such request was queued"
    ),
    "scheduler_ongoing_low_prio": Metric(
        "scheduler_requests_ongoing", "requests", "level", "clients' requests at work"
    ),
    "scheduler_num_worker_threads": Metric(
        "scheduler_threads", "threads", "level", "threads of the scheduler"
    ),
    "scheduler_num_working_threads": Metric(
        "scheduler_threads_busy", "threads", "level", "of these, at work"
    ),
    "scheduler_queue_full_failures": Metric(
        "queue_full_per_s", "1/s", "growth", "requests refused: the queue was full"
    ),
    "scheduler_queue_time_violations": Metric(
        "queue_time_violations_per_s", "1/s", "growth", "requests refused: queued too long"
    ),
}
_REQUESTS: Final = {
    "client_connection_statistics_client_connections": Metric(
        "client_connections", "connections", "level", "client connections it has open"
    ),
    "http_request_statistics_total_requests": Metric(
        "requests_per_s", "1/s", "growth", "HTTP requests"
    ),
    "client_connection_statistics_queue_time": Metric(
        "request_queue", "ms", "times", "time a request was queued"
    ),
    "client_connection_statistics_request_time": Metric(
        "request_work", "ms", "times", "time a request was worked on"
    ),
    "client_connection_statistics_total_time": Metric(
        "request_total", "ms", "times", "time from a request's first byte to its reply's last"
    ),
}
_PROCESS: Final = {
    "process_statistics_user_time": Metric(
        "cpu_user_cores", "cores", "growth", "user CPU of the server's process"
    ),
    "process_statistics_system_time": Metric(
        "cpu_system_cores", "cores", "growth", "system CPU of the server's process"
    ),
    "process_statistics_number_of_threads": Metric(
        "threads", "threads", "level", "threads of the server's process"
    ),
    "process_statistics_resident_set_size": Metric(
        "rss_bytes", "bytes", "level", "resident memory of the server's process"
    ),
    "process_statistics_minor_page_faults": Metric(
        "minor_faults_per_s", "1/s", "growth", "page faults served from memory"
    ),
    "process_statistics_major_page_faults": Metric(
        "major_faults_per_s", "1/s", "growth", "page faults served from disk"
    ),
    "file_descriptors_current": Metric(
        "open_fds", "descriptors", "level", "open file descriptors (counted each 60 s by default)"
    ),
    "memory_maps_current": Metric(
        "memory_maps", "maps", "level", "memory maps (counted each 60 s by default)"
    ),
    "server_statistics_iowait_percent": Metric(
        "host_iowait_percent", "%", "level", "the host's CPUs waiting for I/O, as told"
    ),
}
_STORAGE: Final = {
    "rocksdb_write_stalls": Metric(
        "rocksdb_stalls_per_s", "1/s", "growth", "times that RocksDB slowed writes down"
    ),
    "rocksdb_write_stops": Metric(
        "rocksdb_stops_per_s", "1/s", "growth", "times that RocksDB stopped writes"
    ),
    "rocksdb_is_write_stopped": Metric(
        "rocksdb_write_stopped", "0 or 1", "level", "whether RocksDB has stopped writes"
    ),
    "rocksdb_actual_delayed_write_rate": Metric(
        "rocksdb_delayed_write_bytes_per_s", "bytes/s", "level", "rate RocksDB slows writes to"
    ),
    "rocksdb_estimate_pending_compaction_bytes": Metric(
        "rocksdb_pending_compaction_bytes", "bytes", "level", "bytes RocksDB has to compact"
    ),
    "rocksdb_block_cache_usage": Metric(
        "rocksdb_block_cache_bytes", "bytes", "level", "memory of RocksDB's block cache"
    ),
    "rocksdb_free_disk_space": Metric("disk_free_bytes", "bytes", "level", "free disk space"),
    "aql_global_memory_usage": Metric(
        "aql_memory_bytes", "bytes", "level", "memory of all AQL queries"
    ),
    "collection_lock_timeouts_exclusive": Metric(
        "exclusive_lock_timeouts_per_s", "1/s", "growth", "exclusive locks not had in time"
    ),
    "collection_lock_timeouts_write": Metric(
        "write_lock_timeouts_per_s", "1/s", "growth", "write locks not had in time"
    ),
    "transactions_aborted": Metric(
        "transactions_aborted_per_s", "1/s", "growth", "transactions aborted"
    ),
}

METRICS: Final[dict[str, Metric]] = _V8 | _SCHEDULER | _REQUESTS | _PROCESS | _STORAGE

LIMITS: Final = {
    "v8_context_max": "v8_contexts",
    "file_descriptors_limit": "open_fds",
    "memory_maps_limit": "memory_maps",
    "server_statistics_effective_cpu_cores": "cores",
    "server_statistics_cpu_cores": "cores",
    "server_statistics_effective_physical_memory": "memory_bytes",
    "server_statistics_physical_memory": "memory_bytes",
}
"""What is the limit of which indicator; the earlier line goes before the later."""

STATISTICS: Final = {
    # path in /_admin/statistics (servers before 3.8): key of METRICS or of LIMITS
    "system.userTime": "process_statistics_user_time",
    "system.systemTime": "process_statistics_system_time",
    "system.numberOfThreads": "process_statistics_number_of_threads",
    "system.residentSize": "process_statistics_resident_set_size",
    "system.minorPageFaults": "process_statistics_minor_page_faults",
    "system.majorPageFaults": "process_statistics_major_page_faults",
    "client.httpConnections": "client_connection_statistics_client_connections",
    "client.queueTime": "client_connection_statistics_queue_time",
    "client.requestTime": "client_connection_statistics_request_time",
    "client.totalTime": "client_connection_statistics_total_time",
    "http.requestsTotal": "http_request_statistics_total_requests",
    "server.physicalMemory": "server_statistics_physical_memory",
    "server.threads.scheduler-threads": "scheduler_num_worker_threads",
    "server.threads.queued": "scheduler_queue_length",
    "server.v8Context.max": "v8_context_max",
    "server.v8Context.available": "v8_context_alive",
    "server.v8Context.busy": "v8_context_busy",
    "server.v8Context.free": "v8_context_free",
}


def told() -> Iterator[tuple[str, str, str]]:
    """(name, unit, meaning) of everything that is sampled of the server's metrics."""
    for metric in METRICS.values():
        if metric.kind != "times":
            yield metric.name, metric.unit, metric.meaning
            continue
        yield f"{metric.name}_mean_ms", "ms", f"mean {metric.meaning}, within the interval"
        yield (
            f"{metric.name}_p95_ms",
            "ms",
            "95th percentile of the same, out of the server's histogram",
        )


def bare(name: str) -> str:
    """ArangoDB's name as the tables have it."""
    return name.removeprefix("arangodb_").removesuffix("_total")
