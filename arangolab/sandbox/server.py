"""The sandbox's "elastic" HTTP server: threads grow with busy requests, not with connections.

One selector thread gathers what comes on all sockets, so that slow clients need no thread; a
whole request goes to a worker.  Workers grow while none is idle, up to ``maximal_threads``, and
go when they had nothing to do for ``idle_s`` seconds; beyond the maximum, requests queue, except
that a few threads more answer ``/_admin/...``.  Beyond ``maximal_queue_size`` requests that
queue, and where a client's patience (``x-arango-queue-time-seconds``) is shorter than the last
wait, the selector thread itself refuses.
"""

from __future__ import annotations

import collections
import contextlib
import queue
import selectors
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial

from arangolab.sandbox.connection import SILENCE_S, Connection
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import HttpFault, Reply, Request, encode

Handler = Callable[[Request], Reply]
Job = tuple[Connection, Request]

_KEEP_ALIVE_S = 300.0
_SWEEP_S = 5.0
_URGENT_THREADS = 8


class Workers:
    """The threads that answer requests; what became idle last gets work first, so others can go.

    Hand-over and leaving happen under one lock, so that no request is ever lost.
    """

    def __init__(
        self, serve: Callable[..., None], maximal: int, queue_size: int, idle_s: float
    ) -> None:
        self._serve = serve
        self._maximal = maximal
        self.maximal_queue_size = queue_size
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._idle: list[queue.SimpleQueue[Job]] = []
        self._queue: collections.deque[tuple[Job, float]] = collections.deque()
        self.count = 0
        """Threads there are."""
        self.last_dequeue_s = 0.0
        """How long the request that got a thread last had waited for it."""
        self.queue_full_failures = self.queue_time_violations = 0

    @property
    def idle_count(self) -> int:
        """Threads that wait for work."""
        return len(self._idle)

    @property
    def queue_length(self) -> int:
        """Requests for which there is no thread yet."""
        return len(self._queue)

    def submit(self, job: Job) -> None:
        """Have a request served; ArangoError 21003, 21004 when it must not queue."""
        most = self._maximal + (_URGENT_THREADS if "/_admin/" in job[1].path else 0)
        with self._lock:
            if self._idle or self.count < self._maximal:
                self.last_dequeue_s = 0.0
            if self._idle:
                self._idle.pop().put(job)
            elif self.count < most:
                self.count += 1
                try:
                    threading.Thread(target=self._work, args=(job,), daemon=True).start()
                except RuntimeError:  # the system gives no more
                    self.count -= 1
                    raise
            else:
                self._enqueue(job)

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
        with contextlib.suppress(queue.Empty):
            return box.get(timeout=self._idle_s)
        with self._lock:
            if box in self._idle:
                self._idle.remove(box)
                self.count -= 1
                return None
        return box.get()  # it was given work at the last moment


def patience_s(request: Request) -> float:
    """How long a request may queue, as its header says; infinite without one."""
    with contextlib.suppress(ValueError):
        said_s = float(request.headers.get("x-arango-queue-time-seconds", 0))
        return said_s if said_s > 0 else float("inf")
    return float("inf")


class ElasticServer:
    """Listens, and serves each request with ``handler``, which must not raise."""

    def __init__(
        self,
        handler: Handler,
        host: str = "127.0.0.1",
        port: int = 0,
        maximal_threads: int = 128,
        maximal_queue_size: int = 4096,
        idle_s: float = 5.0,
    ) -> None:
        """Raises OSError when the address cannot be had."""
        self._handler = handler
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=1024)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        self.workers = Workers(self._serve, maximal_threads, maximal_queue_size, idle_s)
        self._connections: set[Connection] = set()
        self._stopping = False
        self._wake_up, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ, lambda: None)
        self._listen()

    @property
    def connection_count(self) -> int:
        """Connections that are open, idle ones included."""
        return len(self._connections)

    def stop(self) -> None:
        """Make ``serve_forever`` return; safe in signal handlers and other threads."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._wake_up.send(b"\0")

    # ---- in the selector's thread

    def serve_forever(self) -> None:
        """Serve until ``stop``; requests in progress may end with the process."""
        next_sweep_s = time.monotonic() + _SWEEP_S
        while not self._stopping:
            for key, _ in self._selector.select(_SWEEP_S):
                key.data()
            if (now_s := time.monotonic()) > next_sweep_s:
                self._sweep(now_s)
                next_sweep_s = now_s + _SWEEP_S
        for connection in list(self._connections):
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
        self._connections.add(connection)
        receive = partial(self._receive, connection)
        self._selector.register(connection.socket, selectors.EVENT_READ, receive)

    def _receive(self, connection: Connection) -> None:
        with connection.lock:
            try:
                connection.receive()
                if connection.ended:
                    self._unwatch(connection)
                if not connection.busy:
                    self._advance(connection)
            except Exception as error:
                self._fail(connection, error)

    def _advance(self, connection: Connection) -> None:
        """Have the next request served, if it is whole.  The connection's lock is held."""
        connection.busy = False
        try:
            while connection in self._connections and not connection.busy:
                if (request := connection.next()) is None:
                    break
                try:
                    self.workers.submit((connection, request))
                    connection.busy = True
                except ArangoError as error:
                    self._refuse(connection, error, request)
        except HttpFault as fault:
            self._refuse(connection, ArangoError(fault.status, fault.message, fault.status))
        if connection.ended and not connection.busy:
            self._close(connection)

    def _sweep(self, now_s: float) -> None:
        """Close what was idle for too long, and tell those who did not finish a request."""
        self._listen()
        late = ArangoError(408, "the request did not come in time", 408)
        for connection in [one for one in list(self._connections) if not one.busy]:
            silent_s = now_s - connection.heard_s
            if silent_s > (SILENCE_S if connection.within else _KEEP_ALIVE_S):
                self._refuse(connection, late) if connection.within else self._close(connection)

    def _refuse(
        self, connection: Connection, error: ArangoError, request: Request | None = None
    ) -> None:
        """Answer without waiting for anything; close, unless it was a request that goes on."""
        reply = Reply(error.status, encode(error.to_dict()))
        try:
            connection.send(reply, request, self.workers.last_dequeue_s, socket.MSG_DONTWAIT)
            if request is not None and request.keep_alive:
                return
            connection.socket.shutdown(socket.SHUT_WR)
            connection.receive()  # what stays unread could cost the client the reply
        except OSError:
            pass
        self._close(connection)

    def _fail(self, connection: Connection, error: Exception) -> None:
        if not isinstance(error, OSError):  # the client's going is no news
            traceback.print_exception(error, file=sys.stderr)
        self._close(connection)

    def _unwatch(self, connection: Connection) -> None:
        with contextlib.suppress(OSError, ValueError, RuntimeError, KeyError):
            self._selector.unregister(connection.socket)

    def _close(self, connection: Connection) -> None:
        self._unwatch(connection)
        self._connections.discard(connection)
        connection.socket.close()
        self._listen()

    # ---- in a worker

    def _serve(self, connection: Connection, request: Request) -> None:
        """Answer, then leave the connection to whoever gets its next request."""
        try:
            connection.send(self._answer(request), request, self.workers.last_dequeue_s)
            if not request.keep_alive or self._stopping:
                self._close(connection)
                return
            connection.heard_s = time.monotonic()
            with connection.lock:
                self._advance(connection)
        except Exception as error:
            self._fail(connection, error)

    def _answer(self, request: Request) -> Reply:
        if request.queued_s and request.queued_s > patience_s(request):
            self.workers.queue_time_violations += 1
            violated = ArangoError(21004)
            return Reply(violated.status, encode(violated.to_dict()))
        return self._handler(request)
