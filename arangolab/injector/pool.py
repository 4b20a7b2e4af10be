"""Keep-alive connections to one or several servers; each is owned by one request at a time."""

from __future__ import annotations

import errno
import socket
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import gevent.socket
import gevent.ssl
from gevent import get_hub
from gevent.lock import Semaphore

from arangolab.injector.failure import NOT_TRUSTED, NoReply
from arangolab.injector.line import Line, PlainLine, TlsLine
from arangolab.injector.traffic import Traffic

IDLE_S: Final = 10.0
"""An unused connection is closed after this many seconds: fewer clients, fewer descriptors."""
_LOOK_EVERY_S: Final = 0.25
"""How often it is seen who has waited too long for a reply."""


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
        self._idle: dict[Origin, deque[tuple[float, Line]]] = {}
        self._lines: set[Line] = set()
        self._limit = limit
        self._slots = Semaphore(limit)
        self.connect_timeout_s = connect_timeout_s
        """Seconds for a connection to come up, or to become free."""
        self._read_timeout_s = read_timeout_s
        self._traffic = traffic
        self._tls = tls
        every_s = min(_LOOK_EVERY_S, read_timeout_s / 10)
        self._timer = get_hub().loop.timer(every_s, every_s, ref=False)
        self._timer.start(self._look_at_the_clock)

    def grow(self, limit: int) -> None:
        """Allow ``limit`` connections, if that is more than before."""
        for _ in range(limit - self._limit):
            self._slots.release()
        self._limit = max(limit, self._limit)

    def take(self, origin: Origin) -> Line:
        """A connection that belongs to the caller until given back or dropped.

        Raises NoReply when none can be had within the connect timeout.
        """
        if not self._slots.acquire(timeout=self.connect_timeout_s):
            raise NoReply("no free connection", f"all {self._limit} connections are in use")
        try:
            idle = self._idle.get(origin)
            while idle:
                since_s, line = idle.pop()
                if not line.is_stale(time.monotonic() - since_s):
                    return line
                self._close(line)
            return self._connect(origin)
        except BaseException:
            self._slots.release()
            raise

    def give_back(self, origin: Origin, line: Line) -> None:
        """The reply was read to its end; another request may use the connection."""
        idle = self._idle.get(origin)
        if idle is None:
            idle = self._idle[origin] = deque()
        idle.append((time.monotonic(), line))
        self._slots.release()

    def drop(self, line: Line) -> None:
        """The connection cannot be used again."""
        self._close(line)
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

    def _connect(self, origin: Origin) -> Line:
        sock: Any = None
        try:
            sock = gevent.socket.create_connection(
                (origin.host, origin.port), timeout=self.connect_timeout_s
            )
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line: Line
            if origin.scheme == "https":
                sock = self._trusted(sock, origin)
                line = TlsLine(sock, self._read_timeout_s)
            else:
                line = PlainLine(sock, self._read_timeout_s)
        except OSError as error:
            if sock is not None:
                sock.close()
            raise connect_failure(origin, error) from error
        self._lines.add(line)
        self._traffic.opened += 1
        self._traffic.open += 1
        return line

    def _trusted(self, sock: Any, origin: Origin) -> Any:
        """The TLS connection over it, the server's certificate checked."""
        if self._tls is None:
            self._tls = gevent.ssl.create_default_context()
        return self._tls.wrap_socket(sock, server_hostname=origin.host)

    def _look_at_the_clock(self) -> None:
        now_s = time.monotonic()
        for line in tuple(self._lines):
            line.overdue(now_s)

    def _close(self, line: Line) -> None:
        self._traffic.open -= 1
        self._lines.discard(line)
        line.close()


def connect_failure(origin: Origin, error: OSError) -> NoReply:
    """The error of a connection attempt in a few words."""
    text = f"{origin.scheme}://{origin.authority}: {error}"
    if isinstance(error, gevent.ssl.SSLError):
        return NoReply(NOT_TRUSTED, text)
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return NoReply("connect timeout", text)
    if isinstance(error, socket.gaierror):
        return NoReply("no such host", text)
    if error.errno == errno.ECONNREFUSED:
        return NoReply("connection refused", text)
    return NoReply("no connection", text)
