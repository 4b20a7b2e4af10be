"""What happens in the server: counts and times for the metrics, and the log."""

from __future__ import annotations

import collections
import itertools
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply, Request

TIME_BOUNDS_S: Final = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 15.0, 30.0)
LEVELS: Final = ("FATAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE")


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
    """What went through the server since its start; the bytes are those of bodies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.by_method: collections.Counter[str] = collections.Counter()
        self.requests = self.received_bytes = self.sent_bytes = 0
        self.queue_time, self.request_time, self.total_time = Times(), Times(), Times()
        """Until a thread took a request; from there to its reply; both."""

    def count(self, request: Request, reply: Reply, took_s: float) -> None:
        """Count one request."""
        with self._lock:
            self.requests += 1
            self.by_method[request.method] += 1
            self.received_bytes += len(request.body)
            self.sent_bytes += len(reply.body)
            self.queue_time.add(request.queued_s)
            self.request_time.add(took_s)
            self.total_time.add(request.queued_s + took_s)


class Log:
    """The last messages, in memory, as ``/_admin/log/entries`` shows them."""

    def __init__(self) -> None:
        self.levels = dict.fromkeys(("general", "requests", "threads", "v8"), "INFO")
        """By topic, the least urgent level that is kept."""
        self._numbers = itertools.count(1)
        self._messages: collections.deque[dict[str, Any]] = collections.deque(maxlen=2048)

    def write(self, level: str, topic: str, message: str) -> None:
        """Keep a message, unless its topic's level is below."""
        if LEVELS.index(level) <= LEVELS.index(self.levels[topic]):
            date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            told = {"topic": topic, "level": level, "date": date, "message": message}
            self._messages.append({"id": next(self._numbers), **told})

    def set_levels(self, asked: Mapping[str, Any]) -> None:
        """Change levels by topic; ArangoError 10."""
        for topic, level in asked.items():
            if topic not in self.levels or str(level).upper() not in LEVELS:
                raise ArangoError(10, f"unknown topic or log level: '{topic}': '{level}'")
            self.levels[topic] = str(level).upper()

    def entries(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The messages up to the level ``upto``, or of ``level`` alone; ArangoError 400."""
        asked = query.get("level", query.get("upto", "TRACE")).upper()
        if asked not in LEVELS:
            raise ArangoError(400, f"unknown log level: '{asked}'")
        place = LEVELS.index(asked)
        levels = LEVELS[place if "level" in query else 0 : place + 1]
        found = [one for one in list(self._messages) if one["level"] in levels]
        return {"total": len(found), "messages": found}
