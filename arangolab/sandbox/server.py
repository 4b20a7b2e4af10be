"""The sandbox's "elastic" HTTP server: threads grow with busy requests, not with connections.

One selector thread owns all idle sockets and gathers what comes, so that slow clients need no
thread.  A whole request goes to a worker, which answers it and gives the socket back.  Workers
grow while none is idle, up to ``maximal_threads``, and go when they had nothing to do for
``idle_s`` seconds; beyond the maximum, requests queue, except that a few threads more answer
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
from arangolab.sandbox.workers import Workers

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
        *,
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
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        self.workers = Workers(self._serve, maximal_threads, maximal_queue_size, idle_s)
        self._selector = selectors.DefaultSelector()
        self._connections: dict[Connection, None] = {}
        self._unwatched: dict[Connection, None] = {}
        """To be watched again when their worker is done: more came before that."""
        self._stopping = False
        self._accepts_again_s = 0.0
        self._wake_up, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._selector.register(self._listener, selectors.EVENT_READ)

    @property
    def url(self) -> str:
        """Where it listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def connection_count(self) -> int:
        """Connections that are open, idle ones included."""
        return len(self._connections)

    def stop(self) -> None:
        """Make ``serve_forever`` return; safe in signal handlers and other threads."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._wake_up.send(b"\0")

    def serve_forever(self) -> None:
        """Serve until ``stop``; requests in progress may end with the process."""
        next_sweep_s = time.monotonic() + _SWEEP_S
        while not self._stopping:
            wait_s = _NO_DESCRIPTORS_S if self._accepts_again_s else _SWEEP_S
            for key, _ in self._selector.select(wait_s):
                connection = key.data
                if connection is not None:
                    self._receive(connection)
                elif key.fileobj is self._listener:
                    self._accept()
            now_s = time.monotonic()
            if self._accepts_again_s and now_s > self._accepts_again_s:
                self._accepts_again_s = 0.0
                self._selector.register(self._listener, selectors.EVENT_READ)
            if now_s > next_sweep_s:
                self._sweep(now_s)
                next_sweep_s = now_s + _SWEEP_S
        self._listener.close()
        for connection in list(self._connections):
            self._close(connection)
        self._selector.close()
        self._wake_up.close()
        self._woken.close()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError:  # out of file descriptors: let others finish first
                self._accepts_again_s = time.monotonic() + _NO_DESCRIPTORS_S
                self._selector.unregister(self._listener)
                return
            try:
                connection = Connection(accepted)
            except OSError:
                accepted.close()
                continue
            self._connections[connection] = None
            self._selector.register(accepted, selectors.EVENT_READ, connection)

    def _receive(self, connection: Connection) -> None:
        """Take what has come, and have it served once it is whole."""
        if connection.busy:
            self._look_away(connection)
            return
        try:
            if not connection.gather():
                return
        except OSError:
            self._close(connection)
            return
        if not connection.has_more:
            self._close(connection)
            return
        connection.busy = True
        try:
            self.workers.submit(connection)
        except ArangoError as error:
            self._refuse(connection, error)

    def _look_away(self, connection: Connection) -> None:
        """More comes, or the client goes, while a request is answered: see to it afterwards.

        Rare, hence sockets stay watched else.  Who takes the entry out watches again: the worker
        that is done, or this thread when the worker was done before the entry was made.
        """
        self._unwatch(connection)
        self._unwatched[connection] = None
        if not connection.busy or connection.socket.fileno() < 0:
            self._watch_again(connection)

    def _watch_again(self, connection: Connection) -> None:
        if self._unwatched.pop(connection, False) is None and connection.socket.fileno() >= 0:
            try:
                self._selector.register(connection.socket, selectors.EVENT_READ, connection)
            except (OSError, ValueError, RuntimeError, KeyError):
                self._close(connection)

    def _unwatch(self, connection: Connection) -> None:
        with contextlib.suppress(OSError, ValueError, RuntimeError, KeyError):
            self._selector.unregister(connection.socket)

    def _refuse(self, connection: Connection, error: ArangoError) -> None:
        """In the selector's thread: a reply that must not wait for anything."""
        reply = Reply(error.status, encode(error.to_dict()))
        try:
            request = connection.read() if connection.missing_bytes == 0 else None
            keep = request is not None and request.keep_alive
            last_s = self.workers.last_dequeue_s
            connection.send(reply, keep_alive=keep, queue_time_s=last_s, waits=False)
        except (OSError, HttpFault):
            keep = False
        if keep:
            self._take_back(connection)
        else:
            self._close(connection)

    def _sweep(self, now_s: float) -> None:
        """Close what was idle for too long, and tell those who did not finish a request."""
        for connection in list(self._connections):
            if connection.busy:
                continue
            if connection.has_more and connection.idle_since_s < now_s - SILENCE_S:
                self._refuse(connection, ArangoError(408, "the request did not come in time", 408))
            elif connection.idle_since_s < now_s - _KEEP_ALIVE_S:
                self._close(connection)

    def _close(self, connection: Connection) -> None:
        self._unwatch(connection)
        self._connections.pop(connection, None)
        self._unwatched.pop(connection, None)
        connection.close()

    def _serve(self, connection: Connection) -> None:
        """In a worker: answer what has come, then give the socket back."""
        try:
            open_still = self._answer(connection)
            while open_still and connection.is_whole:
                open_still = self._answer(connection)
        except OSError:
            open_still = False
        except Exception:
            traceback.print_exc(file=sys.stderr)
            open_still = False
        if not open_still or self._stopping:
            self._close(connection)
            return
        self._take_back(connection)

    def _take_back(self, connection: Connection) -> None:
        connection.idle_since_s = time.monotonic()
        connection.busy = False
        self._watch_again(connection)

    def _answer(self, connection: Connection) -> bool:
        """Read and answer one request; whether the connection stays open."""
        waited_s, patience_s = connection.queued_s, float("inf")
        if waited_s:
            patience_s = connection.patience_s
        try:
            request = connection.read()
        except HttpFault as fault:
            refusal = ArangoError(fault.status, fault.message, fault.status)
            connection.send(Reply(fault.status, encode(refusal.to_dict())), keep_alive=False)
            connection.socket.shutdown(socket.SHUT_WR)
            return False
        if request is None:
            return False
        request.queued_s, connection.queued_s = waited_s, 0.0
        if waited_s > patience_s:
            self.workers.queue_time_violations += 1
            violated = ArangoError(21004)
            reply = Reply(violated.status, encode(violated.to_dict()))
        else:
            reply = self._handler(request)
        head_only = request.method == "HEAD"
        connection.send(
            reply,
            keep_alive=request.keep_alive,
            head_only=head_only,
            queue_time_s=self.workers.last_dequeue_s,
        )
        return request.keep_alive
