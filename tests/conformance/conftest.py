"""One server for all recordings, and what goes into the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from arangolab.sandbox.launcher import start
from tests.conformance.report import PROPERTY, Outcome
from tests.conformance.shell import Shell

Note = Callable[[Outcome], None]


@pytest.fixture(scope="session")
def shell() -> Iterator[Shell]:
    """A shell on a server of its own: recordings use _system and well-known names."""
    with start() as process:
        yield Shell(process)


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Takes an outcome for the report, which ``tests/conftest.py`` writes at the end."""

    def noted(outcome: Outcome) -> None:
        request.node.user_properties.append((PROPERTY, list(outcome)))

    return noted
