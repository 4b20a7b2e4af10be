"""The panel: thin, over a run's handle, its file and the figures."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arangolab.errors import ArangolabError, RunError
from arangolab.measuring import taken_in
from arangolab.panel import words
from arangolab.panel.controls import Controls
from arangolab.panel.earlier import going_on, replaced_by
from arangolab.panel.face import Face
from arangolab.panel.keeper import Keeper
from arangolab.plan import USUAL, Objective, Plan, Ramp, Search, Step
from arangolab.runfile.names import unused
from arangolab.scenarios import written
from arangolab.scenarios.catalogue import BUILT_IN, planned
from arangolab.target import Target

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run
    from arangolab.runner.steered import SteeredRun

_RAMP = Ramp()


class Panel:
    """Sliders, Start and Stop, and live graphs of what they do to a server.

    Put it last in a cell.  Everything the hand does can be called: :meth:`start`,
    :meth:`set_rate`, :meth:`set_ramp`, :meth:`hold`, :meth:`finish`.
    """

    def __init__(
        self,
        target: Target | None = None,
        *,
        scenario: str = USUAL.scenario,
        params: Mapping[str, Any] | None = None,
        rate_per_s: float = USUAL.steps[0].rate_per_s,
        duration_s: float | None = None,
        users: tuple[int, int] = (USUAL.first_user, USUAL.last_user),
        mode: str = "rate",
        detached: bool = False,
        path: str | Path | None = None,
        **plan: Any,
    ) -> None:
        """``target``: as from arangolab.connect; None takes it from the environment.

        What is set at first: ``scenario, params, rate_per_s, duration_s, users`` and ``plan`` as
        for :func:`arangolab.start` (``processes, max_in_flight, arrivals="poisson", title,
        collectd=True, ...``; ``processes="auto"`` too).  ``mode``: the tab to begin with, rate |
        ramp | capacity.
        ``detached``: the run goes on when the kernel ends; a panel that is made with its path
        takes it up again.  ``path``: the run file; a second run gets ``-2`` put to its name, and
        so on.  A panel whose cell is run again, or that is made with the path of an earlier one,
        takes its place; unless it is detached, its run is stopped.  Raises InputError for a value
        that no run can have, ScenarioError.
        """
        self._target = target or Target.from_environment()
        self._path = Path(path) if path is not None else None
        automatic = plan.get("processes") == "auto"
        if automatic:
            plan["processes"] = USUAL.processes
        if isinstance(plan.get("objective"), str):
            plan["objective"] = Objective.parse(plan["objective"])
        at_first = Plan(
            **planned(scenario, params),
            steps=(Step(rate_per_s=rate_per_s, hold_s=duration_s),),
            first_user=users[0],
            last_user=users[1],
            attached=not detached,
            **taken_in(plan),
        )
        files = sorted(str(file) for file in Path().glob("*.py"))
        self.controls = Controls(
            at_first,
            scenarios=list(dict.fromkeys([*BUILT_IN, *written.names(), *files, scenario])),
            scenario=scenario,
            mode=mode,
            file=str(path or ""),
        )
        self.controls.more.auto.set(automatic)
        self._face = Face(self.controls)
        self._keeper = Keeper(self._target, self.controls, self._face)
        self._wire()
        stopped = self._replace_earlier()
        self._face.meet(self._target)
        self._take_up(stopped)

    # -- what a program may do --------------------------------------------------------------

    @property
    def live(self) -> SteeredRun | None:
        """The run that is going on, or went on last."""
        return self._keeper.live

    @property
    def runs(self) -> list[Run]:
        """Every run that was started here, the last one last."""
        return self._keeper.runs

    @property
    def run(self) -> Run | None:
        """The run of this panel, or None before the first start."""
        return self.live.run if self.live is not None else None

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._keeper.running

    def start(self) -> None:
        """Start a run with what is set; returns once it runs.

        Raises what keeps it from beginning (also shown in the panel).
        """
        self._keeper.start()

    def set_rate(self, rate_per_s: float) -> None:
        """Move the slider of the arrival rate; raises InputError for what is no rate."""
        self.controls.rate.set(rate_per_s)

    def set_processes(self, processes: int) -> None:
        """Move the slider of the injector processes; raises InputError for less than one."""
        self.controls.processes.set(processes)

    def set_ramp(
        self,
        *,
        start: float = _RAMP.start_per_s,
        step: float = _RAMP.push_per_s,
        steps: int = _RAMP.steps,
        hold_s: float = _RAMP.hold_s,
        objective: Objective | None = None,
    ) -> None:
        """Choose the tab of the ramp and fill it in; :meth:`start` starts it."""
        ramp = Ramp(start_per_s=start, push_per_s=step, steps=steps, hold_s=hold_s)
        self.controls.modes.ramp.set(ramp, objective or Objective())
        self.controls.modes.choose("ramp")

    def set_capacity(
        self, search: Search | None = None, objective: Objective | None = None
    ) -> None:
        """Choose the tab of the search for the capacity and fill it in."""
        self.controls.modes.capacity.set(search or Search(), objective or Objective())
        self.controls.modes.choose("capacity")

    def note(self, text: str) -> None:
        """Put a remark on the run's time axis."""
        self._running().note(text)

    def stop(self, drain: bool = True) -> None:
        """Start nothing more; with ``drain``, let what is in flight end first."""
        if self.live is not None:
            self.live.stop(drain)

    async def hold(self, seconds: float) -> None:
        """Let the run go on for so long; widgets stay alive.  Ends early when the run does."""
        end = time.monotonic() + seconds
        try:
            while self.running and (left_s := end - time.monotonic()) > 0:
                await asyncio.sleep(min(0.2, left_s))
        except asyncio.CancelledError:
            self.stop(drain=False)
            raise

    async def finish(self) -> Run:
        """Stop, wait for the end, and turn the panel into what a saved notebook keeps.

        Raises RunError when nothing was started, or what broke the run.
        """
        live = self._running()
        self.stop()
        try:
            await live
        finally:
            await asyncio.to_thread(self._keeper.done.wait)
            self._keeper.settle()
        return live.run

    def close(self) -> None:
        """The panel becomes what a saved notebook keeps; its run is stopped unless detached."""
        self._keeper.close()
        if self._keeper.done.is_set():
            self._keeper.leave()
        elif not self._keeper.detached:
            with contextlib.suppress(ArangolabError):
                self.stop(drain=False)

    def _ipython_display_(self) -> None:
        self._face.stage.show()

    # -- inside -----------------------------------------------------------------------------

    def _wire(self) -> None:
        controls = self.controls
        controls.start.on_click(lambda _: self._aside(self.start))
        controls.drain.on_click(lambda _: self._guarded(self.stop))
        controls.stop.on_click(lambda _: self._guarded(lambda: self.stop(drain=False)))
        controls.finish.on_click(lambda _: self._aside(self._finish_here))
        controls.export.on_click(lambda _: self._aside(self._export_here))
        controls.rate.on_change(lambda value: self._keeper.command("rate", value))
        controls.processes.on_change(lambda value: self._keeper.command("processes", value))
        controls.bound.on_change(lambda value: self._keeper.command("max_in_flight", value))

    def _aside(self, work: Callable[[], object]) -> None:
        """Do what takes a while in a thread: a callback never blocks the kernel."""
        threading.Thread(target=self._guarded, args=(work,), name="panel", daemon=True).start()

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            self._face.show_trouble(error)

    def _finish_here(self) -> None:
        self._running()
        self.stop()
        self._keeper.done.wait()
        self._keeper.settle()

    def _export_here(self) -> None:
        """A finding beside the run's file; a kernel of its own draws it, which takes a while."""
        from arangolab.finding import make

        run = self._running().run
        self.controls.export.disabled = True
        self._face.tell_finding(f"Making a finding of {run.path.name} ...")
        try:
            found = make(run, out=unused(run.path.with_name(f"finding-{run.path.stem}")))
        except BaseException:
            self._face.tell_finding("")
            raise
        finally:
            self.controls.export.disabled = self.running
        self._face.tell_finding(words.finding(found.page, found.notebook, found.run_file))

    def _running(self) -> SteeredRun:
        if self.live is None:
            raise RunError("Nothing was started in this panel.", hint="panel.start() first.")
        return self.live

    def _take_up(self, stopped: Container[Path]) -> None:
        """A run that goes on in this panel's file, of a kernel that has ended or of another.

        ``stopped``: files of runs that were just told to end.
        """
        found = going_on(self._path, stopped) if self._path is not None else None
        if found is not None:
            self._keeper.attend(found, resumed=True)

    def _replace_earlier(self) -> list[Path]:
        """A cell that is run again: its earlier panel's run is stopped, and said to be.

        Returns the files of what was stopped.
        """
        files = []
        for earlier in replaced_by(self, self._path):
            if earlier.running and not earlier._keeper.detached:
                with contextlib.suppress(ArangolabError):
                    earlier.note("Stopped: the panel was made anew.")
                stopped = words.stopped_earlier(earlier.live.path.name)
                self._face.say(f"{words.IDLE} {stopped}")
                files.append(earlier.live.path.resolve())
            earlier.close()
        return files
