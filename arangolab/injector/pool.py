"""Keep-alive connections to one or several servers; each is owned by one request at a time."""

from __future__ import annotations

import errno
import select
import socket as real_socket
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import gevent.socket
import gevent.ssl
from gevent import monkey
from gevent.lock import Semaphore

from arangolab.injector.failure import NOT_TRUSTED, NoReply
from arangolab.injector.traffic import Traffic

IDLE_S: Final = 10.0
"""An unused connection is closed after this many seconds: fewer clients, fewer descriptors."""
_PEEK: Final = real_socket.MSG_PEEK | real_socket.MSG_DONTWAIT


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a server listens."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Pool:
    """At most ``limit`` connections; the one used last is taken first, so that idle ones age."""

    def __init__(
        self,
        *,
        limit: int,
        connect_timeout_s: float,
        read_timeout_s: float,
        traffic: Traffic,
        tls: Any = None,
    ) -> None:
        self._idle: dict[Origin, deque[tuple[float, Any]]] = {}
        self._limit = limit
        self._slots = Semaphore(limit)
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._traffic = traffic
        self._tls = tls

    def grow(self, limit: int) -> None:
        """Allow ``limit`` connections, if that is more than before."""
        for _ in range(limit - self._limit):
            self._slots.release()
        self._limit = max(limit, self._limit)

    def take(self, origin: Origin) -> Any:
        """A connected socket that belongs to the caller until given back or dropped.

        Raises NoReply when none can be had within the connect timeout.
        """
        if not self._slots.acquire(timeout=self._connect_timeout_s):
            raise NoReply("no free connection", f"all {self._limit} connections are in use")
        try:
            idle = self._idle.get(origin)
            while idle:
                _, sock = idle.pop()
                if not _is_stale(sock):
                    return sock
                self._close(sock)
            return self._connect(origin)
        except BaseException:
            self._slots.release()
            raise

    def give_back(self, origin: Origin, sock: Any) -> None:
        """The reply was read to its end; another request may use the connection."""
        self._idle.setdefault(origin, deque()).append((time.monotonic(), sock))
        self._slots.release()

    def drop(self, sock: Any) -> None:
        """The connection cannot be used again."""
        self._close(sock)
        self._slots.release()

    def trim(self) -> None:
        """Close what was idle for long."""
        old = time.monotonic() - IDLE_S
        for idle in self._idle.values():
            while idle and idle[0][0] < old:
                self._close(idle.popleft()[1])

    def close(self) -> None:
        """Close all idle connections."""
        for idle in self._idle.values():
            while idle:
                self._close(idle.popleft()[1])

    def _connect(self, origin: Origin) -> Any:
        try:
            sock = gevent.socket.create_connection(
                (origin.host, origin.port), timeout=self._connect_timeout_s
            )
            sock.setsockopt(real_socket.IPPROTO_TCP, real_socket.TCP_NODELAY, 1)
            if origin.scheme == "https":
                if self._tls is None:
                    self._tls = gevent.ssl.create_default_context()
                sock = self._tls.wrap_socket(sock, server_hostname=origin.host)
        except OSError as error:
            raise connect_failure(origin, error) from error
        sock.settimeout(self._read_timeout_s)
        self._traffic.opened += 1
        self._traffic.open += 1
        return sock

    def _close(self, sock: Any) -> None:
        self._traffic.open -= 1
        sock.close()


def connect_failure(origin: Origin, error: OSError) -> NoReply:
    """The error of a connection attempt in a few words."""
    text = f"{origin.scheme}://{origin.authority}: {error}"
    if isinstance(error, gevent.ssl.SSLError):
        return NoReply(NOT_TRUSTED, text)
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return NoReply("connect timeout", text)
    if isinstance(error, real_socket.gaierror):
        return NoReply("no such host", text)
    if error.errno == errno.ECONNREFUSED:
        return NoReply("connection refused", text)
    return NoReply("no connection", text)


_original_poll: Any = monkey.get_original("select", "poll")


def _is_stale(sock: Any) -> bool:
    """Whether the server closed (or wrote to) the connection while it was idle."""
    if isinstance(sock, gevent.ssl.SSLSocket):
        poll = _original_poll()
        poll.register(sock.fileno(), select.POLLIN)
        return bool(poll.poll(0))
    try:
        sock._sock.recv(1, _PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
