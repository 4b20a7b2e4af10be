"""The threads that answer requests: as many as are busy, up to a maximum; then a queue, up to its.

Work is handed to the worker that became idle last, so that the others can go; hand-over and
leaving happen under one lock, so that no request is ever lost.
"""

from __future__ import annotations

import collections
import queue
import threading
import time
from collections.abc import Callable

from arangolab.sandbox.connection import Connection
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Request

_URGENT_THREADS = 8

Job = tuple[Connection, Request]


class Workers:
    """The pool of threads; its counts are those that the metrics tell."""

    def __init__(
        self,
        serve: Callable[[Connection, Request], None],
        maximal_threads: int,
        maximal_queue_size: int,
        idle_s: float,
    ) -> None:
        self._serve = serve
        self._maximal = maximal_threads
        self.maximal_queue_size = maximal_queue_size
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._idle: list[queue.SimpleQueue[Job]] = []
        self._queue: collections.deque[tuple[Job, float]] = collections.deque()
        self.last_dequeue_s = 0.0
        """How long the request that got a thread last had waited for it."""
        self.count = 0
        """Threads there are."""
        self.queue_full_failures = 0
        self.queue_time_violations = 0

    @property
    def idle_count(self) -> int:
        """Threads that wait for work."""
        return len(self._idle)

    @property
    def queue_length(self) -> int:
        """Requests for which there is no thread yet."""
        return len(self._queue)

    @property
    def are_crowded(self) -> bool:
        """Whether requests wait, or more threads than may be have begun."""
        return bool(self._queue) or self.count > self._maximal

    def submit(self, job: Job) -> None:
        """Have a request served; ArangoError 21003, 21004 when it must not queue."""
        with self._lock:
            if self._idle:
                self.last_dequeue_s = 0.0
                self._idle.pop().put(job)
                return
            if self.count >= self._maximal:
                is_urgent = "/_admin/" in job[1].path
                if not is_urgent or self.count >= self._maximal + _URGENT_THREADS:
                    self._enqueue(job)
                    return
            elif not self._queue:
                self.last_dequeue_s = 0.0
            self.count += 1
        try:
            threading.Thread(target=self._work, args=(job,), name="worker", daemon=True).start()
        except RuntimeError:  # the system gives no more threads: wait for one of ours
            with self._lock:
                self.count -= 1
                self._queue.append((job, time.monotonic()))

    def _enqueue(self, job: Job) -> None:
        if len(self._queue) >= self.maximal_queue_size:
            self.queue_full_failures += 1
            raise ArangoError(21003)
        if patience_s(job[1]) < self.last_dequeue_s:
            self.queue_time_violations += 1
            raise ArangoError(21004)
        self._queue.append((job, time.monotonic()))

    def _work(self, job: Job | None) -> None:
        box: queue.SimpleQueue[Job] = queue.SimpleQueue()
        while job is not None:
            self._serve(*job)
            job = self._next(box)

    def _next(self, box: queue.SimpleQueue[Job]) -> Job | None:
        """What to do next; None to leave."""
        with self._lock:
            if self.count > self._maximal:
                self.count -= 1
                return None
            if self._queue:
                job, since_s = self._queue.popleft()
                self.last_dequeue_s = job[1].queued_s = time.monotonic() - since_s
                return job
            self._idle.append(box)
        try:
            return box.get(timeout=self._idle_s)
        except queue.Empty:
            with self._lock:
                if box in self._idle:
                    self._idle.remove(box)
                    self.count -= 1
                    return None
            return box.get()  # it was given work at the last moment


def patience_s(request: Request) -> float:
    """How long a request may queue, as its header says; infinite without one."""
    try:
        said_s = float(request.headers.get("x-arango-queue-time-seconds", 0))
    except ValueError:
        said_s = 0.0
    return said_s if said_s > 0 else float("inf")
