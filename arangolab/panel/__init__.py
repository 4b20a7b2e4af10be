"""The panel of sliders, buttons and live graphs."""
