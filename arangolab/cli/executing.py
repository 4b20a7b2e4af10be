"""A notebook is executed, and a line says how it stands: for demo and rerun."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from arangolab import units
from arangolab.cli import serving
from arangolab.cli.progress import StatusLine
from arangolab.errors import ArangolabError, FindingError
from arangolab.finding import Interrupt
from arangolab.runfile.follower import Follower
from arangolab.target import Target

INTERRUPT_WITHIN_S: Final = 15.0


def execute(source: Path, notebook: Path, target: Target, parameters: dict[str, object]) -> None:
    """Execute ``source`` into ``notebook`` in a thread, while this one says how it stands.

    Raises FindingError; what was executed until then is kept.
    """
    state = _State()
    arguments = (source, notebook, parameters, serving.environment(target))
    threading.Thread(target=state.execute, args=arguments, daemon=True).start()
    line = StatusLine()
    try:
        while not state.done.wait(0.25):
            line.show(state.words(notebook.parent))
    except KeyboardInterrupt:
        line.show(f"stopping; what was done stays in {notebook.parent}", now=True)
        state.interrupt.now()
        state.done.wait(INTERRUPT_WITHIN_S)
        raise
    finally:
        line.clear()
    if state.error is not None:
        raise state.error


@dataclass
class _State:
    """Where the execution stands."""

    cell: int = 0
    cells: int = 0
    heading: str = "starting the kernel"
    left_s: float = 0.0
    since_s: float = field(default_factory=time.monotonic)
    error: Exception | None = None
    follower: Follower | None = None
    files: int = 0
    interrupt: Interrupt = field(default_factory=Interrupt)
    done: threading.Event = field(default_factory=threading.Event)
    """The execution is over.  (Waiting by join would not survive Ctrl-C in Python 3.11.)"""

    def execute(
        self, source: Path, out: Path, parameters: dict[str, object], env: Mapping[str, str]
    ) -> None:
        """The worker thread's work."""
        from arangolab import finding

        try:
            finding.execute(
                source,
                out,
                parameters=parameters,
                env=env,
                progress=self.begins,
                interrupt=self.interrupt,
            )
        except ArangolabError as error:
            self.error = error
        except Exception as error:
            self.error = FindingError(
                f"The notebook could not be executed: {type(error).__name__}: {error}."
            )
        finally:
            self.done.set()

    def begins(self, cell: int, cells: int, heading: str, left_s: float) -> None:
        """A cell begins."""
        self.cell, self.cells, self.heading, self.left_s = cell, cells, heading, left_s
        self.since_s = time.monotonic()

    def words(self, place: Path) -> str:
        """One line: cell, heading, what a run is doing, time left in all."""
        left_s = max(0.0, self.left_s - (time.monotonic() - self.since_s))
        parts = [f"cell {self.cell}/{self.cells}, {self.heading}" if self.cell else self.heading]
        running = self._run_words(place)
        if running:
            parts.append(running)
        if self.cell:
            parts.append(f"about {units.seconds(round(left_s))} left in all")
        return " | ".join(parts)

    def _run_words(self, place: Path) -> str:
        """How the newest run stands; empty when none is running."""
        from arangolab.runfile.reader import open_run

        files = sorted(place.glob("*.sqlite"), key=lambda file: file.stat().st_mtime)
        try:
            if len(files) > self.files:
                run = open_run(files[-1])
                if run.meta("plan") is None:
                    return ""
                self.files, self.follower = len(files), Follower(run)
            if self.follower is None or self.follower.run.status != "running":
                return ""
            return self.follower.words()
        except (ArangolabError, OSError):
            return ""
