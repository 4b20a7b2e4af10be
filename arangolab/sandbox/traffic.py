"""What the server tells of itself: counts, times, its log, and its process."""

from __future__ import annotations

import collections
import itertools
import os
import resource
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from arangolab.sandbox.faults import check

TIME_BOUNDS_S: Final = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 15.0, 30.0)
_ENDS: Final = [f"transactions_{e}_total" for e in ("started", "committed", "aborted", "expired")]
_TIMEOUTS: Final = [f"collection_lock_timeouts_{mode}_total" for mode in ("exclusive", "write")]
_REQUESTS: Final = "http_request_statistics_total_requests_total"
_LEVELS: Final = ("FATAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE", *"012345")
_STATM: Final = Path("/proc/self/statm")
_OPENED: Final = os.open(_STATM, os.O_RDONLY | os.O_CLOEXEC) if _STATM.exists() else -1
"""Stays open: reading it needs no new descriptor.  -1 on a system without /proc."""


class Traffic(collections.Counter[str]):
    """What went through the server since its start, by name of metric; safe in many threads."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys((*_ENDS, *_TIMEOUTS, _REQUESTS), 0))
        self._lock = threading.Lock()
        self.sums_s = {"queue": 0.0, "request": 0.0, "total": 0.0}
        """Until a thread took a request; from there to its reply; both."""
        self.classes = {what: [0] * (len(TIME_BOUNDS_S) + 1) for what in self.sums_s}
        """How many were between the bounds TIME_BOUNDS_S."""

    def add(self, name: str) -> None:
        """Count one."""
        with self._lock:
            self[name] += 1

    def add_request(self, queued_s: float, took_s: float) -> None:
        """Count one request."""
        with self._lock:
            self[_REQUESTS] += 1
            spans_s = (queued_s, took_s, queued_s + took_s)
            for what, span_s in zip(self.sums_s, spans_s, strict=True):
                self.sums_s[what] += span_s
                self.classes[what][bisect_left(TIME_BOUNDS_S, span_s)] += 1


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
        """A page (``offset``, ``size``) of the messages a query asks for; ArangoError 400."""
        asked = query.get("level", query.get("upto", "INFO")).upper()
        check(asked in _LEVELS, 400, f"unknown log level: '{asked}'")
        place, search = _LEVELS.index(asked) % 6, query.get("search", "")
        levels = _LEVELS[place if "level" in query else 0 : place + 1]
        told = [query.get(name, "")[:9] for name in ("start", "offset", "size")]
        start, skip, size = (int(text) if text.isdecimal() else 0 for text in told)
        way = -1 if query.get("sort") == "desc" else 1
        messages = [one for one in list(self._messages)[::way] if one["level"] in levels]
        found = [one for one in messages if one["id"] >= start and search in one["message"]]
        return {"total": len(found), "messages": found[skip:][: size or None]}


def process_values() -> dict[str, float]:
    """What the process uses now, by the names of metrics."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    try:
        descriptors = len(os.listdir("/dev/fd")) - 1  # noqa: PTH208
    except OSError:  # no descriptor left to look with
        descriptors = most
    return {
        "process_statistics_minor_page_faults_total": usage.ru_minflt,
        "process_statistics_major_page_faults_total": usage.ru_majflt,
        "process_statistics_user_time": usage.ru_utime,
        "process_statistics_system_time": usage.ru_stime,
        "process_statistics_number_of_threads": threading.active_count(),
        "process_statistics_resident_set_size": resident_bytes(),
        "file_descriptors_current": descriptors,
        "file_descriptors_limit": most,
    }


def resident_bytes() -> int:
    """Memory of the process that is in RAM; 0 where the system does not tell."""
    return int(os.pread(_OPENED, 99, 0).split()[1]) * resource.getpagesize() if _OPENED >= 0 else 0
