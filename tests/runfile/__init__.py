"""Tests of arangolab.runfile."""
