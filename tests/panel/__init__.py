"""The panel, without a browser."""
