"""Findings: a notebook executed, its summary in figures, and the same as one page for all."""

from arangolab.finding.execution import Interrupt, Progress, execute
from arangolab.finding.making import Finding, make
from arangolab.finding.page import PLOTLY, export_html
from arangolab.finding.summary import main_run, read

__all__ = [
    "PLOTLY",
    "Finding",
    "Interrupt",
    "Progress",
    "execute",
    "export_html",
    "main_run",
    "make",
    "read",
]
