"""What the tests of the sandbox share."""

from __future__ import annotations

import pytest

from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client, new_database


@pytest.fixture
def client(sandbox: SandboxProcess) -> Client:
    """A client of a new, empty database in the shared server."""
    return new_database(sandbox)
