"""Runs as plotly figures."""

from arangolab.figures.five import five_graphs
from arangolab.figures.live import LiveFigure
from arangolab.figures.overview import step_overview
from arangolab.figures.picture import bundle, png

__all__ = ["LiveFigure", "bundle", "five_graphs", "png", "step_overview"]
