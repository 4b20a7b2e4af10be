"""The panel of sliders, buttons and live graphs."""

from arangolab.panel.panel import Panel
from arangolab.panel.watch import watch

__all__ = ["Panel", "watch"]
