"""A collection's lock: many writers share it, or one transaction has it alone."""

from __future__ import annotations

import threading
from collections.abc import Callable


class CollectionLock:
    """Shared or exclusive, with a time limit; who waits for it alone goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._sharers = 0
        self._alone = False
        self._waiting_alone = 0

    def acquire(self, *, exclusive: bool, timeout_s: float) -> bool:
        """Whether the lock was got within ``timeout_s`` seconds."""
        with self._changed:
            if exclusive:
                return self._acquire_alone(timeout_s)
            if (self._alone or self._waiting_alone) and not self._wait(
                lambda: not self._alone and not self._waiting_alone, timeout_s
            ):
                return False
            self._sharers += 1
            return True

    def _acquire_alone(self, timeout_s: float) -> bool:
        self._waiting_alone += 1
        try:
            if not self._wait(lambda: not self._alone and not self._sharers, timeout_s):
                return False
            self._alone = True
            return True
        finally:
            self._waiting_alone -= 1
            self._changed.notify_all()

    def _wait(self, free: Callable[[], bool], timeout_s: float) -> bool:
        return self._changed.wait_for(free, min(timeout_s, threading.TIMEOUT_MAX))

    def release(self, *, exclusive: bool) -> None:
        """Give it back."""
        with self._changed:
            if exclusive:
                self._alone = False
            else:
                self._sharers -= 1
            if not self._sharers:
                self._changed.notify_all()
