"""What several tests need: waiting for a condition, with an end."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

T = TypeVar("T")


def until(condition: Callable[[], T], timeout_s: float = 30.0, every_s: float = 0.02) -> T:
    """The first truthy value of ``condition()``; AssertionError when none comes in time."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"nothing came within {timeout_s} s"
        time.sleep(every_s)


@contextlib.contextmanager
def only_one() -> Iterator[int]:
    """The pid of a process whose command line nothing else on this host has."""
    words = f"import sys; print(flush=True); sys.stdin.read()  # {uuid.uuid4()}"
    command = [sys.executable, "-c", words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # now its command line is there to be read
        yield process.pid
        process.communicate()


def require(component: str, is_there: bool) -> None:
    """Skip the test for want of a component; fail where ARANGOLAB_REQUIRE names it."""
    if not is_there:
        required = component in os.environ.get("ARANGOLAB_REQUIRE", "").split(",")
        assert not required, f"{component} is required here"
        pytest.skip(f"there is no {component} on this host")
