"""Counts of requests and replies, for metrics and statistics."""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import Final

from arangolab.sandbox.http import Reply, Request

TIME_BOUNDS_S: Final = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 15.0, 30.0)


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
        self.total_s = 0.0
        """Time spent on all requests."""
        self.times = [0] * (len(TIME_BOUNDS_S) + 1)
        """Requests per class of time, bounded by TIME_BOUNDS_S."""

    @property
    def requests(self) -> int:
        """All requests."""
        return sum(self.times)

    def count(self, request: Request, reply: Reply, took_s: float) -> None:
        """Count one request."""
        with self._lock:
            self.by_method[request.method] = self.by_method.get(request.method, 0) + 1
            self.by_status[reply.status] = self.by_status.get(reply.status, 0) + 1
            self.received_bytes += len(request.body)
            self.sent_bytes += len(reply.body)
            self.total_s += took_s
            self.times[bisect_left(TIME_BOUNDS_S, took_s)] += 1
