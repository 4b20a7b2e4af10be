"""What a run is to do: a rate held by hand, a ramp, or a search for the capacity; a tab each."""

from __future__ import annotations

from typing import Any, Final, Literal

import ipywidgets as widgets

from arangolab.errors import InputError
from arangolab.panel.fields import Dial, Number, labelled
from arangolab.plan import Objective, Plan, Search, Step

Mode = Literal["rate", "ramp", "capacity"]
MODES: Final[tuple[Mode, ...]] = ("rate", "ramp", "capacity")
TITLES: Final = ("By hand", "Ramp", "Capacity")
_HOLD_TIP: Final = "how long each rate is held; the article's ramps hold 240 s"
_OBJECTIVE_TIP: Final = "for example: response_p95 < 500 ms, errors < 1 %, in_flight stable"
_FULL: Final = widgets.Layout(width="100%")


class ObjectiveField:
    """What "sustained" means, in words."""

    def __init__(self) -> None:
        self.widget = widgets.Text(
            value=str(Objective()),
            continuous_update=False,
            description="Sustained means",
            style={"description_width": "0"},
            tooltip=_OBJECTIVE_TIP,
            layout=widgets.Layout(flex="1 1 200px", width="auto"),
        )
        self.row = labelled("Sustained means", [self.widget], "", _OBJECTIVE_TIP)

    @property
    def value(self) -> Objective:
        """As a run takes it; raises InputError for what is not understood."""
        return Objective.parse(self.widget.value)


class RampForm:
    """The rates of a ramp, and what they are judged by."""

    def __init__(self) -> None:
        self._first = Number(
            "First rate", "scenarios/s", value=1, low=0, step=0.5, whole=False, tip="held first"
        )
        self._step = Number(
            "Push by", "scenarios/s", value=1, low=0, step=0.5, whole=False,
            tip="what each further rate adds",
        )  # fmt: skip
        self._steps = Number(
            "Rates at most", "steps", value=10, low=1, whole=True,
            tip="the ramp ends after these, or once a rate is not sustained",
        )  # fmt: skip
        self._hold = Number("Hold each", "s", value=240, low=1, whole=False, tip=_HOLD_TIP)
        self._objective = ObjectiveField()
        rates, holds = (self._first, self._step), (self._steps, self._hold)
        numbers = tuple(field.widget for field in (*rates, *holds))
        self.widgets = (*numbers, self._objective.widget)
        self.box = widgets.VBox([side_by_side(rates, holds), self._objective.row], layout=_FULL)

    def set(
        self, *, start: float, step: float, steps: int, hold_s: float, objective: Objective
    ) -> None:
        """Fill it in."""
        self._first.widget.value, self._step.widget.value = start, step
        self._steps.widget.value, self._hold.widget.value = steps, hold_s
        self._objective.widget.value = str(objective)

    def planned(self) -> dict[str, Any]:
        """The fields of a Plan."""
        rates = [self._first.value + k * self._step.value for k in range(self._steps.value)]
        return {
            "steps": tuple(Step(rate_per_s=rate, hold_s=self._hold.value) for rate in rates),
            "stop_when_maxed_out": True,
            "objective": self._objective.value,
        }


class CapacityForm:
    """How the capacity is searched for."""

    def __init__(self) -> None:
        how = Search()
        self._first = Number(
            "First rate", "scenarios/s", value=how.start_rate_per_s, low=0.1, step=0.5,
            whole=False, tip="doubled while it is sustained",
        )  # fmt: skip
        self._width = Number(
            "Interval at most", "% of it", value=how.width_ratio * 100, low=1, whole=False,
            tip="how exactly the capacity is to be known",
        )  # fmt: skip
        self._trial = Number(
            "Try each", "s", value=how.trial_s, low=1, whole=False,
            tip="how long a rate is held while the search looks for the region",
        )  # fmt: skip
        self._hold = Number(
            "Hold near it", "s", value=how.hold_s, low=1, whole=False,
            tip="how long rates near the capacity are held: what counts in the end",
        )  # fmt: skip
        self.recovery = widgets.Checkbox(
            value=how.recovery,
            description="overload it once at the end: does it recover?",
            indent=False,
            layout=widgets.Layout(width="auto"),
        )
        self._objective = ObjectiveField()
        left, right = (self._first, self._width), (self._trial, self._hold)
        numbers = tuple(field.widget for field in (*left, *right))
        self.widgets = (*numbers, self.recovery, self._objective.widget)
        recovery = labelled("Recovery", [self.recovery], "", "")
        self.box = widgets.VBox(
            [side_by_side(left, right), self._objective.row, recovery], layout=_FULL
        )

    def set(self, search: Search, objective: Objective) -> None:
        """Fill it in."""
        self._first.widget.value = search.start_rate_per_s
        self._width.widget.value = search.width_ratio * 100
        self._trial.widget.value, self._hold.widget.value = search.trial_s, search.hold_s
        self.recovery.value = search.recovery
        self._objective.widget.value = str(objective)

    def planned(self) -> dict[str, Any]:
        """The fields of a Plan."""
        search = Search(
            start_rate_per_s=self._first.value,
            trial_s=self._trial.value,
            hold_s=self._hold.value,
            width_ratio=self._width.value / 100,
            recovery=self.recovery.value,
        )
        return {
            "steps": (Step(rate_per_s=search.start_rate_per_s, hold_s=search.trial_s),),
            "search": search,
            "objective": self._objective.value,
            "warm_up_s": min(5.0, search.trial_s),
        }


class Modes:
    """The tabs."""

    def __init__(self, mode: str, rate: Dial) -> None:
        if mode not in MODES:
            raise InputError(f"A panel has no tab {mode!r}.", hint=f"one of {', '.join(MODES)}.")
        self.rate = rate
        self.ramp = RampForm()
        self.capacity = CapacityForm()
        self.box = widgets.Tab(
            children=[widgets.VBox([rate.row], layout=_FULL), self.ramp.box, self.capacity.box],
            titles=TITLES,
            selected_index=MODES.index(mode),
            layout=widgets.Layout(width="calc(100% - 6px)"),
        )

    @property
    def mode(self) -> Mode:
        """The tab that is chosen."""
        return MODES[self.box.selected_index or 0]

    def choose(self, mode: Mode) -> None:
        """Bring the tab to the front."""
        self.box.selected_index = MODES.index(mode)

    def follow(self, plan: Plan, rate_per_s: float) -> None:
        """Show what a run that was begun elsewhere does."""
        if plan.search is not None:
            self.choose("capacity")
            self.capacity.set(plan.search, plan.objective)
            return
        if len(plan.steps) == 1:
            self.choose("rate")
            self.rate.set(rate_per_s)
            return
        first, second = plan.steps[:2]
        self.choose("ramp")
        self.ramp.set(
            start=first.rate_per_s,
            step=max(0.0, second.rate_per_s - first.rate_per_s),
            steps=len(plan.steps),
            hold_s=first.hold_s or 1.0,
            objective=plan.objective,
        )

    def planned(self) -> dict[str, Any]:
        """The fields of a Plan that say which rates are driven."""
        if self.mode == "ramp":
            return self.ramp.planned()
        if self.mode == "capacity":
            return self.capacity.planned()
        return {"steps": (Step(rate_per_s=self.rate.value),)}

    def allow(self, *, start: bool, running: bool) -> None:
        """What may be set: all before a run, the rate by hand while one holds it."""
        for field in (*self.ramp.widgets, *self.capacity.widgets):
            field.disabled = not start
        for field in self.rate.widgets:
            field.disabled = running and self.mode != "rate"


def side_by_side(*columns: tuple[Number, ...]) -> widgets.HBox:
    """Columns of fields; below one another on a narrow page."""
    boxes = [
        widgets.VBox([field.row for field in column], layout=widgets.Layout(flex="1 1 370px"))
        for column in columns
    ]
    return widgets.HBox(boxes, layout=widgets.Layout(width="100%", flex_flow="row wrap"))
