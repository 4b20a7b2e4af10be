"""What a panel shows: controls, words and graphs, alive and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from arangolab.errors import ArangolabError
from arangolab.panel import words
from arangolab.panel.controls import Controls
from arangolab.panel.following import Following
from arangolab.panel.stage import Stage
from arangolab.target import Target, connect


class Face:
    """The panel's outputs; may be used from any thread."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.stage = Stage(controls.box)
        self._met = False
        self.say(words.IDLE)
        controls.log.value = words.state(words.NO_GRAPHS)
        self.stage.keep([words.lost()])

    def meet(self, target: Target) -> None:
        """Say which server it is, or why it cannot be used."""
        if self._met:
            return
        try:
            server = connect(target)
        except ArangolabError as error:
            self._controls.header.value = words.not_met(target.url)
            self.show_trouble(error)
            return
        self._met = True
        self._controls.header.value = words.header(
            server.name, target.url, server.sandbox, server.notes
        )

    def say(self, text: str) -> None:
        """How things stand."""
        _change(self._controls.state, words.state(text))

    def tell_finding(self, text: str) -> None:
        """How far a finding has come, or where it is."""
        _change(self._controls.exported, words.state(text) if text else "")

    def show_trouble(self, error: BaseException) -> None:
        """What went wrong."""
        known = isinstance(error, ArangolabError)
        text = str(error) if known else f"{type(error).__name__}: {error}"
        _change(self._controls.state, words.trouble(text))

    def play(self, following: Following, file: str, *, detached: bool = False) -> None:
        """Show a run that has begun."""
        self.stage.play(following.figure.widget)
        self.stage.keep([self._controls.header.value, words.lost(file, detached=detached)])

    def refresh(self, following: Following, state: Callable[[], str]) -> None:
        """Show what is new; what goes wrong is shown, and tried again next time."""
        try:
            following.read()
            self.say(state())
            self._controls.progress.show(following.stand())
            _change(self._controls.steps, words.steps(following.steps))
            _change(self._controls.errors, words.errors(following.errors, following.errors_in_all))
            _change(self._controls.log, words.log(following.events, following.warnings))
        except Exception as error:
            self.show_trouble(error)

    def freeze(self, following: Following) -> None:
        """The run has ended: what is seen is what is kept."""
        try:
            self.stage.freeze(following.figure.freeze())
        except Exception as error:
            self.stage.freeze(words.no_picture(error))
        controls = self._controls
        controls.progress.show(None)
        parts = (controls.header, controls.state, controls.steps, controls.errors, controls.log)
        self.stage.keep(part.value for part in parts)


def _change(widget: Any, value: str) -> None:
    """Send only what is new."""
    if widget.value != value:
        widget.value = value
