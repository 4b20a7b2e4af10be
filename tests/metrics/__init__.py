"""Tests of arangolab.metrics."""
