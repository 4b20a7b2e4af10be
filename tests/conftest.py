"""Servers that tests share: real processes on loopback."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest

from arangolab.finding import documents
from arangolab.sandbox.launcher import SandboxProcess, start
from tests.conformance.report import PROPERTY, Outcome, write

OUTCOMES: list[Outcome] = []
LONGEST = (
    "test_main_job.py",
    "test_notebooks.py",
    "test_panel.py",
    "test_capacity.py",
    "test_quick.py",
    "test_scenarios.py",
    "test_runs.py",
    "test_steering.py",
    "test_search.py",
    "test_demo.py",
    "test_lab.py",
    "test_tabs.py",
    "test_making.py",
)
"""Files that begin first, so that in the end no process waits for another."""

# Hundreds of processes are started, and each would compile what it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")
documents.nbformat()  # before a test's module imports it, and takes three seconds


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is too long for every day."""
    group = parser.getgroup("arangolab")
    group.addoption(
        "--in-browser",
        default="part1_monitoring",
        help="guided notebooks to run in JupyterLab: names with commas between, or all",
    )
    group.addoption("--full", action="store_true", help="with their full parameters")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """With ``-n``, a file's tests stay in one process: what they share is made once."""
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "loadfile"
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever is long comes first, then the files of many tests."""
    counts = Counter(item.path for item in items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def place(item: pytest.Item) -> tuple[int, bool, int, str]:
        name = item.path.name
        long = item.path in slow and name in LONGEST
        rank = LONGEST.index(name) if long else len(LONGEST)
        return rank, item.path not in slow, -counts[item.path], str(item.path)

    items.sort(key=place)


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
