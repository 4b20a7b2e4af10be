"""The panel's sliders, each with the number fields that show the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import ipywidgets as widgets

from arangolab.errors import InputError
from arangolab.panel.fields import MOST, labelled, number_field

_USERS_TIP: Final = "the numbers of the users who are played, both ends included"


class Dial:
    """A number: slider and field show the same value, the field takes larger ones too."""

    def __init__(
        self, label: str, unit: str, *, value: float, low: float, high: float, whole: bool, tip: str
    ) -> None:
        self._name, self._unit, self._low = label, unit, low
        self._checked(value)
        slider = widgets.IntSlider if whole else widgets.FloatSlider
        step = 1 if whole else 0.5
        self._slider = slider(
            value=value,
            min=low,
            max=max(high, value),
            step=step,
            readout=False,
            continuous_update=False,
            layout=widgets.Layout(flex="1 1 80px", width="auto"),
        )
        self._field = number_field(
            f"{label}, {unit}",
            value=value,
            low=low,
            step=step,
            whole=whole,
            tip=tip,
            continuous_update=False,
        )
        self.row = labelled(label, [self._slider, self._field], unit, tip)
        self._changed: Callable[[Any], object] = lambda _: None
        self._value = value
        self._slider.observe(self._from_widget, "value")
        self._field.observe(self._from_widget, "value")

    @property
    def widgets(self) -> tuple[Any, ...]:
        """Slider and field."""
        return (self._slider, self._field)

    @property
    def value(self) -> Any:
        """What is set."""
        return self._value

    def set(self, value: Any) -> None:
        """Set it as a user would; raises InputError when it cannot be."""
        self._checked(value)
        self._field.value = value

    def on_change(self, changed: Callable[[Any], object]) -> None:
        """Call ``changed(value)`` once for each new value."""
        self._changed = changed

    def _checked(self, value: Any) -> None:
        if not self._low <= value <= MOST:
            raise InputError(
                f"{self._name} cannot be {value:g} {self._unit}.",
                hint=f"a number from {self._low:g} to {MOST:,}.",
            )

    def _from_widget(self, change: Any) -> None:
        value = change["new"]
        if value == self._value:
            return
        self._value = value
        self._slider.max = max(self._slider.max, value)
        self._slider.value = value
        self._field.value = value
        self._changed(value)


class UserRange:
    """Which users are played: the first and the last."""

    def __init__(self, first: int, last: int) -> None:
        if not 1 <= first <= last <= MOST:
            raise InputError(
                f"There are no users from {first} to {last}.",
                hint=f"users=(1, 10000): from 1 on, to {MOST:,} at most.",
            )
        self._slider = widgets.IntRangeSlider(
            value=(first, last),
            min=1,
            max=max(10_000, last),
            readout=False,
            continuous_update=False,
            layout=widgets.Layout(flex="1 1 80px", width="auto"),
        )
        self._fields = tuple(
            number_field(
                f"{name} user", value=value, low=1, step=1, whole=True, tip=f"{name} user",
                continuous_update=False,
            )
            for name, value in (("First", first), ("Last", last))
        )  # fmt: skip
        self.row = labelled("User range", [self._slider, *self._fields], "users", _USERS_TIP)
        self._slider.observe(self._from_slider, "value")
        for field in self._fields:
            field.observe(self._from_fields, "value")

    @property
    def widgets(self) -> tuple[Any, ...]:
        """Slider and fields."""
        return (self._slider, *self._fields)

    @property
    def value(self) -> tuple[int, int]:
        """(first, last), both included; as typed, so it may be empty."""
        return self._fields[0].value, self._fields[1].value

    def set(self, first: int, last: int) -> None:
        """Set both ends."""
        self._fields[0].value, self._fields[1].value = first, last

    def _from_slider(self, change: Any) -> None:
        first, last = change["new"]
        if first <= last and self.value != (first, last):
            self._fields[0].value, self._fields[1].value = first, last

    def _from_fields(self, _: Any) -> None:
        first, last = self.value
        if first <= last:
            self._slider.max = max(self._slider.max, last)
            self._slider.value = (first, last)
