"""The threads that keep an injector from outliving its runner, and that carry its messages.

They are real operating-system threads, started before gevent patches anything, and use nothing
that gevent replaces, so that they work whatever a scenario does to the event loop.
"""

from __future__ import annotations

import _queue
import _thread
import json
import os
import time
from collections import deque
from collections.abc import Callable
from typing import Final

EXIT_RUNNER_GONE: Final = 3
"""Exit status: stdin reached its end, or the parent process is another one now."""
EXIT_DEADLINE: Final = 4
"""Exit status: the deadline of the setup passed, or a stop was not obeyed in time."""

SETUP_WITHIN_S: Final = 60.0
STOP_GRACE_S: Final = 2.0
_POLL_S: Final = 0.2


class Watch:
    """Reads stdin, writes stdout, and ends the process when the runner is gone or time is up."""

    def __init__(self) -> None:
        self.lines: deque[bytes] = deque()
        self.notify: Callable[[], object] | None = None
        self._deadline_s = time.monotonic() + SETUP_WITHIN_S
        self._monotonic = time.monotonic
        self._sleep = time.sleep
        self._parent = os.getppid()
        self._outbox: _queue.SimpleQueue[bytes | None] = _queue.SimpleQueue()
        self._written = _thread.allocate_lock()
        self._stdout = os.dup(1)
        os.dup2(2, 1)  # what a scenario prints goes to stderr, never between messages
        self._written.acquire()

    def start(self) -> None:
        """Start the threads; to be called before gevent is imported."""
        for work in (self._read, self._write, self._guard):
            _thread.start_new_thread(work, ())

    def end_after(self, seconds: float) -> None:
        """End the process ``seconds`` from now at the latest, whatever happens."""
        self._deadline_s = self._monotonic() + seconds

    def send(self, line: bytes) -> None:
        """Write the line to stdout; never blocks, however slowly the runner reads."""
        self._outbox.put(line)

    def flush(self, timeout_s: float) -> bool:
        """Wait until all is written; the last thing a process does."""
        self._outbox.put(None)
        return self._written.acquire(timeout=timeout_s)

    def _read(self) -> None:
        rest = b""
        while chunk := os.read(0, 65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._mind_stop(line)
                self.lines.append(line)
            notify = self.notify
            if lines and notify is not None:
                notify()
        os._exit(EXIT_RUNNER_GONE)

    def _mind_stop(self, line: bytes) -> None:
        """Bring the deadline forward: a scenario that blocks the event loop cannot delay a stop."""
        if b'"stop"' not in line:
            return
        try:
            message = json.loads(line)
            if message.get("type") == "stop":
                self.end_after(float(message.get("drain_s", 0.0)) + STOP_GRACE_S)
        except (ValueError, AttributeError, TypeError):
            return

    def _write(self) -> None:
        while (line := self._outbox.get()) is not None:
            try:
                while line:
                    line = line[os.write(self._stdout, line) :]
            except OSError:
                os._exit(EXIT_RUNNER_GONE)
        self._written.release()

    def _guard(self) -> None:
        while os.getppid() == self._parent:
            if self._monotonic() > self._deadline_s:
                os._exit(EXIT_DEADLINE)
            self._sleep(_POLL_S)
        os._exit(EXIT_RUNNER_GONE)
