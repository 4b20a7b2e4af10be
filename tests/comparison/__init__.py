"""Runs and findings side by side."""
