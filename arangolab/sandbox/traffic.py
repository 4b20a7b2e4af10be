"""Counts of what happens in the server, for metrics and statistics."""

from __future__ import annotations

import collections
import threading
from bisect import bisect_left
from typing import Final

from arangolab.sandbox.http import Reply, Request

TIME_BOUNDS_S: Final = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 15.0, 30.0)


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
