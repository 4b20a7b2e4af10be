"""Servers that tests share: real processes on loopback."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from arangolab.sandbox.launcher import SandboxProcess, start
from tests.conformance.report import PROPERTY, Outcome, write

OUTCOMES: list[Outcome] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is too long for every day."""
    group = parser.getgroup("arangolab")
    group.addoption(
        "--in-browser",
        default="part1_monitoring",
        help="guided notebooks to run in JupyterLab: names with commas between, or all",
    )
    group.addoption("--full", action="store_true", help="with their full parameters")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Gather, from all processes of a test run, what goes into the conformance report."""
    for name, outcome in report.user_properties:
        if name == PROPERTY and report.when == "call":
            OUTCOMES.append(Outcome(*outcome))  # type: ignore[misc]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write build/conformance.md when recordings were played."""
    if OUTCOMES and not hasattr(session.config, "workerinput"):
        write(OUTCOMES, session.config.rootpath / "build" / "conformance.md")


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Tests that a shell put into the background ignore Ctrl-C, and what they start with them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def loaded_sandbox() -> Iterator[SandboxProcess]:
    """An embedded server with the graph of 1,000 users in it, for reading and for logins."""
    from arangolab.dataset import load
    from arangolab.target import Target

    with start(v8_contexts=4, v8_wait_s=5.0) as process:
        load(Target(urls=(process.url,), user=process.user), users=1000)
        yield process
