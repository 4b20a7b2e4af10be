"""The kernel's side of a run: start it, steer it, wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from arangolab import errors
from arangolab.errors import RunError
from arangolab.plan import Plan
from arangolab.runfile.reader import Run, open_run
from arangolab.runner.order import Order
from arangolab.target import Target

BEGIN_WITHIN_S: Final = 90.0
_POLL_S: Final = 0.1


def start(plan: Plan, target: Target, path: str | Path | None = None) -> LiveRun:
    """Start the run in a process of its own; returns once the first scenario is about to start.

    ``path``: the run file to be written; by default ``SCENARIO-DATE-TIME.sqlite`` in the current
    folder.  Raises what kept the run from beginning (TargetError, ScenarioError, RunError, ...).
    """
    file = Path(path) if path is not None else _free_name(plan.scenario)
    order = Order(plan=plan, target=target, path=file.resolve())
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "arangolab.runner"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if plan.attached else subprocess.DEVNULL,
        start_new_session=True,
    )
    return LiveRun(process, order)


class LiveRun:
    """A run that was started from here."""

    def __init__(self, process: subprocess.Popen[bytes], order: Order) -> None:
        self.path = order.path
        self._process = process
        self._plan = order.plan
        self._said: deque[str] = deque(maxlen=20)
        self._begun = threading.Event()
        self._first: dict[str, Any] = {}
        for work in (self._hear, self._keep_stderr):
            threading.Thread(target=work, name="runner", daemon=True).start()
        self._give(order)
        if not self._begun.wait(BEGIN_WITHIN_S):
            process.kill()
            raise RunError(f"The run did not begin within {BEGIN_WITHIN_S:.0f} s.")
        if "ready" not in self._first:
            raise self._refusal()
        self.run: Run = open_run(self.path)

    # -- steering ---------------------------------------------------------------------------

    def set_rate(self, rate_per_s: float) -> None:
        """Start so many scenarios per second from now on (over all processes)."""
        self.run.command("rate", rate_per_s)

    def set_processes(self, processes: int) -> None:
        """Spread the load over so many injector processes."""
        self.run.command("processes", processes)

    def set_max_in_flight(self, bound: int) -> None:
        """Allow so many scenarios in flight; arrivals beyond are shed and counted."""
        self.run.command("max_in_flight", bound)

    def note(self, text: str) -> None:
        """Put a remark on the run's time axis."""
        self.run.command("note", text)

    def stop(self, drain: bool = True) -> None:
        """Start nothing more; with ``drain``, let what is in flight end first."""
        if self.alive:
            self.run.command("stop", {"drain": drain})

    # -- waiting ----------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether the runner's process is there."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The runner's process."""
        return self._process.pid

    @property
    def left_s(self) -> float:
        """Seconds until the last planned step ends; inf when the run is open-ended."""
        if not self.alive:
            return 0.0
        passed_s = time.time() - self.run.started_unix_s
        return max(0.0, self._plan.duration_s - passed_s)

    def wait(self, timeout_s: float = math.inf) -> Run:
        """Wait for the end, or for so many seconds; an interrupt stops the run first."""
        end = time.monotonic() + timeout_s
        try:
            while self.alive and time.monotonic() < end:
                time.sleep(_POLL_S)
        except KeyboardInterrupt:
            self._stop_and_wait()
            raise
        return self.run

    def __await__(self) -> Generator[Any, None, Run]:
        """``await run``: other cells' widgets stay alive; an interrupt stops the run."""
        return self._end().__await__()

    async def _end(self) -> Run:
        try:
            while self.alive:
                await asyncio.sleep(_POLL_S)
        except (asyncio.CancelledError, KeyboardInterrupt):
            self._stop_and_wait()
            raise
        return self.run

    def _stop_and_wait(self) -> None:
        self.stop(drain=False)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)

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
        for line in stdout:
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if not self._begun.is_set():
                    self._first = message
                    self._begun.set()
        self._begun.set()

    def _keep_stderr(self) -> None:
        for line in self._process.stderr or ():
            self._said.append(line.decode("utf-8", "replace").rstrip())

    def _refusal(self) -> errors.ArangolabError:
        """What kept the run from beginning."""
        self._process.wait(5.0)
        what = self._first.get("error")
        if what is None:
            last = self._said[-1] if self._said else f"status {self._process.returncode}"
            return RunError(f"The run's process ended before the run began ({last}).")
        kind = getattr(errors, str(self._first.get("kind")), RunError)
        refusal: errors.ArangolabError = kind(what, hint=self._first.get("hint", ""))
        return refusal

    def __repr__(self) -> str:
        return repr(self.run)

    def _repr_html_(self) -> str:
        return self.run._repr_html_()


def _free_name(scenario: str) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    name = Path(f"{scenario}-{stamp}.sqlite")
    number = 1
    while name.exists():
        number += 1
        name = Path(f"{scenario}-{stamp}-{number}.sqlite")
    return name
