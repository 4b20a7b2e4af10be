"""What a run is to do: a rate held by hand, a ramp, or a search for the capacity; a tab each."""

from __future__ import annotations

from typing import Any, Final, Literal

import ipywidgets as widgets

from arangolab.errors import InputError
from arangolab.panel.dials import Dial
from arangolab.panel.fields import Check, Number, Words, side_by_side
from arangolab.plan import USUAL, Objective, Plan, Ramp, Search, Step
from arangolab.schedule import parse_rates

Mode = Literal["rate", "ramp", "capacity"]
MODES: Final[tuple[Mode, ...]] = ("rate", "ramp", "capacity")
TITLES: Final = ("By hand", "Ramp", "Capacity")
_HOLD_TIP: Final = "how long each rate is held; the article's ramps hold 240 s"
_OBJECTIVE_TIP: Final = "for example: response_p95 < 500 ms, errors < 1 %, in_flight stable"
_CALM_TIP: Final = "how long what is in flight is given to end before the next rate, at most"
_FULL: Final = widgets.Layout(width="100%")


class RateForm:
    """One rate, moved by hand."""

    def __init__(self, rate: Dial) -> None:
        self.rate = rate
        self._duration = Number("Hold it for", "s (0: no end)", tip="0: until it is stopped")
        self.widgets = (self._duration.widget,)
        self.box = widgets.VBox([rate.row, self._duration.row], layout=_FULL)

    def show(self, plan: Plan, rate_per_s: float) -> None:
        """Fill it in."""
        self.rate.set(rate_per_s)
        self._duration.set(plan.steps[0].hold_s or 0)

    def planned(self, rise_s: float) -> dict[str, Any]:
        """The fields of a Plan."""
        hold_s = self._duration.value or None
        return {"steps": (Step(rate_per_s=self.rate.value, hold_s=hold_s, rise_s=rise_s),)}


class RampForm:
    """The rates of a ramp, and what they are judged by."""

    def __init__(self) -> None:
        self._first = Number("First rate", "scenarios/s", step=0.5, tip="held first")
        self._push = Number("Push by", "scenarios/s", step=0.5, tip="what each further rate adds")
        self._steps = Number(
            "Rates at most", "steps", low=1, value=1, whole=True,
            tip="the ramp ends after these, or once a rate is not sustained",
        )  # fmt: skip
        self._hold = Number("Hold each", "s", low=0.1, value=1, tip=_HOLD_TIP)
        self._calm = Number("Calm between", "s at most", tip=_CALM_TIP)
        self._rates = Words(
            "Or a list of rates", example="1, 2, 5, 10", tip="instead of the first three"
        )
        self._down = Check("Way back", "once it is too much, go back down until it recovers")
        self._add = Check("More injectors", "one more process with each rate")
        self._objective = objective_field()
        left = (self._first, self._push, self._steps, self._rates)
        right = (self._hold, self._calm, self._down, self._add)
        self.widgets = tuple(field.widget for field in (*left, *right, self._objective))
        self.box = widgets.VBox([side_by_side(left, right), self._objective.row], layout=_FULL)
        self.set(Ramp(), Objective())

    def set(
        self, ramp: Ramp, objective: Objective, *, calm_s: float = USUAL.calm_s, down: bool = False
    ) -> None:
        """Fill it in."""
        self._first.set(ramp.start_per_s)
        self._push.set(ramp.push_per_s)
        self._steps.set(ramp.steps)
        self._rates.set(", ".join(f"{rate:.12g}" for rate in ramp.rates_per_s))
        self._hold.set(ramp.hold_s)
        self._add.set(ramp.add_processes)
        self._calm.set(calm_s)
        self._down.set(down)
        self._objective.set(str(objective))

    def planned(self, rise_s: float, processes: int) -> dict[str, Any]:
        """The fields of a Plan; raises InputError for what is no list of rates, no objective."""
        listed = self._rates.value.strip()
        ramp = Ramp(
            start_per_s=self._first.value,
            push_per_s=self._push.value,
            steps=self._steps.value,
            rates_per_s=parse_rates(listed) if listed else (),
            hold_s=self._hold.value,
            rise_s=rise_s,
            add_processes=self._add.value,
        )
        return {
            "steps": ramp.held(processes),
            "stop_when_maxed_out": True,
            "calm_s": self._calm.value,
            "ramp_down": self._down.value,
            "objective": Objective.parse(self._objective.value),
        }


class CapacityForm:
    """How the capacity is searched for."""

    def __init__(self) -> None:
        self._first = Number(
            "First rate", "scenarios/s", value=1, low=0.1, step=0.5,
            tip="doubled while it is sustained",
        )  # fmt: skip
        self._most = Number(
            "Highest rate", "/s (0: any)", step=0.5, tip="no rate above it is tried; 0: no bound"
        )
        self._width = Number(
            "Interval at most", "% of it", value=1, low=1, tip="how exactly it is to be known"
        )
        self._trials = Number(
            "Rates at most", "trials", value=2, low=2, whole=True, tip="it gives up after these"
        )
        self._trial = Number(
            "Try each", "s", value=1, low=0.1,
            tip="how long a rate is held while the search looks for the region",
        )  # fmt: skip
        self._hold = Number(
            "Hold near it", "s", value=1, low=0.1,
            tip="how long rates near the capacity are held: what counts in the end",
        )  # fmt: skip
        self._calm = Number("Calm between", "s at most", tip=_CALM_TIP)
        self._warm_up = Number("Warm-up", "s", tip="before the first rate; it does not count")
        self.recovery = Check("Recovery", "overload it once at the end: does it recover?")
        self._objective = objective_field()
        left = (self._first, self._most, self._width, self._trials)
        right = (self._trial, self._hold, self._calm, self._warm_up)
        both = (*left, *right, self.recovery, self._objective)
        self.widgets = tuple(field.widget for field in both)
        self.box = widgets.VBox(
            [side_by_side(left, right), self._objective.row, self.recovery.row], layout=_FULL
        )
        self.set(Search(), Objective())

    def set(self, search: Search, objective: Objective, *, warm_up_s: float | None = None) -> None:
        """Fill it in."""
        self._first.set(search.start_rate_per_s)
        self._most.set(search.rate_max_per_s or 0)
        self._width.set(round(search.width_ratio * 100, 9))
        self._trials.set(search.trials_max)
        self._trial.set(search.trial_s)
        self._hold.set(search.hold_s)
        self._calm.set(search.calm_s)
        self._warm_up.set(search.warm_up_s if warm_up_s is None else warm_up_s)
        self.recovery.set(search.recovery)
        self._objective.set(str(objective))

    def planned(self) -> dict[str, Any]:
        """The fields of a Plan; raises InputError for what is no objective."""
        search = Search(
            start_rate_per_s=self._first.value,
            rate_max_per_s=self._most.value or None,
            trial_s=self._trial.value,
            hold_s=self._hold.value,
            width_ratio=self._width.value / 100,
            trials_max=self._trials.value,
            calm_s=self._calm.value,
            recovery=self.recovery.value,
        )
        return {
            "steps": (search.first,),
            "search": search,
            "objective": Objective.parse(self._objective.value),
            "warm_up_s": self._warm_up.value,
        }


class Modes:
    """The tabs."""

    def __init__(self, mode: str, rate: Dial) -> None:
        if mode not in MODES:
            raise InputError(f"A panel has no tab {mode!r}.", hint=f"one of {', '.join(MODES)}.")
        self.rate = RateForm(rate)
        self.ramp = RampForm()
        self.capacity = CapacityForm()
        self.box = widgets.Tab(
            children=[form.box for form in (self.rate, self.ramp, self.capacity)],
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

    def begin(self, plan: Plan) -> None:
        """Fill in all tabs as far as the plan tells of them, whichever is in front."""
        self.rate.show(plan, plan.steps[0].rate_per_s)
        self.ramp.set(Ramp(), plan.objective, calm_s=plan.calm_s, down=plan.ramp_down)
        self.capacity.set(plan.search or Search(), plan.objective)

    def show(self, plan: Plan, rate_per_s: float) -> None:
        """Bring the plan's tab to the front, filled in; ``rate_per_s``: as it is now."""
        if plan.search is not None:
            self.capacity.set(plan.search, plan.objective, warm_up_s=plan.warm_up_s)
            self.choose("capacity")
        elif len(plan.steps) == 1 and not plan.stop_when_maxed_out:
            self.rate.show(plan, rate_per_s)
            self.choose("rate")
        else:
            ramp = Ramp.of(plan.steps)
            self.ramp.set(ramp, plan.objective, calm_s=plan.calm_s, down=plan.ramp_down)
            self.choose("ramp")

    def planned(self, rise_s: float, processes: int) -> dict[str, Any]:
        """The fields of a Plan that say which rates are driven.

        ``rise_s``: in which each is reached; ``processes``: injectors at the begin.
        """
        if self.mode == "ramp":
            return self.ramp.planned(rise_s, processes)
        return self.capacity.planned() if self.mode == "capacity" else self.rate.planned(rise_s)

    def allow(self, *, start: bool, running: bool) -> None:
        """What may be set: all before a run, the rate by hand while one holds it."""
        for form in (self.rate, self.ramp, self.capacity):
            for widget in form.widgets:
                widget.disabled = not start
        for widget in self.rate.rate.widgets:
            widget.disabled = running and self.mode != "rate"


def objective_field() -> Words:
    """What "sustained" means, in words."""
    return Words("Sustained means", value=str(Objective()), tip=_OBJECTIVE_TIP)
