"""The runner's side of an injector: its process, a thread that reads it, and no gevent.

This is the seam for injectors elsewhere: whatever offers ``send``, ``kill`` and messages in a
queue can take the place of a local process.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from dataclasses import dataclass
from typing import IO, Final

from arangolab.errors import RunError
from arangolab.injector.protocol import Message, Setup, decode, encode

KEPT_STDERR_LINES: Final = 20
_LINGER_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Exited:
    """The injector's process is gone; nothing more comes from it."""

    returncode: int
    """Exit status; negative: the signal that ended it."""
    stderr: str
    """The last lines it wrote to stderr."""


FromInjector = tuple[int, Message | Exited]
"""Worker number, and what came of it."""


class Injector:
    """An injector process; it dies with this one (its stdin ends)."""

    def __init__(self, setup: Setup, messages: queue.SimpleQueue[FromInjector]) -> None:
        """Start the process and send it the setup.

        Its messages are put into ``messages``, the last one being Exited.  Raises RunError when
        the process cannot be started.
        """
        self.worker = setup.worker
        self.messages = messages
        self._sending = threading.Lock()
        self._stderr: deque[str] = deque(maxlen=KEPT_STDERR_LINES)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "arangolab.injector"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )
        except OSError as error:
            raise RunError(
                f"The injector's process could not be started: {error}.",
                hint="check that this host allows more processes.",
            ) from error
        self._errors_read = threading.Thread(
            target=self._keep_stderr, name=f"injector-{self.worker}-stderr", daemon=True
        )
        self._errors_read.start()
        threading.Thread(target=self._forward, name=f"injector-{self.worker}", daemon=True).start()
        self.send(setup)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def send(self, message: Message) -> bool:
        """Send a message; False when the process no longer listens (Exited says more)."""
        try:
            with self._sending:
                stdin = _pipe(self._process.stdin)
                stdin.write(encode(message))
                stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def kill(self) -> None:
        """End the process at once; Exited follows in the queue."""
        self._process.kill()

    def wait(self, timeout_s: float) -> int | None:
        """The exit status, or None when the process still runs after ``timeout_s``."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """Let the process end by ending its stdin, and make sure that it did."""
        with contextlib.suppress(OSError), self._sending:
            _pipe(self._process.stdin).close()
        if self.wait(_LINGER_S) is None:
            self.kill()
            self._process.wait()

    def _forward(self) -> None:
        with _pipe(self._process.stdout) as stdout:
            for line in stdout:
                try:
                    message = decode(line)
                except ValueError:
                    self._stderr.append(line.decode("utf-8", "replace").rstrip())
                    continue
                self.messages.put((self.worker, message))
        if self.wait(_LINGER_S) is None:
            self._process.kill()
        returncode = self._process.wait()
        self._errors_read.join(_LINGER_S)
        self.messages.put((self.worker, Exited(returncode, "\n".join(self._stderr))))

    def _keep_stderr(self) -> None:
        with _pipe(self._process.stderr) as stderr:
            for line in stderr:
                self._stderr.append(line.decode("utf-8", "replace").rstrip())


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("no pipe")
    return pipe
