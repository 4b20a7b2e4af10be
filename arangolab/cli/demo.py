"""``arangolab demo``: from nothing to a finding."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from arangolab import units
from arangolab.cli import options as shared
from arangolab.cli import serving
from arangolab.cli.progress import StatusLine
from arangolab.errors import ArangolabError, FindingError, InputError
from arangolab.finding import Interrupt
from arangolab.runfile.follower import Follower
from arangolab.target import Target

NOTEBOOK: Final = "part3_capacity"
INTERRUPT_WITHIN_S: Final = 15.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where to leave the finding, how thorough, which server."""
    parser.epilog = (
        "example:  arangolab demo --quick --out finding\n"
        "Leaves an executed notebook, the same as an HTML page that opens offline, and the run\n"
        "files; the last line says what rate was sustained and what gave out first."
    )
    parser.add_argument(
        "--out", type=Path, help="folder for the finding (default: finding, finding-2, ...)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="short holds: done in under two minutes"
    )
    parser.add_argument(
        "--users", type=int, default=10_000, help="users of the graph (default 10000)"
    )
    shared.add_target(parser, "a server of yours instead of the embedded sandbox")


def run(options: argparse.Namespace) -> int:
    """Do it; the last line on stdout is the result."""
    out = _folder(options.out)
    with serving.server(options) as target:
        print(f"Data      {serving.load(target, options.users)}", flush=True)
        notebook = out / f"{NOTEBOOK}.ipynb"
        began_s = time.monotonic()
        _execute(notebook, target, options)
        page = notebook.with_suffix(".html")
        from arangolab.finding import export_html

        export_html(notebook, page, title="Part III: capacity")
    from arangolab.runfile.reader import open_run

    ramp = open_run(out / "ramp.sqlite")
    print(f"Notebook  {notebook}  (executed in {units.seconds(time.monotonic() - began_s)})")
    print(f"Page      {page}  (opens offline)")
    for file in sorted(out.glob("*.sqlite")):
        print(f"Run       {file}")
    if ramp.verdict is None:
        raise FindingError(f"The ramp came to no verdict: {ramp.ending}")
    print(ramp.verdict["sentence"])
    return 0


def _folder(wanted: Path | None) -> Path:
    """An empty folder; raises InputError when the one wanted holds a finding already."""
    place = wanted or _free_folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        taken = any(place.glob("*.sqlite"))
    except OSError as error:
        raise InputError(
            f"{place} cannot be used for the finding ({error.strerror}).", hint="another --out."
        ) from error
    if taken:
        raise InputError(
            f"{place} holds a finding already; nothing is overwritten.", hint="another --out."
        )
    return place.resolve()


def _free_folder() -> Path:
    number, place = 1, Path("finding")
    while place.exists():
        number += 1
        place = Path(f"finding-{number}")
    return place


def _execute(notebook: Path, target: Target, options: argparse.Namespace) -> None:
    """Execute the notebook in a thread, while this one says how it stands."""
    from arangolab import notebooks

    state = _State()
    parameters = {"quick": options.quick, "users": options.users}
    arguments = (notebooks.path(NOTEBOOK), notebook, parameters, serving.environment(target))
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
