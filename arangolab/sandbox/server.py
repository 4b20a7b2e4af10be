"""The sandbox's "elastic" HTTP server: threads grow with busy requests, not with connections.

A connection belongs to the selector's thread, which gathers what comes, so that slow clients need
no thread; with a whole request it goes to a worker, and then back.  Workers grow while none is
idle, up to ``maximal_threads``, and go when there was nothing to do for them for ``idle_s``
seconds; beyond the maximum, requests queue, except that a few threads more answer ``/_admin/...``.
Refused are requests beyond ``maximal_queue_size``, and those whose client's patience
(``x-arango-queue-time-seconds``) is shorter than the last wait.
"""

from __future__ import annotations

import contextlib
import math
import queue
import selectors
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Connection, Reply, Request, refusal
from arangolab.sandbox.knobs import Knobs

Handler = Callable[[Request], Reply]
Job = tuple[Connection, Request]

_KEEP_ALIVE_S = 300.0
_URGENT_THREADS = 8


class Workers:
    """The threads that answer requests."""

    def __init__(self, serve: Callable[..., None], knobs: Knobs) -> None:
        self._serve, self._knobs = serve, knobs
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[tuple[Job | None, float]] = queue.SimpleQueue()
        self.count = 0
        """Threads there are."""
        self.backlog = 0
        """Requests for which there is no thread yet; below 0: threads that wait for work."""
        self._spare = 0
        """The least number of idle threads since the last ``rest``."""
        self.last_dequeue_s = 0.0
        """How long the request that was taken last had waited for its thread."""
        self.queue_full_failures = self.queue_time_violations = 0

    def submit(self, job: Job) -> None:
        """Have a request served; ArangoError 21003, 21004 when it must not queue."""
        most = self._knobs.maximal_threads + _URGENT_THREADS * ("/_admin/" in job[1].path)
        with self._lock:
            if self.backlog >= 0 and self.count < most:
                self.count += 1
                try:
                    threading.Thread(target=self._work, args=(job,), daemon=True).start()
                except RuntimeError:  # the system gives no more
                    self.count -= 1
                    raise
                return
            if self.backlog >= self._knobs.maximal_queue_size:
                self.queue_full_failures += 1
                raise ArangoError(21003)
            if self.backlog >= 0 and _patience_s(job[1]) < self.last_dequeue_s:
                self.queue_time_violations += 1
                raise ArangoError(21004)
            self.backlog += 1
            self._spare = min(self._spare, max(-self.backlog, 0))
        self._jobs.put((job, time.monotonic()))

    def rest(self) -> None:
        """Let as many threads go as had no work since the last time."""
        with self._lock:
            for _ in range(self._spare):
                self._jobs.put((None, 0.0))
            self.backlog += self._spare
            self.count -= self._spare
            self._spare = max(-self.backlog, 0)

    def _work(self, job: Job | None) -> None:
        while job is not None:
            self._serve(*job)
            job = self._next()

    def _next(self) -> Job | None:
        """What to do next; None to leave."""
        with self._lock:
            if self.count > self._knobs.maximal_threads:
                self.count -= 1
                return None
            self.backlog -= 1
        job, since_s = self._jobs.get()
        if job is not None:  # in whole milliseconds, as ArangoDB counts
            self.last_dequeue_s = job[1].queued_s = int((time.monotonic() - since_s) * 1e3) / 1e3
        return job


def _patience_s(request: Request) -> float:
    """How long the last wait may have been, as its header says; infinite without one."""
    with contextlib.suppress(ValueError):
        said_s = float(request.headers.get("x-arango-queue-time-seconds", 0))
        return said_s if said_s > 0 else math.inf
    return math.inf


class ElasticServer:
    """Listens, and serves each request with ``handler``, which must not raise."""

    def __init__(
        self, handler: Handler, host: str, port: int, knobs: Knobs, idle_s: float = 5.0
    ) -> None:
        """Raises OSError when the address cannot be had."""
        self._handler, self._idle_s = handler, idle_s
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=1024)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        self.workers = Workers(self._go_on, knobs)
        self.connections: set[Connection] = set()
        self._stopping = False
        self._wake_up, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ, lambda: None)
        self._listen()

    def stop(self) -> None:
        """Make ``serve_forever`` return; safe in signal handlers and other threads."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._wake_up.send(b"\0")

    def serve_forever(self) -> None:
        """Serve until ``stop``; requests in progress may end with the process."""
        swept_s = time.monotonic()
        while not self._stopping:
            for key, _ in self._selector.select(self._idle_s):
                key.data()
            if time.monotonic() > swept_s + self._idle_s:
                swept_s = time.monotonic()
                self.workers.rest()
                self._listen()
                for connection in list(self.connections):
                    if swept_s - connection.heard_s > _KEEP_ALIVE_S:
                        self._close(connection)
        for connection in list(self.connections):
            self._close(connection)
        for one in (self._listener, self._selector, self._wake_up, self._woken):
            one.close()

    def _listen(self) -> None:
        with contextlib.suppress(KeyError, ValueError):  # it does already, or does no more
            self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def _accept(self) -> None:
        try:
            connection = Connection(self._listener.accept()[0])
        except BlockingIOError:
            return
        except OSError:  # out of file descriptors: until a connection goes
            self._selector.unregister(self._listener)
            return
        self.connections.add(connection)
        self._wait(connection)

    def _wait(self, connection: Connection) -> None:
        """Leave a connection to the selector until more comes; who has it leaves it alone then."""
        connection.heard_s = time.monotonic()
        receive = partial(self._go_on, connection)
        self._selector.register(connection.socket, selectors.EVENT_READ, receive)

    def _go_on(self, connection: Connection, request: Request | None = None) -> None:
        """Take what has come, or (in a worker) answer a request; then see to the next one."""
        try:
            if request is None:
                self._selector.unregister(connection.socket)
                stays = connection.receive()
            else:
                stays = self._answer(connection, request, self._handler(request))
            (self._advance if stays else self._close)(connection)
        except Exception as error:
            self._close(connection, error)

    def _advance(self, connection: Connection) -> None:
        """Give the next request to a worker; wait for more if it is not whole."""
        stays = True
        while stays:
            request = None
            try:
                if (request := connection.next()) is None:
                    self._wait(connection)
                else:
                    connection.heard_s = math.inf
                    self.workers.submit((connection, request))
                return
            except ArangoError as error:
                stays = self._answer(connection, request, refusal(error), socket.MSG_DONTWAIT)
        self._close(connection)

    def _answer(
        self, connection: Connection, request: Request | None, reply: Reply, flags: int = 0
    ) -> bool:
        """Whether the connection stays open then; not after what is no request (None)."""
        connection.send(reply, request, self.workers.last_dequeue_s, flags)
        if request is not None and request.keep_alive and not self._stopping:
            return True
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_WR)
            connection.receive()  # what stays unread could cost the client the reply
        return False

    def _close(self, connection: Connection, error: Exception | None = None) -> None:
        if error is not None and not isinstance(error, OSError):  # a client's going is no news
            traceback.print_exception(error, file=sys.stderr)
        with contextlib.suppress(OSError, ValueError, RuntimeError, KeyError):
            self._selector.unregister(connection.socket)
        self.connections.discard(connection)
        connection.socket.close()
        self._listen()
