"""The kernel's side of a run: start it, steer it, wait for it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from arangolab.errors import ArangolabError, RunError, of_kind
from arangolab.plan import Plan
from arangolab.runfile.database import leave_log
from arangolab.runfile.reader import Run, open_run
from arangolab.runner.order import Order
from arangolab.runner.steered import SteeredRun
from arangolab.target import Target

BEGIN_WITHIN_S: Final = 90.0
_STOP_WITHIN_S: Final = 5.0


def start(plan: Plan, target: Target, path: str | Path | None = None) -> LiveRun:
    """Start the run in a process of its own; returns once the first scenario is about to start.

    ``path``: the run file to be written; by default ``SCENARIO-DATE-TIME.sqlite`` in the current
    folder.  Raises what kept the run from beginning (TargetError, ScenarioError, RunError, ...).
    """
    file = Path(path) if path is not None else _free_name(plan.scenario)
    order = Order(plan=plan, target=target, path=file.resolve())
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "arangolab.runner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if plan.attached else subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise RunError(
            f"The run's process could not be started: {error}.",
            hint="check that this host allows more processes.",
        ) from error
    return LiveRun(process, order)


class LiveRun(SteeredRun):
    """A run that was started from here.

    Waiting for it raises RunFileError or RunError when it broke: its file could not be written.
    """

    def __init__(self, process: subprocess.Popen[bytes], order: Order) -> None:
        self._process = process
        self._plan = order.plan
        self._said: deque[str] = deque(maxlen=20)
        self._begun = threading.Event()
        self._told: dict[str, Any] = {}
        self._ear = threading.Thread(target=self._hear, name="runner", daemon=True)
        self._ear.start()
        threading.Thread(target=self._keep_stderr, name="runner-stderr", daemon=True).start()
        try:
            self._give(order)
            self._await_begin()
        except BaseException:
            process.terminate()
            raise
        self.run = open_run(order.path)

    @property
    def alive(self) -> bool:
        """Whether the runner's process is there."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The runner's process."""
        return self._process.pid

    def _interrupted(self) -> None:
        """An interrupt stops an attached run, and leaves a detached one alone."""
        if self._plan.attached:
            self._stop_and_wait()

    def _stop_and_wait(self) -> None:
        """Stop at once; a runner that does not obey is ended."""
        with contextlib.suppress(ArangolabError):
            self.stop(drain=False)
        try:
            self._process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.terminate()

    def _result(self) -> Run:
        """The run; raises what broke it."""
        if not self.alive:
            leave_log(self.run.path)
            self._ear.join(1.0)
            if "error" in self._told:
                raise self._told_error()
        return self.run

    # -- inside -----------------------------------------------------------------------------

    def _give(self, order: Order) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101  (asked for in start)
        with contextlib.suppress(BrokenPipeError):
            stdin.write(order.to_line())
            stdin.flush()
            if not order.plan.attached:
                stdin.close()

    def _hear(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101
        with stdout:
            for line in stdout:
                with contextlib.suppress(ValueError):
                    self._told = json.loads(line)
                    self._begun.set()
        self._begun.set()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _keep_stderr(self) -> None:
        if self._process.stderr is None:
            return
        with self._process.stderr as stderr:
            for line in stderr:
                self._said.append(line.decode("utf-8", "replace").rstrip())

    def _await_begin(self) -> None:
        """Return once the run has begun; raise what kept it from that."""
        if not self._begun.wait(BEGIN_WITHIN_S):
            raise RunError(f"The run did not begin within {BEGIN_WITHIN_S:.0f} s.")
        if "error" in self._told:
            raise self._told_error()
        if not self._told:
            status = self._process.wait(_STOP_WITHIN_S)
            last = self._said[-1] if self._said else f"status {status}"
            raise RunError(f"The run's process ended before the run began ({last}).")

    def _told_error(self) -> ArangolabError:
        told = self._told
        return of_kind(str(told.get("kind")), str(told["error"]), str(told.get("hint", "")))


def _free_name(scenario: str) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    name = Path(f"{scenario}-{stamp}.sqlite")
    number = 1
    while name.exists():
        number += 1
        name = Path(f"{scenario}-{stamp}-{number}.sqlite")
    return name
