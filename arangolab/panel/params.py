"""Fields for the parameters of the scenario that is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

from arangolab.errors import ArangolabError
from arangolab.panel import words
from arangolab.panel.fields import NAMED, NUMBER, Check, Choice, Field, Words
from arangolab.parameters import Parameter, Value, shown
from arangolab.scenarios.catalogue import parameters_of


class Params:
    """A row for each parameter; others when another scenario is chosen."""

    def __init__(self) -> None:
        self.box = widgets.VBox(layout=widgets.Layout(width="100%"))
        self._known: dict[str, Parameter] = {}
        self._fields: dict[str, Field] = {}
        self._disabled = False

    def show(self, scenario: str) -> None:
        """The fields of the scenario; what was set of the same parameter is kept.

        A scenario that cannot be read is told of here; to start it says so too.
        """
        try:
            known = parameters_of(scenario)
        except ArangolabError as error:
            self._known, self._fields = {}, {}
            self.box.children = (widgets.HTML(words.trouble(str(error))),)
            return
        if known == self._known:
            return
        kept = {name: field for name, field in self._fields.items() if self._same(name, known)}
        self._known = known
        self._fields = {name: kept.get(name) or field_of(name, one) for name, one in known.items()}
        self.disable(self._disabled)
        self.box.children = tuple(field.row for field in self._fields.values())

    def set(self, values: Mapping[str, Value]) -> None:
        """Set those that there are."""
        for name, value in values.items():
            if name in self._fields:
                one = self._known[name]
                self._fields[name].set(shown(value) if one.choices else value)

    @property
    def values(self) -> dict[str, Any]:
        """What is set, by name; the text of a choice is understood as on the command line."""
        return {name: field.value for name, field in self._fields.items()}

    def disable(self, disabled: bool) -> None:
        """Whether they can be set."""
        self._disabled = disabled
        for field in self._fields.values():
            field.widget.disabled = disabled

    def _same(self, name: str, known: Mapping[str, Parameter]) -> bool:
        return known.get(name) == self._known.get(name)


def field_of(name: str, one: Parameter) -> Field:
    """A dropdown, a checkbox, a number or a line, as the parameter is."""
    tip = f"parameter of the scenario: {one.is_words}, {shown(one.default) or 'empty'} unless told"
    if one.choices:
        return Choice(name, [shown(each) for each in one.choices], shown(one.default), tip)
    if one.kind == "bool":
        words = f"{name} ({shown(one.default)} unless told)"
        return Check(name, words, value=bool(one.default), tip=tip)
    if one.kind == "str":
        return Words(name, value=str(one.default), tip=tip)
    kind = widgets.IntText if one.kind == "int" else widgets.FloatText
    widget = kind(
        value=one.default,
        description=name,
        style=NAMED,
        tooltip=tip,
        continuous_update=False,
        layout=widgets.Layout(flex=NUMBER, width="100px"),
    )
    return Field(name, widget, "", tip)
