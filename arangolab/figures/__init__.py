"""Runs as plotly figures."""

from arangolab.figures.evidence import evidence_graphs
from arangolab.figures.five import five_graphs
from arangolab.figures.live import LiveFigure
from arangolab.figures.overview import step_overview
from arangolab.figures.picture import bundle, png, show

__all__ = ["LiveFigure", "bundle", "evidence_graphs", "five_graphs", "png", "show", "step_overview"]
