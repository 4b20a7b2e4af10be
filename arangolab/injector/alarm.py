"""Wakes a greenlet when it is time, to a few hundredths of a millisecond."""

from __future__ import annotations

import ctypes
import math
import os
from typing import Any, Final

from gevent import get_hub
from gevent.event import Event

_CLOCK_MONOTONIC: Final = 1
_NONBLOCK_CLOEXEC: Final = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE: Final = 1
_READ: Final = 1


class _Moments(ctypes.Structure):
    """``struct itimerspec``: interval and first expiry, each in seconds and nanoseconds."""

    _fields_ = tuple(
        (name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns")
    )


class Alarm:
    """One greenlet waits; whoever else runs may wake it before its time.

    The event loop's own timers come back on whole milliseconds of epoll; a timer that is a file
    descriptor (timerfd_create(2)) is watched like a socket, and comes back when it is time.
    """

    def __init__(self) -> None:
        self._bell = Event()
        self._libc: Any = ctypes.CDLL(None, use_errno=True)
        self._fd: int = self._libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._moments = _Moments()
        self._at = ctypes.byref(self._moments)
        self._watcher = get_hub().loop.io(self._fd, _READ)
        self._watcher.start(self._expired)

    def wait_until(self, moment_s: float) -> None:
        """Wait until that time of ``time.monotonic``, or until somebody rings; inf: only that."""
        if not math.isinf(moment_s):
            whole_s = int(moment_s)
            self._moments.first_s = whole_s
            self._moments.first_ns = int((moment_s - whole_s) * 1e9) + 1
            self._libc.timerfd_settime(self._fd, _ABSOLUTE, self._at, None)
        self._bell.wait()
        self._bell.clear()

    def ring(self) -> None:
        """Wake who waits, or who will wait next."""
        self._bell.set()

    def _expired(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return
        self._bell.set()
