"""The server's resources as a table: where each one's use is sampled, and what its limit is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A resource: where its use is sampled, and where its limit is told."""

    name: str
    label: str
    """As the subject of a sentence: ``V8 contexts``."""
    source: str
    series: tuple[str, ...]
    """Names of samples that add up to its use."""
    unit: str
    limit: str = ""
    """Key of the server's limits (see indicators.read)."""
    limit_series: str = ""
    """Name of a sample, of the same source, that tells the limit; goes before ``limit``."""
    fixed: float | None = None
    """The limit, where it is the same for every server."""
    event: bool = False
    """A rate of events that must not happen: there is no limit, any of them counts."""
    threshold: float = 0.95
    """Use / limit from which it counts as saturated."""
    only_with: str = ""
    """Name of a sample, of the same source, that must be above 0 at the same time."""
    follows: bool = False
    """It rises when clients pile up, whatever the cause: below its limit it is a symptom."""
    cause: str = ""
    """What gives out when this is saturated, where that is another one's name."""

    @property
    def gives_out(self) -> str:
        """What gives out when this is saturated."""
        return self.cause or self.name


INDICATORS: Final = (
    Indicator(
        name="v8_contexts",
        label="V8 contexts",
        source="arango",
        series=("v8_contexts_busy",),
        unit="busy",
        limit="v8_contexts",
        limit_series="v8_contexts_max",
        threshold=0.99,
    ),
    Indicator(
        name="v8_waits",
        label="waits for a V8 context",
        source="arango",
        series=("v8_enter_failures_per_s",),
        unit="given up a second",
        event=True,
        cause="v8_contexts",
    ),
    Indicator(
        name="cpu",
        label="CPU",
        source="proc",
        series=("cpu_user_cores", "cpu_system_cores"),
        unit="cores used",
        limit="cores",
        threshold=0.9,
    ),
    Indicator(
        name="host_cpu",
        label="CPU of the server's host",
        source="host",
        series=("cpu_busy_cores", "cpu_steal_cores"),
        unit="cores used by all",
        limit_series="cores",
        cause="cpu",
    ),
    Indicator(
        name="memory",
        label="memory",
        source="proc",
        series=("rss_bytes",),
        unit="bytes resident",
        limit="memory_bytes",
        threshold=0.9,
    ),
    Indicator(
        name="disk",
        label="the disk",
        source="host",
        series=("disk_busy_ratio",),
        unit="of the time busy",
        fixed=1.0,
    ),
    Indicator(
        name="iowait",
        label="waiting for the disk (iowait)",
        source="host",
        series=("cpu_iowait_cores",),
        unit="cores idle for it",
        limit_series="cores",
        threshold=0.3,
        cause="disk",
    ),
    Indicator(
        name="iowait_told",
        label="waiting for the disk (iowait, as the server tells)",
        source="arango",
        series=("host_iowait_percent",),
        unit="% of the host's CPU",
        fixed=100.0,
        threshold=0.3,
        cause="disk",
    ),
    Indicator(
        name="scheduler_threads",
        label="the scheduler's threads",
        source="arango",
        series=("scheduler_threads_busy",),
        unit="busy, and requests queue",
        limit="scheduler_threads",
        limit_series="scheduler_threads",
        only_with="scheduler_queue_length",
    ),
    Indicator(
        name="scheduler_queue",
        label="the scheduler's queue",
        source="arango",
        series=("scheduler_queue_length",),
        unit="requests queued",
        limit="scheduler_queue",
        follows=True,
    ),
    Indicator(
        name="queue_full",
        label="the scheduler's queue",
        source="arango",
        series=("queue_full_per_s",),
        unit="requests a second refused: queue full",
        event=True,
        cause="scheduler_queue",
    ),
    Indicator(
        name="queue_time_violations",
        label="the scheduler's queue",
        source="arango",
        series=("queue_time_violations_per_s",),
        unit="requests a second refused: queued too long",
        event=True,
        cause="scheduler_queue",
    ),
    Indicator(
        name="dequeue_time",
        label="time in the scheduler's queue",
        source="arango",
        series=("scheduler_dequeue_ms",),
        unit="ms until a request is taken up",
        fixed=1000.0,
        cause="scheduler_threads",
    ),
    Indicator(
        name="queue_header",
        label="time in the scheduler's queue, as replies tell",
        source="injector",
        series=("server_queue_p95_ms",),
        unit="ms (95th percentile)",
        fixed=1000.0,
        cause="scheduler_threads",
    ),
    Indicator(
        name="rocksdb",
        label="RocksDB: it slowed writes down, which",
        source="arango",
        series=("rocksdb_stalls_per_s",),
        unit="stalls a second",
        event=True,
    ),
    Indicator(
        name="rocksdb_stops",
        label="RocksDB: it stopped writes, which",
        source="arango",
        series=("rocksdb_stops_per_s",),
        unit="stops a second",
        event=True,
        cause="rocksdb",
    ),
    Indicator(
        name="locks",
        label="collection locks",
        source="arango",
        series=("exclusive_lock_timeouts_per_s", "write_lock_timeouts_per_s"),
        unit="not had in time, a second",
        event=True,
    ),
    Indicator(
        name="open_fds",
        label="file descriptors",
        source="proc",
        series=("open_fds",),
        unit="open",
        limit="open_fds",
        follows=True,
    ),
    Indicator(
        name="memory_maps",
        label="memory maps",
        source="proc",
        series=("memory_maps",),
        unit="mapped",
        limit="memory_maps",
        follows=True,
    ),
    Indicator(
        name="threads",
        label="threads",
        source="proc",
        series=("threads",),
        unit="running",
        limit="threads",
        follows=True,
    ),
)
"""ArangoDB names no limit for the time in its queue; its documentation of the metric
``arangodb_scheduler_low_prio_queue_last_dequeue_time`` expects it well below a second."""
