"""Servers that tests share: real processes on loopback."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from arangolab.sandbox.launcher import SandboxProcess, start


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    """One embedded server for all tests; each makes a database of its own in it."""
    with start() as process:
        yield process


@pytest.fixture
def make_sandbox() -> Iterator[Callable[..., SandboxProcess]]:
    """Start further embedded servers, ``make_sandbox(v8_contexts=2)``; they end with the test."""
    with contextlib.ExitStack() as stack:

        def make(**knobs: Any) -> SandboxProcess:
            return stack.enter_context(start(**knobs))

        yield make
