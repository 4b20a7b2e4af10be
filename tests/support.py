"""What several tests need: waiting for a condition, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], timeout_s: float = 10.0, every_s: float = 0.02) -> T:
    """The first truthy value of ``condition()``; AssertionError when none comes in time."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"nothing came within {timeout_s} s"
        time.sleep(every_s)
