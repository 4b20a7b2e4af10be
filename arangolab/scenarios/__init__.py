"""The scenarios that ship, one a module."""
