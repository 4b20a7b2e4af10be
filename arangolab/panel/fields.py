"""The panel's fields: each a row of what it is, where it is set, and in what unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets as widgets

from arangolab.errors import InputError

LABEL: Final = "0 0 150px"
NUMBER: Final = "0 0 100px"
UNIT: Final = "0 0 90px"
"""CSS flex: neither grows nor shrinks, so that the rows stand in columns."""
MOST: Final = 1_000_000
_NAMED: Final = {"description_width": "0"}
"""A field's description names it for screen readers; the row's label stands for it on the page."""
_USERS_TIP: Final = "the numbers of the users who are played, both ends included"


def labelled(label: str, middle: Sequence[Any], unit: str, tip: str) -> widgets.HBox:
    """One row: what it is, where it is set, in what unit; the tip shows on pointing at it."""
    return widgets.HBox(
        [
            widgets.HTML(f"<span title='{tip}'>{label}</span>", layout=widgets.Layout(flex=LABEL)),
            *middle,
            widgets.Label(unit, layout=widgets.Layout(flex=UNIT)),
        ],
        layout=widgets.Layout(width="100%", align_items="center"),
    )


def button(text: str, style: str, icon: str, tip: str) -> widgets.Button:
    """A button with its word, its picture and what it does."""
    return widgets.Button(
        description=text,
        button_style=style,
        icon=icon,
        tooltip=tip,
        layout=widgets.Layout(width="110px"),
    )


class Dial:
    """A number: slider and field show the same value, the field takes larger ones too."""

    def __init__(
        self, label: str, unit: str, *, value: float, low: float, high: float, whole: bool, tip: str
    ) -> None:
        self._name, self._unit, self._low = label, unit, low
        self._checked(value)
        slider = widgets.IntSlider if whole else widgets.FloatSlider
        field = widgets.BoundedIntText if whole else widgets.BoundedFloatText
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
        self._field = field(
            value=value,
            min=low,
            max=MOST,
            step=step,
            continuous_update=False,
            description=f"{label}, {unit}",
            style=_NAMED,
            tooltip=tip,
            layout=widgets.Layout(flex=NUMBER, width="100px"),
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
            widgets.BoundedIntText(
                value=value,
                min=1,
                max=MOST,
                continuous_update=False,
                description=f"{name} user",
                style=_NAMED,
                tooltip=f"{name} user",
                layout=widgets.Layout(flex=NUMBER, width="100px"),
            )
            for name, value in (("First", first), ("Last", last))
        )
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


class Choice:
    """One of several words."""

    def __init__(self, label: str, words: Sequence[str], word: str, tip: str) -> None:
        if word not in words:
            raise InputError(f"{label} cannot be {word!r}.", hint=f"one of {', '.join(words)}.")
        self.widget = widgets.Dropdown(
            options=list(words),
            value=word,
            description=label,
            style=_NAMED,
            tooltip=tip,
            layout=widgets.Layout(width="240px"),
        )
        self.row = labelled(label, [self.widget], "", tip)

    @property
    def value(self) -> str:
        """The word that is chosen."""
        return str(self.widget.value)


class Number:
    """A number without a slider."""

    def __init__(
        self, label: str, unit: str, *, value: float, low: float, step: float = 1, whole: bool,
        tip: str,
    ) -> None:  # fmt: skip
        field = widgets.BoundedIntText if whole else widgets.BoundedFloatText
        self.widget = field(
            value=value,
            min=low,
            max=MOST,
            step=step,
            description=f"{label}, {unit}",
            style=_NAMED,
            tooltip=tip,
            layout=widgets.Layout(flex=NUMBER, width="100px"),
        )
        self.row = labelled(label, [self.widget], unit, tip)

    @property
    def value(self) -> Any:
        """What is set."""
        return self.widget.value
