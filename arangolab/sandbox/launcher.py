"""The sandbox as a child process: started, used, ended with its parent.

    with start(v8_contexts=2, v8_wait_s=2.0) as sandbox:
        sandbox.url, sandbox.pid

The child ends when its standard input does, so it cannot outlive whoever started it.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import Final

from arangolab.errors import SandboxError
from arangolab.sandbox import knobs

_START_S: Final = 30.0
_STOP_S: Final = 5.0


class SandboxProcess(contextlib.AbstractContextManager["SandboxProcess"]):
    """A running sandbox."""

    url: str
    """Where it listens, such as http://127.0.0.1:34567."""
    pid: int
    version: str
    user: str

    def __init__(self, process: subprocess.Popen[bytes], told: bytes, password: str) -> None:
        """``told``: what it said of itself, url, pid, version and user in JSON."""
        self._process = process
        self.password = password
        vars(self).update(json.loads(told))
        atexit.register(self.stop)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process; nothing happens when it has ended."""
        atexit.unregister(self.stop)
        self._process.terminate()
        try:
            self._process.communicate(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "running" if self.alive else "stopped"
        return f"<SandboxProcess {self.url} pid {self.pid} {state}>"

    def _repr_html_(self) -> str:
        state = "runs" if self.alive else "has stopped"
        return (
            f"The sandbox (speaks ArangoDB {self.version}) {state}: <code>{self.url}</code>, "
            f"user <code>{self.user}</code>, process {self.pid}."
        )


def start(
    *, port: int = 0, password: str = "", options: tuple[str, ...] = (), **turned: float
) -> SandboxProcess:
    """Start a sandbox and wait until it listens; SandboxError when it does not.

    ``turned``: knobs (see ``arangolab.sandbox.knobs``) such as ``v8_contexts=2``; InputError for
    one there is not.  ``options``: more of ``python -m arangolab.sandbox``, such as
    ("--speaks", "4.0").
    """
    command = [sys.executable, "-P", "-m", "arangolab.sandbox", "--json", "--parent-watch"]
    command += ["--port", str(port), *knobs.as_options(turned), *options]
    env = {**os.environ, "ARANGOLAB_PASSWORD": password}
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=errors, env=env, start_new_session=True
            )
        except OSError as error:
            raise SandboxError(f"The sandbox cannot be started ({error}).") from error
        assert process.stdout is not None  # noqa: S101
        killer = threading.Timer(_START_S, process.kill)
        killer.start()
        line = process.stdout.readline()
        killer.cancel()
        if not line.endswith(b"}\n"):
            process.kill()
            process.communicate()
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip() or "it said nothing."
            raise SandboxError(f"The sandbox did not start: {said.splitlines()[-1]}")
    return SandboxProcess(process, line, password)
