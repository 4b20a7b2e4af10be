"""The panel: thin, over a run's handle, its file and the figures."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arangolab.errors import ArangolabError, RunError
from arangolab.panel import words
from arangolab.panel.controls import Controls
from arangolab.panel.earlier import going_on, replaced_by
from arangolab.panel.face import Face
from arangolab.panel.following import Following
from arangolab.panel.plans import later, plan_of
from arangolab.plan import Objective, Search
from arangolab.runfile.names import unused
from arangolab.scenarios import written
from arangolab.scenarios.catalogue import BUILT_IN
from arangolab.target import Target

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run
    from arangolab.runner.steered import SteeredRun

EVERY_S: Final = 1.0


class Panel:
    """Sliders, Start and Stop, and live graphs of what they do to a server.

    Put it last in a cell.  Everything the hand does can be called: :meth:`start`,
    :meth:`set_rate`, :meth:`set_ramp`, :meth:`hold`, :meth:`finish`.
    """

    def __init__(
        self,
        target: Target | None = None,
        *,
        scenario: str = "login",
        rate_per_s: float = 1.0,
        processes: int = 1,
        users: tuple[int, int] = (1, 10_000),
        max_in_flight: int = 500,
        arrivals: str = "constant",
        mode: str = "rate",
        detached: bool = False,
        path: str | Path | None = None,
        title: str = "",
    ) -> None:
        """``target``: as from arangolab.connect; None takes it from the environment.

        ``arrivals``: constant | poisson.  ``mode``: the tab to begin with, rate |
        ramp | capacity.
        ``detached``: the run goes on when the kernel ends; a panel that is made with its path
        takes it up again.  ``path``: the run file; a second run gets ``-2`` put to its name, and
        so on.  A panel whose cell is run again, or that is made with the path of an earlier one,
        takes its place; unless it is detached, its run is stopped.  Raises InputError for a value
        that no run can have.
        """
        self._target = target or Target.from_environment()
        self._path = Path(path) if path is not None else None
        self._title = title
        files = sorted(str(file) for file in Path().glob("*.py"))
        self.controls = Controls(
            scenarios=list(dict.fromkeys([*BUILT_IN, *written.names(), *files, scenario])),
            scenario=scenario,
            rate_per_s=rate_per_s,
            processes=processes,
            users=users,
            max_in_flight=max_in_flight,
            arrivals=arrivals,
            detached=detached,
            mode=mode,
        )
        self.live: SteeredRun | None = None
        """The run that is going on, or went on last."""
        self.runs: list[Run] = []
        """Every run that was started here, the last one last."""
        self._face = Face(self.controls)
        self._starting = threading.Lock()
        self._done = threading.Event()
        self._done.set()
        self._closed = False
        self._wire()
        self._allow_start()
        self._replace_earlier()
        threading.Thread(target=_preload, name="panel-preload", daemon=True).start()
        self._face.meet(self._target)
        self._take_up()

    # -- what a program may do --------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """The run of this panel, or None before the first start."""
        return self.live.run if self.live is not None else None

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self.live is not None and self.live.alive

    def start(self) -> None:
        """Start a run with what is set; returns once it runs.

        Raises what keeps it from beginning (also shown in the panel).
        """
        with self._starting:
            if self.running:
                raise RunError("A run is going on already.", hint="stop it first.")
            if self._closed:
                raise RunError("This panel is closed.", hint="run its cell again.")
            self._done.wait()
            self.controls.allow(start=False, stop=False, finish=False)
            self._face.say("Starting ...")
            try:
                live = self._begin()
            except BaseException as error:
                self._allow_start()
                self._face.show_trouble(error)
                raise
            self._attend(live)

    def set_rate(self, rate_per_s: float) -> None:
        """Move the slider of the arrival rate; raises InputError for what is no rate."""
        self.controls.rate.set(rate_per_s)

    def set_processes(self, processes: int) -> None:
        """Move the slider of the injector processes; raises InputError for less than one."""
        self.controls.processes.set(processes)

    def set_ramp(
        self,
        *,
        start: float = 1.0,
        step: float = 1.0,
        steps: int = 10,
        hold_s: float = 240.0,
        objective: Objective | None = None,
    ) -> None:
        """Choose the tab of the ramp and fill it in; :meth:`start` starts it."""
        self.controls.modes.ramp.set(
            start=start, step=step, steps=steps, hold_s=hold_s, objective=objective or Objective()
        )
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
            await asyncio.to_thread(self._done.wait)
            self._settle()
        return live.run

    def close(self) -> None:
        """The panel becomes what a saved notebook keeps; its run is stopped unless detached."""
        self._closed = True
        if self._done.is_set():
            self._leave()
        elif not self._detached:
            with contextlib.suppress(ArangolabError):
                self.stop(drain=False)

    def _ipython_display_(self) -> None:
        self._face.stage.show()

    def _settle(self) -> None:
        """Words and graphs instead of widgets: nothing that dies with the kernel."""
        self._closed = True
        self.controls.end()
        self._face.stage.settle()

    def _leave(self) -> None:
        self._settle()
        self._face.stage.close()

    # -- inside -----------------------------------------------------------------------------

    def _wire(self) -> None:
        controls = self.controls
        controls.start.on_click(lambda _: self._aside(self.start))
        controls.drain.on_click(lambda _: self._guarded(self.stop))
        controls.stop.on_click(lambda _: self._guarded(lambda: self.stop(drain=False)))
        controls.finish.on_click(lambda _: self._aside(self._finish_here))
        controls.rate.on_change(lambda value: self._command("rate", value))
        controls.processes.on_change(lambda value: self._command("processes", value))
        controls.bound.on_change(lambda value: self._command("max_in_flight", value))

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
        self._done.wait()
        self._settle()

    def _command(self, name: str, value: Any) -> None:
        if self.live is not None and self.live.alive:
            run = self.live.run
            self._guarded(lambda: run.command(name, value))

    def _running(self) -> SteeredRun:
        if self.live is None:
            raise RunError("Nothing was started in this panel.", hint="panel.start() first.")
        return self.live

    @property
    def _detached(self) -> bool:
        """Whether the run outlives this kernel."""
        return self.live is not None and not self.live.run.plan.attached

    def _begin(self) -> SteeredRun:
        from arangolab.runner import handle

        path = unused(self._path) if self._path is not None else None
        return handle.start(plan_of(self.controls, self._title), self._target, path)

    def _take_up(self) -> None:
        """A run that goes on in this panel's file, of a kernel that has ended or of another."""
        found = going_on(self._path) if self._path is not None else None
        if found is not None:
            self._attend(found, resumed=True)

    def _attend(self, live: SteeredRun, *, resumed: bool = False) -> None:
        """Show the run from now on, in a thread."""
        if resumed:  # before its sliders command anything
            self.controls.follow(live.run.plan, live.run.steps())
        self.live = live
        if not resumed:
            for name, value in later(self.controls, live.run.plan):
                self._command(name, value)
        self.runs.append(live.run)
        self._done.clear()
        following = Following(live.run)
        if resumed:
            self._face.say(words.taken_up(live.path.name))
        else:
            self._face.meet(self._target)
        self._face.play(following, live.path.name, detached=self._detached)
        self.controls.allow(start=False, stop=True, finish=True)
        threading.Thread(target=self._follow, args=(live, following), daemon=True).start()

    def _follow(self, live: SteeredRun, following: Following) -> None:
        """The thread that keeps the panel up to date, until the run has ended and is frozen."""
        while live.alive and not (self._closed and self._detached):
            self._face.refresh(following, following.words)
            if not following.more:
                time.sleep(EVERY_S)
        self._face.refresh(following, following.ending)
        while following.more:
            self._face.refresh(following, following.ending)
        self._face.freeze(following)
        self._allow_start()
        if self._closed:
            self._leave()
        self._done.set()

    def _allow_start(self) -> None:
        self.controls.allow(start=True, stop=False, finish=bool(self.runs))

    def _replace_earlier(self) -> None:
        """A cell that is run again: its earlier panel's run is stopped, and said to be."""
        for earlier in replaced_by(self, self._path):
            if earlier.running and not earlier._detached:
                with contextlib.suppress(ArangolabError):
                    earlier.note("Stopped: the panel was made anew.")
                stopped = words.stopped_earlier(earlier.live.path.name)
                self._face.say(f"{words.IDLE} {stopped}")
            earlier.close()


def _preload() -> None:
    """Plotly takes seconds to load: meanwhile the panel can be set."""
    import arangolab.figures.widget  # noqa: F401
