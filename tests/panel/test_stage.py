"""What a cell shows while widgets live."""

from __future__ import annotations

from arangolab.figures import five_graphs, step_overview
from arangolab.panel.stage import NARROW_PX
from tests.fake_runs import FakeRun


def test_the_narrowest_graph_has_room_between_its_margins() -> None:
    """plotly.js breaks off in a cell that is no wider than a figure's margins."""
    for figure in (five_graphs(FakeRun()), step_overview(FakeRun())):
        margin = figure.layout.margin
        assert margin.l + margin.r < NARROW_PX
