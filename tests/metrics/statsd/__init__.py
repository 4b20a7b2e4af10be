"""Tests of arangolab.metrics.statsd."""
