"""Colours that can be seen."""

from __future__ import annotations

import itertools

import pytest

from arangolab.figures import palette
from arangolab.figures.curves import CURVES, GRAPHS
from arangolab.figures.palette import STYLES, contrast, step_style


def test_contrast_follows_its_definition() -> None:
    """Black on white is 21, a colour on itself 1."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("page", [palette.LIGHT_PAGE, palette.DARK_PAGE])
def test_every_colour_stands_out_from_light_and_dark_pages(page: str) -> None:
    """Lines have 3:1 at least, words 4:1."""
    for style in (*STYLES.values(), *(step_style(n) for n in range(5))):
        assert contrast(style.colour, page) >= 3, style
    assert contrast(palette.TEXT, page) >= 4


def test_no_two_things_look_alike() -> None:
    """Each thing has a pair of colour and dash of its own."""
    looks = [(s.colour, s.dash) for name, s in STYLES.items() if name != "events"]
    looks += [(step_style(n).colour, step_style(n).dash) for n in range(5)]
    twice = {look for look in looks if looks.count(look) > 1}
    assert twice <= {(palette.GREEN, "dot")}, "a step's mean and in flight at a step's end"


def test_within_a_graph_colours_differ() -> None:
    """Lines of one graph differ in colour or, where they belong together, in dash."""
    for graph in range(len(GRAPHS)):
        styles = [c.style for c in CURVES if c.graph == graph]
        for one, other in itertools.combinations(styles, 2):
            assert (one.colour, one.dash) != (other.colour, other.dash)
