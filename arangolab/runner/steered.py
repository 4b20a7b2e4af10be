"""A run that can be steered and waited for, whoever started it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

from arangolab import showing, units
from arangolab.errors import RunFileError
from arangolab.runfile.reader import Run, open_run

_POLL_S: Final = 0.1
_POLL_FILE_S: Final = 0.5


class SteeredRun:
    """What can be done with a running run through its file."""

    run: Run
    poll_s: float = _POLL_S

    @property
    def path(self) -> Path:
        """The run file."""
        return self.run.path

    @property
    def alive(self) -> bool:
        """Whether it goes on."""
        return self.run.status == "running"

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

    @property
    def left_s(self) -> float:
        """Seconds until the last planned step ends, about; inf when the run is open-ended."""
        return self.run.left_s if self.alive else 0.0

    def wait(self, timeout_s: float = math.inf) -> Run:
        """Wait for the end, or for so many seconds."""
        end = time.monotonic() + timeout_s
        try:
            while self.alive and time.monotonic() < end:
                time.sleep(self.poll_s)
        except KeyboardInterrupt:
            self._interrupted()
            raise
        return self._result()

    def __await__(self) -> Generator[Any, None, Run]:
        """``await run``: other cells' widgets stay alive."""
        return self._end().__await__()

    async def _end(self) -> Run:
        try:
            while self.alive:
                await asyncio.sleep(self.poll_s)
        except (asyncio.CancelledError, KeyboardInterrupt):
            self._interrupted()
            raise
        return self._result()

    def _interrupted(self) -> None:
        """Whoever waited was interrupted."""

    def _result(self) -> Run:
        return self.run

    @property
    def state(self) -> str:
        """In words: the rate, for how long the run goes on, how long is left; or its status."""
        if not self.alive:
            return self.run.status
        steps = self.run.steps()
        rate = f" at {units.rate(steps[-1].rate_per_s)}" if steps else ""
        left = f"about {units.seconds(self.left_s)} left"
        if math.isinf(self.left_s):
            left = "until it is stopped"
        return f"running{rate} since {units.seconds(self.run.duration_s)}, {left}"

    def __repr__(self) -> str:
        if not self.alive:
            return repr(self.run)
        return f"<{type(self).__name__} {self.path.name}: {self.run.heading}, {self.state}>"

    def _repr_html_(self) -> str:
        now = showing.table([("now", self.state)]) if self.alive else ""
        return f"{now}{self.run._repr_html_()}"


class AttachedRun(SteeredRun):
    """A run that another process started; an interrupt ends the waiting and not the run."""

    poll_s = _POLL_FILE_S

    def __init__(self, path: str | Path) -> None:
        """Raises RunFileError when there is no run in the file, or none that goes on or ended."""
        self.run = open_run(path)
        if self.run.meta("runner") is None:
            raise RunFileError(f"The run in {path} has not begun.", hint="again in a moment.")


def attach(path: str | Path) -> AttachedRun:
    """The run of the file, to be watched, steered and waited for; raises RunFileError."""
    return AttachedRun(path)
