"""The figures' tests."""
