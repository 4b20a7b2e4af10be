"""The panel of sliders, buttons and live graphs."""

from arangolab.panel.watch import watch

__all__ = ["watch"]
