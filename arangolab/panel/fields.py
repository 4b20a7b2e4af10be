"""The panel's fields: each a row of what it is, where it is set, and in what unit."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, Final

import ipywidgets as widgets

from arangolab.errors import InputError

LABEL: Final = "0 0 150px"
NUMBER: Final = "0 0 100px"
UNIT: Final = "0 0 90px"
"""CSS flex: neither grows nor shrinks, so that the rows stand in columns."""
MOST: Final = 1_000_000
NAMED: Final = {"description_width": "0"}
"""A field's description names it for screen readers; the row's label stands for it on the page."""


def labelled(label: str, middle: Sequence[Any], unit: str, tip: str) -> widgets.HBox:
    """One row: what it is, where it is set, in what unit; the tip shows on pointing at it."""
    told = f"<span title='{html.escape(tip)}'>{html.escape(label)}</span>"
    return widgets.HBox(
        [
            widgets.HTML(told, layout=widgets.Layout(flex=LABEL)),
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


def number_field(
    name: str, *, value: float, low: float, step: float, whole: bool, tip: str, **more: Any
) -> Any:
    """A field for a number from ``low`` to MOST; ``name``: for screen readers."""
    kind = widgets.BoundedIntText if whole else widgets.BoundedFloatText
    return kind(
        value=value,
        min=low,
        max=max(MOST, value),
        step=step,
        description=name,
        style=NAMED,
        tooltip=tip,
        layout=widgets.Layout(flex=NUMBER, width="100px"),
        **more,
    )


class Field:
    """A row with one widget in it."""

    def __init__(self, label: str, widget: Any, unit: str, tip: str) -> None:
        self.widget = widget
        self.row = labelled(label, [widget], unit, tip)

    @property
    def value(self) -> Any:
        """What is set."""
        return self.widget.value

    def set(self, value: Any) -> None:
        """Set it."""
        self.widget.value = value


class Number(Field):
    """A number without a slider."""

    def __init__(
        self, label: str, unit: str, *, value: float = 0, low: float = 0, step: float = 1,
        whole: bool = False, tip: str,
    ) -> None:  # fmt: skip
        name = f"{label}, {unit}" if unit else label
        widget = number_field(name, value=value, low=low, step=step, whole=whole, tip=tip)
        super().__init__(label, widget, unit, tip)


class Choice(Field):
    """One of several words."""

    def __init__(self, label: str, words: Sequence[str], word: str, tip: str) -> None:
        self._label = label
        widget = widgets.Dropdown(
            options=list(words),
            description=label,
            style=NAMED,
            tooltip=tip,
            layout=widgets.Layout(width="240px"),
        )
        super().__init__(label, widget, "", tip)
        self.set(word)

    def set(self, value: Any) -> None:
        """Choose the word; raises InputError when there is none such."""
        if value not in self.widget.options:
            words = ", ".join(map(str, self.widget.options))
            raise InputError(f"{self._label} cannot be {value!r}.", hint=f"one of {words}.")
        self.widget.value = value

    def offer(self, word: str) -> None:
        """Choose the word; it is among the words from now on."""
        if word not in self.widget.options:
            self.widget.options = (*self.widget.options, word)
        self.widget.value = word


class Words(Field):
    """A line of text."""

    def __init__(self, label: str, *, value: str = "", example: str = "", tip: str) -> None:
        widget = widgets.Text(
            value=value,
            continuous_update=False,
            placeholder=example,
            description=label,
            style=NAMED,
            tooltip=tip,
            layout=widgets.Layout(flex="1 1 150px", width="auto"),
        )
        super().__init__(label, widget, "", tip)


class Check(Field):
    """Yes or no."""

    def __init__(self, label: str, words: str, *, value: bool = False, tip: str = "") -> None:
        widget = widgets.Checkbox(
            value=value,
            description=words,
            indent=False,
            tooltip=tip or words,
            layout=widgets.Layout(width="auto"),
        )
        super().__init__(label, widget, "", tip)


def side_by_side(*columns: Sequence[Field]) -> widgets.HBox:
    """Columns of fields; below one another on a narrow page."""
    boxes = [
        widgets.VBox([field.row for field in column], layout=widgets.Layout(flex="1 1 370px"))
        for column in columns
    ]
    return widgets.HBox(boxes, layout=widgets.Layout(width="100%", flex_flow="row wrap"))
