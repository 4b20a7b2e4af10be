"""The threads that answer requests: as many as are busy, up to a maximum; then a queue, up to its.

Work is handed to the worker that became idle last, so that the others can go; hand-over and
leaving happen under one lock, so that no request is ever lost.
"""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable

from arangolab.sandbox.connection import Connection
from arangolab.sandbox.faults import ArangoError

_URGENT_THREADS = 8


class _Worker:
    """One thread and what it is to do next."""

    __slots__ = ("job", "wake")

    def __init__(self, job: Connection) -> None:
        self.job: Connection | None = job
        self.wake = threading.Lock()
        self.wake.acquire()


class Workers:
    """The pool of threads."""

    def __init__(
        self,
        serve: Callable[[Connection], None],
        maximal_threads: int,
        maximal_queue_size: int,
        idle_s: float,
    ) -> None:
        self._serve = serve
        self._maximal = maximal_threads
        self.maximal_queue_size = maximal_queue_size
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._queue: collections.deque[tuple[Connection, float]] = collections.deque()
        self.last_dequeue_s = 0.0
        """How long the request that got a thread last had waited for it."""
        self.count = 0
        """Threads there are."""
        self.queue_full_failures = 0
        """Requests refused because the queue was full."""
        self.queue_time_violations = 0
        """Requests refused because they would wait, or have waited, longer than they may."""

    @property
    def idle_count(self) -> int:
        """Threads that wait for work."""
        return len(self._idle)

    @property
    def queue_length(self) -> int:
        """Requests for which there is no thread yet."""
        return len(self._queue)

    def submit(self, connection: Connection) -> None:
        """Have a request served; ArangoError 21003, 21004 when it must not queue."""
        with self._lock:
            if self._idle:
                self.last_dequeue_s = 0.0
                worker = self._idle.pop()
                worker.job = connection
                worker.wake.release()
                return
            urgent = _URGENT_THREADS if self.count >= self._maximal and connection.is_urgent else 0
            if self.count >= self._maximal + urgent:
                self._enqueue(connection)
                return
            if not self._queue:
                self.last_dequeue_s = 0.0
            self.count += 1
        try:
            threading.Thread(
                target=self._work, args=(_Worker(connection),), name="worker", daemon=True
            ).start()
        except RuntimeError:  # the system gives no more threads: wait for one of ours
            with self._lock:
                self.count -= 1
                self._queue.append((connection, time.monotonic()))

    def _enqueue(self, connection: Connection) -> None:
        if len(self._queue) >= self.maximal_queue_size:
            self.queue_full_failures += 1
            raise ArangoError(21003)
        if connection.patience_s < self.last_dequeue_s:
            self.queue_time_violations += 1
            raise ArangoError(21004)
        self._queue.append((connection, time.monotonic()))

    def _work(self, worker: _Worker) -> None:
        while worker.job is not None:
            connection, worker.job = worker.job, None
            self._serve(connection)
            with self._lock:
                if self.count > self._maximal:
                    self.count -= 1
                    return
                if self._queue:
                    worker.job = self._dequeue()
                    continue
                self._idle.append(worker)
            if not worker.wake.acquire(timeout=self._idle_s) and self._leaves(worker):
                return

    def _dequeue(self) -> Connection:
        connection, since_s = self._queue.popleft()
        self.last_dequeue_s = connection.queued_s = time.monotonic() - since_s
        return connection

    def _leaves(self, worker: _Worker) -> bool:
        with self._lock:
            if worker in self._idle:
                self._idle.remove(worker)
                self.count -= 1
                return True
        worker.wake.acquire()  # it was given work at the last moment
        return False
