"""A collection's lock: many writers share it, or one transaction has it alone."""

from __future__ import annotations

import threading


class CollectionLock:
    """Shared or exclusive, with a time limit; who waits for it alone goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sharers = 0
        self._is_alone = False
        self._waiting_alone = 0

    def acquire(self, alone: bool, timeout_s: float) -> bool:
        """Whether the lock was got within ``timeout_s`` seconds."""
        with self._changed:
            self._waiting_alone += alone
            got = self._changed.wait_for(
                lambda: not (self._is_alone or (self._sharers if alone else self._waiting_alone)),
                min(timeout_s, threading.TIMEOUT_MAX),
            )
            self._waiting_alone -= alone
            self._is_alone |= alone and got
            self._sharers += got and not alone
            self._changed.notify_all()
            return got

    def release(self, alone: bool) -> None:
        """Give it back."""
        with self._changed:
            if alone:
                self._is_alone = False
            else:
                self._sharers -= 1
            self._changed.notify_all()
