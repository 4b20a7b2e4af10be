"""How far a run has come, and how long it will take yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from arangolab import units
from arangolab.runfile.follower import left_words
from arangolab.runfile.reader import StepRow


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a run has come."""

    done: float
    """Share of the planned time that has passed, 0 to 1."""
    words: str


def searching(outlook: Mapping[str, Any], since_s: float) -> Stand:
    """How far a search for the capacity has come; ``outlook``: of the run file's facts."""
    end_s = max(outlook["at_s"] + outlook["left_s"], since_s + 1.0)
    words = f"trial {outlook['trial']} ({outlook['kind']}); about {left_words(end_s - since_s)}"
    return Stand(since_s / end_s, words)


def stand_of(
    *, since_s: float, duration_s: float, steps: list[StepRow], planned: int, may_end: bool
) -> Stand | None:
    """None for a run that was given no end.

    ``planned``: steps; ``may_end``: the run may end before, once a rate is not sustained.
    """
    if duration_s == float("inf"):
        return None
    done = min(1.0, since_s / duration_s) if duration_s else 1.0
    left = left_words(max(0.0, duration_s - since_s), most=may_end)
    if planned == 1 or not steps:
        return Stand(done, left)
    at = f"step {len(steps)} of {planned}, {units.rate(steps[-1].rate_per_s)}"
    return Stand(done, f"{at}; {left}")


class Progress:
    """A bar and its words; not there while nothing has an end."""

    def __init__(self) -> None:
        self.bar = widgets.FloatProgress(
            value=0.0,
            min=0.0,
            max=1.0,
            tooltip="progress of the run",
            layout=widgets.Layout(width="300px"),
        )
        self.words = widgets.HTML()
        self.box = widgets.HBox(
            [self.bar, self.words], layout=widgets.Layout(align_items="center", display="none")
        )

    def show(self, stand: Stand | None) -> None:
        """Show it; None: there is nothing to show."""
        display = "none" if stand is None else ""
        if self.box.layout.display != display:
            self.box.layout.display = display
        if stand is not None:
            self.bar.value = round(stand.done, 3)
            if self.words.value != stand.words:
                self.words.value = stand.words
