"""pyArango's own tests, which ship with it, against the sandbox."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from arangolab.sandbox.launcher import SandboxProcess
from tests.conformance import report
from tests.conformance.conftest import Note
from tests.conformance.report import Outcome

REFUSED = {
    "test_action": "the web interface's paths",
    "test_foxx_service": "Foxx services",
    "test_tasks": "tasks",
    "test_traversal": "/_api/traversal, which ArangoDB 3.12 does not have either",
}
"""Tests of what the sandbox does not have."""


@pytest.mark.slow
def test_its_own_tests(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path, note: Note
) -> None:
    """All pass but those of what the sandbox refuses by name."""
    sandbox = make_sandbox(password="root")
    told = {
        "ARANGODB_URL": sandbox.url,
        "ARANGODB_ROOT_USERNAME": "root",
        "ARANGODB_ROOT_PASSWORD": sandbox.password,
    }
    done = subprocess.run(
        [sys.executable, "-m", "pyArango.tests.tests", "-v"],
        env={**os.environ, **told},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    for name, line in re.findall(r"^(\w+) \(.*\.\.\. ?(.*)$", done.stderr, re.MULTILINE):
        kind = report.REPRODUCED if line.endswith("ok") else report.MISS
        if name in REFUSED:
            kind = report.REFUSED
        note(Outcome("pyArango's own suite", "tests", name, kind, REFUSED.get(name, line)))
    failed = set(re.findall(r"^(?:ERROR|FAIL): (\w+)", done.stderr, re.MULTILINE))
    assert failed == REFUSED.keys(), done.stderr[-3000:]
    assert re.search(r"^Ran 50 tests", done.stderr, re.MULTILINE)
