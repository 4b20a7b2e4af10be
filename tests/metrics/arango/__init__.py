"""Tests of arangolab.metrics.arango."""
