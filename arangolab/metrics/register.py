"""The register of all names that are sampled, with unit and meaning."""

from __future__ import annotations

import re
from typing import Final

from arangolab.metrics.arango import names as arango
from arangolab.metrics.collectd import names as collectd
from arangolab.metrics.sample import Source

STAND_INS: Final[dict[str, tuple[Source, ...]]] = {"proc": ("collectd", "arango")}
"""Where the server's process is told of under the same names, when its /proc cannot be read."""

NAMES: Final[dict[tuple[str, str], tuple[str, str]]] = {
    # (source, name): (unit, meaning)
    ("injector", "rate_per_s"): ("1/s", "arrival rate asked for, over all processes"),
    ("injector", "intended_per_s"): ("1/s", "arrivals due"),
    ("injector", "started_per_s"): ("1/s", "scenarios started"),
    ("injector", "shed_per_s"): ("1/s", "arrivals not started: bound on in flight reached"),
    ("injector", "finished_per_s"): ("1/s", "scenarios that ended"),
    ("injector", "failed_per_s"): ("1/s", "scenarios that ended with an error"),
    ("injector", "in_flight"): ("scenarios", "scenarios started and not ended (clients)"),
    ("injector", "processes"): ("processes", "injector processes"),
    ("injector", "lateness_p99_ms"): ("ms", "99th percentile of actual - intended start"),
    ("injector", "service_mean_ms"): ("ms", "mean time of a scenario from its actual start"),
    ("injector", "service_p50_ms"): ("ms", "median of the same"),
    ("injector", "service_p95_ms"): ("ms", "95th percentile of the same"),
    ("injector", "response_p50_ms"): ("ms", "median time from the intended start"),
    ("injector", "response_p95_ms"): ("ms", "95th percentile of the same"),
    ("injector", "response_p99_ms"): ("ms", "99th percentile of the same"),
    ("injector", "server_queue_mean_ms"): (
        "ms",
        "mean of what replies tell of the server's queue (x-arango-queue-time-seconds)",
    ),
    ("injector", "server_queue_p95_ms"): ("ms", "95th percentile of the same"),
    ("injector", "cpu_ratio"): ("cores", "CPU of the busiest injector process, in cores"),
    ("injector", "loop_lag_ms"): ("ms", "longest delay of an injector's event loop"),
    ("injector", "rss_bytes"): ("bytes", "resident memory of all injector processes"),
    ("injector", "connections_open"): ("connections", "TCP connections to the server"),
    ("injector", "connections_opened_per_s"): ("1/s", "TCP connections newly opened"),
    ("proc", "cpu_user_cores"): ("cores", "user CPU of the server's process"),
    ("proc", "cpu_system_cores"): ("cores", "system CPU of the server's process"),
    ("proc", "threads"): ("threads", "threads of the server's process"),
    ("proc", "open_fds"): ("descriptors", "open file descriptors of the server's process"),
    ("proc", "memory_maps"): ("maps", "memory maps of the server's process"),
    ("proc", "rss_bytes"): ("bytes", "resident memory of the server's process"),
    ("proc", "read_bytes_per_s"): ("bytes/s", "read from disk by the server's process"),
    ("proc", "written_bytes_per_s"): ("bytes/s", "written to disk by the server's process"),
    ("proc", "processes"): ("processes", "processes of the server, where its group is watched"),
    ("host", "cores"): ("cores", "cores of the runner's host"),
    ("host", "cpu_busy_cores"): ("cores", "CPU in use on the runner's host, by whomever"),
    ("host", "cpu_others_cores"): (
        "cores",
        "of these, by processes that belong neither to the test nor to the server",
    ),
    ("host", "cpu_steal_cores"): ("cores", "CPU that the hypervisor gave to other machines"),
    ("host", "cpu_iowait_cores"): ("cores", "CPU idle while a process waits for a disk"),
    ("host", "disk_busy_ratio"): ("ratio", "time with I/O under way, of the busiest disk"),
    ("host", "clock_offset_s"): (
        "s",
        "wall clock against the monotonic one, since the run's start: a step is a clock set",
    ),
    **{("arango", name): (unit, meaning) for name, unit, meaning in arango.told()},
    **{("collectd", name): (unit, meaning) for name, unit, meaning in collectd.told()},
    ("statsd", "clients"): ("level", "scenarios in flight, over all injector processes"),
    ("statsd", "processes"): ("level", "injector processes that share the load"),
    ("statsd", "conn"): ("level", "TCP connections to the server, over all injector processes"),
    ("statsd", "errors.count"): ("events", "scenarios that ended with an error, in the interval"),
    ("statsd", "conn_opened.count"): ("events", "TCP connections newly opened, in the interval"),
    ("statsd", "receiver.lines"): ("lines", "statsd lines received in the interval"),
    ("statsd", "receiver.bad_lines"): ("lines", "statsd lines that could not be understood"),
    ("statsd", "receiver.not_taken"): (
        "values",
        "values beyond the most names and set members that are kept apart",
    ),
    ("statsd", "receiver.drops"): ("packets", "packets the kernel dropped: buffer full"),
}
"""Names that are always the same.  What comes by statsd adds its own, see :data:`PATTERNS`."""

PATTERNS: Final[tuple[tuple[str, str, str], ...]] = (
    # (name, unit, meaning): of NAME by statsd, whether the embedded receiver's or collectd's
    ("NAME.count", "events", "values of a timer, or sum of a counter, in the interval"),
    ("NAME.per_s", "1/s", "the same, a second"),
    ("NAME.mean_ms", "ms", "mean of a timer's values in the interval"),
    ("NAME.median_ms", "ms", "their median"),
    ("NAME.lower_ms", "ms", "the shortest of them"),
    ("NAME.upper_ms", "ms", "the longest of them"),
    ("NAME.sum_ms", "ms", "their sum"),
    ("NAME.pP_ms", "ms", "their P-th percentile, for each that was asked for"),
    ("NAME.wN", "level", "a gauge of injector process N"),
    ("NAME", "level", "a gauge; the sum over injector processes where NAME.wN are told"),
    ("NAME", "members", "different members of a set in the interval"),
)
_DERIVED: Final = tuple(
    (re.compile(re.escape(name).replace("NAME", ".+").replace("pP", r"p[\d_]+")
                .replace("wN", r"w\d+")), unit, meaning)
    for name, unit, meaning in PATTERNS
)  # fmt: skip


def meaning_of(source: str, name: str, unit: str) -> str:
    """What a series is; "" for what only its sender knows (values of other collectd plugins)."""
    fixed = NAMES.get((source, name))
    if fixed is not None:
        return fixed[1]
    if source not in ("statsd", "collectd"):
        return ""
    known = (
        meaning for form, its_unit, meaning in _DERIVED if its_unit == unit and form.fullmatch(name)
    )
    return next(known, "")
