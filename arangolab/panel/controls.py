"""The panel's controls: what can be set, the buttons, and the places where words appear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import ipywidgets as widgets

from arangolab.arrivals import KINDS
from arangolab.panel.dials import Dial, UserRange
from arangolab.panel.fields import Check, Choice, button
from arangolab.panel.modes import Modes
from arangolab.panel.more import More
from arangolab.panel.naming import Names
from arangolab.panel.params import Params
from arangolab.panel.progress import Progress
from arangolab.plan import Plan
from arangolab.runfile.reader import StepRow
from arangolab.scenarios.catalogue import text_of

_SCENARIO_TIP: Final = "what one simulated user does: a built-in one, or a file of this folder"
_ARRIVALS_TIP: Final = "how starts are spaced: evenly, or at random as independent users come"
_DETACHED_TIP: Final = (
    "a run that goes on when this kernel ends; a panel with its file takes it up again"
)


class Controls:
    """Everything of a panel but its graphs: an editor of a plan."""

    def __init__(
        self, plan: Plan, *, scenarios: Sequence[str], scenario: str, mode: str, file: str = ""
    ) -> None:
        """``plan``: what is set at first; ``scenario``: as it is chosen among ``scenarios``."""
        self.header = widgets.HTML()
        self.scenario = Choice("Scenario", scenarios, scenario, _SCENARIO_TIP)
        self.params = Params()
        self.arrivals = Choice("Arrivals", KINDS, plan.arrivals, _ARRIVALS_TIP)
        self.rate = Dial(
            "Arrival rate", "scenarios/s", value=plan.steps[0].rate_per_s, low=0, high=20,
            whole=False, tip="how many start every second; may be moved while a run goes on",
        )  # fmt: skip
        self.processes = Dial(
            "Injector processes", "processes", value=plan.processes, low=1, high=8, whole=True,
            tip="one process is one core at most",
        )  # fmt: skip
        self.bound = Dial(
            "In flight at most", "scenarios", value=plan.max_in_flight, low=1, high=2000,
            whole=True, tip="arrivals beyond are shed and counted",
        )  # fmt: skip
        self.users = UserRange(plan.first_user, plan.last_user)
        self.modes = Modes(mode, self.rate)
        self.more = More()
        self.detached = Check("Detached", "goes on without this kernel", tip=_DETACHED_TIP)
        self.start = button("Start", "success", "play", "start a run with what is set")
        self.drain = button(
            "Drain", "warning", "hourglass-half", "start nothing more; what is in flight may end"
        )
        self.stop = button("Stop", "danger", "stop", "stop at once; what is in flight is given up")
        self.finish = button(
            "Finish", "", "check", "drain, and leave only what was found: words and graphs"
        )
        self.export = button(
            "Export", "", "share-alt", "make a finding of the run that has ended, to be shared"
        )
        self.exported = widgets.HTML()
        self.progress = Progress()
        self.state = widgets.HTML()
        self.steps = widgets.HTML()
        self.errors = widgets.HTML()
        self.log = widgets.HTML()
        self.names = Names()
        self.box = self._laid_out()
        self.params.show(scenario)
        self.scenario.widget.observe(lambda change: self.params.show(change["new"]), "value")
        self._fill(plan, file)
        self.modes.begin(plan)

    def _laid_out(self) -> widgets.VBox:
        buttons = widgets.HBox(
            [self.start, self.drain, self.stop, self.finish, self.export],
            layout=widgets.Layout(flex_flow="row wrap"),
        )
        return widgets.VBox(
            [
                self.header,
                self.scenario.row,
                self.params.box,
                self.arrivals.row,
                self.processes.row,
                self.users.row,
                self.bound.row,
                self.detached.row,
                self.more.box,
                self.modes.box,
                buttons,
                self.progress.box,
                self.exported,
                self.state,
                self.steps,
                self.errors,
                self.log,
                self.names,
            ],
            layout=widgets.Layout(width="100%", max_width="1000px", overflow="hidden"),
        )

    def allow(self, *, start: bool, stop: bool, finish: bool) -> None:
        """Which buttons may be pressed; what a run has for good is set while one may start."""
        self.start.disabled = not start
        self.drain.disabled = self.stop.disabled = not stop
        self.finish.disabled = not finish
        self.export.disabled = not (start and finish)  # a run has ended, and none goes on
        fixed = (self.scenario.widget, self.arrivals.widget, self.detached.widget)
        for field in (*fixed, *self.users.widgets):
            field.disabled = not start
        self.params.disable(not start)
        self.more.disable(not start)
        self.modes.allow(start=start, running=stop)

    def follow(self, plan: Plan, steps: Sequence[StepRow]) -> None:
        """Show what was set for a run that was begun elsewhere."""
        self.scenario.offer(text_of(plan.parts))
        self.params.show(self.scenario.value)
        self._fill(plan, self.more.file)
        last = steps[-1] if steps else plan.steps[0]
        self.processes.set(last.processes or plan.processes)
        self.modes.show(plan, last.rate_per_s)

    def _fill(self, plan: Plan, file: str) -> None:
        """Set all but the scenario."""
        self.params.set(plan.params)
        self.arrivals.set(plan.arrivals)
        self.detached.set(not plan.attached)
        self.processes.set(plan.processes)
        self.bound.set(plan.max_in_flight)
        self.users.set(plan.first_user, plan.last_user)
        self.more.show(plan, file)

    def end(self) -> None:
        """Nothing can be set any more."""
        self.allow(start=False, stop=False, finish=False)
        for dial in (self.rate, self.processes, self.bound):
            for field in dial.widgets:
                field.disabled = True
