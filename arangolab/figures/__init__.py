"""Runs as plotly figures."""

from arangolab.figures.five import five_graphs

__all__ = ["five_graphs"]
