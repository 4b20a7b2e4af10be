"""The password travels through pipes alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.runner.runs import processes, scenario, start, until_started

PASSWORD = "correct-horse-battery"


@pytest.mark.slow
def test_the_password_is_nowhere_to_be_read(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path
) -> None:
    """Not in the run's command lines or environments, not in its file, not in what it says."""
    sandbox = make_sandbox(password=PASSWORD)
    target = Target(urls=(sandbox.url,), password=PASSWORD)
    source = "def mine(session):\n    session.db.fetchDocument('nowhere/1')\n"
    live = start(target, tmp_path / "run.sqlite", (20, None), **scenario(source))
    until_started(live.run, 5)
    for pid in processes(live.pid):
        for name in ("cmdline", "environ"):
            assert PASSWORD.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    for file in tmp_path.iterdir():
        assert PASSWORD.encode() not in file.read_bytes()
    live.stop(drain=False)
    run = live.wait()
    assert PASSWORD.encode() not in live.path.read_bytes()
    assert PASSWORD not in f"{run!r} {live!r} {run._repr_html_()} {run.summary()}"
