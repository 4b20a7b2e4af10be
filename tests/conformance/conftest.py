"""One server for all recordings, and the report that is written at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from arangolab.sandbox.launcher import start
from tests.conformance.recordings import ROOT
from tests.conformance.report import Outcome, write
from tests.conformance.shell import Shell

Note = Callable[[Outcome], None]


@pytest.fixture(scope="session")
def shell() -> Iterator[Shell]:
    """A shell on a server of its own: recordings use _system and well-known names."""
    with start() as process:
        yield Shell(process)


@pytest.fixture(scope="session")
def outcomes() -> Iterator[list[Outcome]]:
    """How each recording came out; written as build/conformance.md at the end."""
    found: list[Outcome] = []
    yield found
    if found:
        write(sorted(found, key=lambda outcome: outcome.suite), ROOT / "build")


@pytest.fixture
def note(outcomes: list[Outcome]) -> Note:
    """Takes an outcome for the report."""
    return outcomes.append
