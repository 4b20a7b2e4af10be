"""A connection to a server at work: what is written, what comes, and for how long it is awaited."""

from __future__ import annotations

import errno
import select
import socket as patched_socket
import time
from typing import Any, Final, Protocol

import gevent.socket
from gevent import get_hub, getcurrent, monkey

BLOCK_BYTES: Final = 65536
_ASK_AFTER_S: Final = 0.005
"""After so short a time the event loop's word is taken for it; later the kernel is asked too."""
_READ: Final = 1
_PEEK: Final = patched_socket.MSG_PEEK | patched_socket.MSG_DONTWAIT
_RealSocket: Any = monkey.get_original("socket", "socket")
_real_poll: Any = monkey.get_original("select", "poll")


class Line(Protocol):
    """One connection; one greenlet at a time uses it."""

    def write(self, data: bytes) -> None:
        """Send all of it; raises OSError, TimeoutError when the server does not take it."""

    def read(self) -> bytes:
        """What came; b"" at the end.  Raises OSError, TimeoutError when nothing comes in time."""

    def is_stale(self, idle_s: float) -> bool:
        """Whether the server closed (or wrote to) the connection in the time nobody used it."""

    def overdue(self, now_s: float) -> None:
        """Wake who has waited too long by then."""

    def close(self) -> None:
        """Close it."""


class PlainLine:
    """A TCP connection that the event loop watches for as long as it is open.

    gevent's own sockets ask the kernel before each wait whether something is there, tell epoll of
    each wait, and make a timer for it; a watcher that stays and one timer for all lines
    (:meth:`overdue`) halve what a request costs.
    """

    __slots__ = (
        "_fd",
        "_hub",
        "_since_s",
        "_sock",
        "_stirred",
        "_timeout_s",
        "_waiter",
        "_watcher",
    )

    def __init__(self, sock: Any, timeout_s: float) -> None:
        """``sock``: connected, gevent's; the line takes it over."""
        self._hub = get_hub()
        self._fd: int = sock.detach()
        self._sock = _RealSocket(fileno=self._fd)
        self._sock.setblocking(False)
        self._timeout_s = timeout_s
        self._since_s = 0.0
        self._waiter: Any = None
        self._stirred = False
        """Something came, or the end, while nobody waited."""
        self._watcher = self._hub.loop.io(self._fd, _READ)
        self._watcher.start(self._stirs)

    def write(self, data: bytes) -> None:
        """Send all of it; raises OSError, TimeoutError when the server does not take it."""
        sent = self._send(data)
        if sent == len(data):
            return
        rest = memoryview(data)[sent:]
        while rest:
            gevent.socket.wait_write(self._fd, self._timeout_s, _too_late())
            rest = rest[self._send(rest) :]

    def read(self) -> bytes:
        """What came; b"" at the end.  Raises OSError, TimeoutError when nothing comes in time."""
        while True:
            if self._stirred:
                self._stirred = False
                self._watcher.start(self._stirs)
            else:
                self._wait()
            try:
                data: bytes = self._sock.recv(BLOCK_BYTES)
            except BlockingIOError:
                continue
            return data

    def is_stale(self, idle_s: float) -> bool:
        """Whether the server closed (or wrote to) the connection in the time nobody used it."""
        if self._stirred or idle_s < _ASK_AFTER_S:
            return self._stirred
        try:
            self._sock.recv(1, _PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def overdue(self, now_s: float) -> None:
        """Wake who has waited too long by then; to be called by the event loop."""
        waiter = self._waiter
        if waiter is not None and now_s - self._since_s > self._timeout_s:
            self._waiter = None
            waiter.throw(_too_late())

    def close(self) -> None:
        """Close it."""
        self._watcher.stop()
        self._watcher.close()
        self._sock.close()

    def _send(self, data: Any) -> int:
        try:
            sent: int = self._sock.send(data)
        except BlockingIOError:
            return 0
        return sent

    def _wait(self) -> None:
        self._since_s = time.monotonic()
        self._waiter = getcurrent()
        try:
            self._hub.switch()
        finally:
            self._waiter = None

    def _stirs(self) -> None:
        """The event loop: there is something to read."""
        waiter, self._waiter = self._waiter, None
        if waiter is None:
            self._stirred = True
            self._watcher.stop()
        else:
            waiter.switch()


class TlsLine:
    """A TLS connection, on gevent's own socket."""

    __slots__ = ("_sock",)

    def __init__(self, sock: Any, timeout_s: float) -> None:
        """``sock``: connected, its handshake done; the line takes it over."""
        self._sock = sock
        sock.settimeout(timeout_s)

    def write(self, data: bytes) -> None:
        """Send all of it; raises OSError, TimeoutError when the server does not take it."""
        self._sock.sendall(data)

    def read(self) -> bytes:
        """What came; b"" at the end.  Raises OSError, TimeoutError when nothing comes in time."""
        data: bytes = self._sock.recv(BLOCK_BYTES)
        return data

    def is_stale(self, idle_s: float) -> bool:
        """Whether the server closed (or wrote to) the connection in the time nobody used it."""
        del idle_s  # the kernel is asked each time
        poll = _real_poll()
        poll.register(self._sock.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def overdue(self, now_s: float) -> None:
        """The socket keeps its own time."""

    def close(self) -> None:
        """Close it."""
        self._sock.close()


def _too_late() -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, "the server kept us waiting")
