"""The sandbox's "elastic" HTTP server: threads grow with busy requests, not with connections.

One selector thread gathers what comes on all sockets, so that slow clients need no thread.  A
whole request goes to a worker, which answers it and those that came behind it.  Workers grow
while none is idle, up to ``maximal_threads``, and go when they had nothing to do for ``idle_s``
seconds; beyond the maximum, requests queue, except that a few threads more answer
``/_admin/...``.  Beyond ``maximal_queue_size`` requests that queue, and where a client's patience
(``x-arango-queue-time-seconds``) is shorter than the last wait, the selector thread itself
refuses.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import time
import traceback
from collections.abc import Callable

from arangolab.sandbox.connection import SILENCE_S, Connection
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import HttpFault, Reply, Request, encode
from arangolab.sandbox.workers import Workers, patience_s

Handler = Callable[[Request], Reply]

_KEEP_ALIVE_S = 300.0
_SWEEP_S = 5.0
_BACKLOG = 1024
_NO_DESCRIPTORS_S = 0.05


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
        self._listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        """Where it listens."""
        self.workers = Workers(self._serve, maximal_threads, maximal_queue_size, idle_s)
        self._connections: set[Connection] = set()
        self._stopping = False
        self._wake_up, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ)
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
                if key.data is not None:
                    self._receive(key.data)
                elif key.fileobj is self._listener:
                    self._accept()
            if (now_s := time.monotonic()) > next_sweep_s:
                self._sweep(now_s)
                next_sweep_s = now_s + _SWEEP_S
        for connection in list(self._connections):
            self._close(connection)
        for one in (self._listener, self._selector, self._wake_up, self._woken):
            one.close()

    def _listen(self) -> None:
        with contextlib.suppress(KeyError, ValueError):  # it does already, or does no more
            self._selector.register(self._listener, selectors.EVENT_READ)

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError:  # out of file descriptors: until a connection goes
                self._selector.unregister(self._listener)
                return
            try:
                connection = Connection(accepted)
            except OSError:
                accepted.close()
                continue
            self._connections.add(connection)
            self._selector.register(accepted, selectors.EVENT_READ, connection)

    def _receive(self, connection: Connection) -> None:
        with connection.lock:
            try:
                if not connection.receive():
                    self._unwatch(connection)
                if not connection.busy:
                    self._advance(connection, in_worker=False)
            except Exception as error:
                self._fail(connection, error)

    def _advance(self, connection: Connection, *, in_worker: bool) -> Request | None:
        """Have the next request served, if it is whole; what the asking worker is to answer itself.

        The connection's lock is held.
        """
        try:
            while (request := connection.next()) is not None:
                connection.busy = True
                if in_worker and not self.workers.are_crowded:
                    return request
                try:
                    self.workers.submit((connection, request))
                    return None
                except ArangoError as error:
                    self._refuse(connection, error, request)
        except HttpFault as fault:
            self._refuse(connection, ArangoError(fault.status, fault.message, fault.status))
        if connection.busy:
            connection.rest()
        if connection.ended:
            self._close(connection)
        return None

    def _sweep(self, now_s: float) -> None:
        """Close what was idle for too long, and tell those who did not finish a request."""
        self._listen()
        late = ArangoError(408, "the request did not come in time", 408)
        for connection in [one for one in list(self._connections) if not one.busy]:
            silent_s = now_s - connection.heard_s
            if silent_s > (SILENCE_S if connection.is_midway else _KEEP_ALIVE_S):
                self._refuse(connection, late) if connection.is_midway else self._close(connection)

    def _refuse(
        self, connection: Connection, error: ArangoError, request: Request | None = None
    ) -> None:
        """Answer without waiting for anything; close, unless it was a request that goes on."""
        reply = Reply(error.status, encode(error.to_dict()))
        try:
            connection.send(reply, request, self.workers.last_dequeue_s, socket.MSG_DONTWAIT)
            if request is None or not request.keep_alive:
                connection.socket.shutdown(socket.SHUT_WR)
                connection.receive()  # what stays unread could cost the client the reply
                self._close(connection)
        except OSError:
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

    def _serve(self, connection: Connection, request: Request | None) -> None:
        """Answer, and then what has come meanwhile; then leave it to the selector's thread."""
        while request is not None:
            try:
                self._answer(connection, request)
                if not request.keep_alive or self._stopping:
                    self._close(connection)
                    return
                with connection.lock:
                    request = self._advance(connection, in_worker=True)
            except Exception as error:
                self._fail(connection, error)
                return

    def _answer(self, connection: Connection, request: Request) -> None:
        if request.queued_s and request.queued_s > patience_s(request):
            self.workers.queue_time_violations += 1
            violated = ArangoError(21004)
            reply = Reply(violated.status, encode(violated.to_dict()))
        else:
            reply = self._handler(request)
        connection.send(reply, request, self.workers.last_dequeue_s)
