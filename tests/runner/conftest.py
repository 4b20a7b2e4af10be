"""A data set that the runs of these tests share."""

from __future__ import annotations

import pytest

from arangolab import dataset
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target, api

USERS = 1_000


@pytest.fixture(scope="session")
def target(sandbox: SandboxProcess) -> Target:
    """A database of its own with 1,000 users."""
    server = Target(urls=(sandbox.url,), user=sandbox.user, password=sandbox.password)
    api(server, "POST", "/_api/database", json={"name": "runs"})
    target = Target(
        urls=(sandbox.url,), user=sandbox.user, password=sandbox.password, database="runs"
    )
    dataset.load(target, users=USERS)
    return target
