"""Runs of a panel: begun with what is set, shown while they go on, kept once they have ended."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arangolab.errors import ArangolabError, RunError
from arangolab.panel import words
from arangolab.panel.controls import Controls
from arangolab.panel.face import Face
from arangolab.panel.following import Following
from arangolab.panel.plans import later, plan_of
from arangolab.runfile.names import unused
from arangolab.target import Target

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run
    from arangolab.runner.steered import SteeredRun

EVERY_S: Final = 1.0


class Keeper:
    """One run at a time; its methods may be called from any thread."""

    def __init__(self, target: Target, controls: Controls, face: Face) -> None:
        self.live: SteeredRun | None = None
        """The run that is going on, or went on last."""
        self.runs: list[Run] = []
        """Every run that was started, the last one last."""
        self.done = threading.Event()
        """Set while nothing is shown that still changes."""
        self.done.set()
        self._target, self._controls, self._face = target, controls, face
        self._starting = threading.Lock()
        self._closed = False
        self._loading = threading.Thread(target=_preload, name="panel-preload", daemon=True)
        self._loading.start()
        self.allow_start()

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self.live is not None and self.live.alive

    @property
    def detached(self) -> bool:
        """Whether the run outlives this kernel."""
        return self.live is not None and not self.live.run.plan.attached

    def start(self) -> None:
        """Begin a run; returns once it runs.  Raises what keeps it from beginning."""
        with self._starting:
            if self.running:
                raise RunError("A run is going on already.", hint="stop it first.")
            if self._closed:
                raise RunError("This panel is closed.", hint="run its cell again.")
            self.done.wait()
            self._controls.allow(start=False, stop=False, finish=False)
            self._face.say("Starting ...")
            try:
                live = self.begin()
            except BaseException as error:
                self.allow_start()
                self._face.show_trouble(error)
                raise
            self.attend(live)

    def begin(self) -> SteeredRun:
        """A run of what is set."""
        from arangolab.runner import handle

        plan, file = plan_of(self._controls), self._controls.more.file
        if self._controls.more.auto.value:
            plan = replace(plan, processes=self._measured(plan))
        return handle.start(plan, self._target, unused(Path(file)) if file else None)

    def attend(self, live: SteeredRun, *, resumed: bool = False) -> None:
        """Show the run from now on, in a thread; ``resumed``: it was begun elsewhere."""
        if resumed:  # before its sliders command anything
            self._controls.follow(live.run.plan, live.run.steps())
        self.live = live
        if not resumed:
            for name, value in later(self._controls, live.run.plan):
                self.command(name, value)
        self.runs.append(live.run)
        self.done.clear()
        self._loading.join()  # plotly looks at pandas, which must not be half loaded
        following = Following(live.run)
        if resumed:
            self._face.say(words.taken_up(live.path.name))
        else:
            self._face.meet(self._target)
        self._face.play(following, live.path.name, detached=self.detached)
        self._controls.allow(start=False, stop=True, finish=True)
        threading.Thread(target=self._follow, args=(live, following), daemon=True).start()

    def command(self, name: str, value: Any) -> None:
        """Ask it of the run that goes on; what is wrong with it is shown."""
        if self.live is not None and self.live.alive:
            try:
                self.live.run.command(name, value)
            except ArangolabError as error:
                self._face.show_trouble(error)

    def allow_start(self) -> None:
        """A run may be started."""
        self._controls.allow(start=True, stop=False, finish=bool(self.runs))

    def close(self) -> None:
        """Nothing is started any more; a run is shown to its end, a detached one no longer."""
        self._closed = True

    def settle(self) -> None:
        """Words and graphs instead of widgets: nothing that dies with the kernel."""
        self._closed = True
        self._controls.end()
        self._face.stage.settle()

    def leave(self) -> None:
        """Settle, and end the widgets."""
        self.settle()
        self._face.stage.close()

    def _measured(self, plan: Any) -> int:
        """Injector processes that the rate needs on this host; the slider shows them."""
        from arangolab.runner.calibration import calibrate

        self._face.say(f"Measuring what one {plan.scenario} costs the injector ...")
        found = calibrate(plan, self._target)
        self._face.say(found.sentence)
        self._controls.processes.set(found.processes)
        return found.processes

    def _follow(self, live: SteeredRun, following: Following) -> None:
        """The thread that keeps the panel up to date, until the run has ended and is frozen."""
        while live.alive and not (self._closed and self.detached):
            self._face.refresh(following, following.words)
            if not following.more:
                time.sleep(EVERY_S)
        self._face.refresh(following, following.ending)
        while following.more:
            self._face.refresh(following, following.ending)
        self._face.freeze(following)
        self.allow_start()
        if self._closed:
            self.leave()
        self.done.set()


def _preload() -> None:
    """They take seconds to load: meanwhile the panel can be set."""
    import pandas  # noqa: F401

    import arangolab.figures.widget  # noqa: F401
