"""Counts of requests and replies, for metrics and statistics."""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import Final

from arangolab.sandbox.http import Reply, Request

TIME_BOUNDS_S: Final = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 15.0, 30.0)


class Times:
    """Durations by class."""

    def __init__(self) -> None:
        self.sum_s = 0.0
        self.counts = [0] * (len(TIME_BOUNDS_S) + 1)
        """How many per class, bounded by TIME_BOUNDS_S."""

    def add(self, duration_s: float) -> None:
        """Count one."""
        self.sum_s += duration_s
        self.counts[bisect_left(TIME_BOUNDS_S, duration_s)] += 1


class Traffic:
    """What went through the server since its start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.by_method: dict[str, int] = {}
        self.by_status: dict[int, int] = {}
        self.received_bytes = 0
        """Of bodies."""
        self.sent_bytes = 0
        """Of bodies."""
        self.queue_time = Times()
        """From a request's coming to the thread that takes it."""
        self.request_time = Times()
        """From there to its reply."""
        self.total_time = Times()

    @property
    def requests(self) -> int:
        """All requests."""
        return sum(self.total_time.counts)

    def count(self, request: Request, reply: Reply, took_s: float) -> None:
        """Count one request."""
        with self._lock:
            self.by_method[request.method] = self.by_method.get(request.method, 0) + 1
            self.by_status[reply.status] = self.by_status.get(reply.status, 0) + 1
            self.received_bytes += len(request.body)
            self.sent_bytes += len(reply.body)
            self.queue_time.add(request.queued_s)
            self.request_time.add(took_s)
            self.total_time.add(request.queued_s + took_s)
