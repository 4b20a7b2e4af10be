"""Tests of arangolab.runner."""
