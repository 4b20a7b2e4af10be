"""What the server tells of itself: counts, times, its log, and its process."""

from __future__ import annotations

import collections
import errno
import itertools
import os
import resource
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Request

TIME_BOUNDS_S: Final = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 15.0, 30.0)
_LEVELS: Final = ("FATAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_STATM: Final = Path("/proc/self/statm")
_OPENED: Final = os.open(_STATM, os.O_RDONLY | os.O_CLOEXEC) if _STATM.exists() else -1
"""Stays open: reading it needs no new descriptor.  -1 on a system without /proc."""


class Tally(collections.Counter[str]):
    """Counts by name, safe in many threads."""

    _lock = threading.Lock()

    def add(self, name: str) -> None:
        """Count one."""
        with self._lock:
            self[name] += 1


class Times:
    """Durations by class: ``counts`` between the bounds TIME_BOUNDS_S, and their sum."""

    def __init__(self) -> None:
        self.sum_s = 0.0
        self.counts = [0] * (len(TIME_BOUNDS_S) + 1)

    def add(self, duration_s: float) -> None:
        """Count one."""
        self.sum_s += duration_s
        self.counts[bisect_left(TIME_BOUNDS_S, duration_s)] += 1


class Traffic:
    """What went through the server since its start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0
        self.times = {"queue": Times(), "request": Times(), "total": Times()}
        """Until a thread took a request; from there to its reply; both."""

    def count(self, request: Request, took_s: float) -> None:
        """Count one request."""
        with self._lock:
            self.requests += 1
            self.times["queue"].add(request.queued_s)
            self.times["request"].add(took_s)
            self.times["total"].add(request.queued_s + took_s)


class Log:
    """The last messages, in memory, as ``/_admin/log/entries`` shows them."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._messages: collections.deque[dict[str, Any]] = collections.deque(maxlen=2048)

    def write(self, level: str, topic: str, message: str) -> None:
        """Keep a message."""
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        told = {"topic": topic, "level": level, "date": date, "message": message}
        self._messages.append({"id": next(self._numbers), **told})

    def entries(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The messages up to the level ``upto``, or of ``level`` alone; ArangoError 400."""
        asked = query.get("level", query.get("upto", "TRACE")).upper()
        if asked not in _LEVELS:
            raise ArangoError(400, f"unknown log level: '{asked}'")
        levels = (asked,) if "level" in query else _LEVELS[: _LEVELS.index(asked) + 1]
        found = [one for one in list(self._messages) if one["level"] in levels]
        return {"total": len(found), "messages": found}


def process_values() -> dict[str, float]:
    """What the process uses now, by the names of metrics; zeros where there is no /proc."""
    usage, most = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrlimit(resource.RLIMIT_NOFILE),
    )
    try:
        descriptors = len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208
    except OSError as error:  # no descriptor left to look with, or no /proc
        descriptors = most[0] if error.errno == errno.EMFILE else 0
    return {
        "process_statistics_minor_page_faults_total": usage.ru_minflt,
        "process_statistics_major_page_faults_total": usage.ru_majflt,
        "process_statistics_user_time": usage.ru_utime,
        "process_statistics_system_time": usage.ru_stime,
        "process_statistics_number_of_threads": threading.active_count(),
        "process_statistics_resident_set_size": resident_bytes(),
        "file_descriptors_current": descriptors,
        "file_descriptors_limit": most[0],
    }


def resident_bytes() -> int:
    """Memory of the process that is in RAM; 0 where the system does not tell."""
    return int(os.pread(_OPENED, 99, 0).split()[1]) * _PAGE_BYTES if _OPENED >= 0 else 0


def physical_memory_bytes() -> int:
    """The host's memory."""
    return os.sysconf("SC_PHYS_PAGES") * _PAGE_BYTES
