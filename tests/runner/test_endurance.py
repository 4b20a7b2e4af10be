"""Endurance runs: detached, found again by their file, and a server that ages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from arangolab import dataset, lab
from arangolab.errors import InputError, RunFileError
from arangolab.runfile import open_run
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.runner.runs import until_started
from tests.support import until

BEGIN = """
from arangolab import lab
from arangolab.target import Target
lab.endure(Target(urls=({url!r},), database={database!r}), rate_per_s=10, duration_s=6,
           users=(1, 1000), path={path!r}, interval_s=0.5, warm_up_s=0)
print("begun", flush=True)
input()
"""


@pytest.mark.slow
def test_it_survives_the_kernel_and_is_found_again(target: Target, tmp_path: Path) -> None:
    """Who started it is killed; another process attaches by the file, steers it, has the result."""
    path = tmp_path / "run.sqlite"
    source = BEGIN.format(url=target.url, database=target.database, path=str(path))
    kernel = subprocess.Popen(
        [sys.executable, "-c", source],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    with kernel:
        assert kernel.stdout is not None
        assert kernel.stdout.readline() == b"begun\n"
        os.killpg(kernel.pid, signal.SIGKILL)
    live = lab.attach(path)
    until_started(live.run, 10)
    assert live.alive
    assert live.left_s > 0
    live.note("still here")
    run = live.wait(60)
    assert run.status == "completed"
    assert run.summary()["started"] == 60
    assert "still here" in "\n".join(run.events()["text"])
    assert run.endurance is not None
    assert run.endurance["sustained"]
    assert run.endurance["rate_per_s"] == 10
    assert run.verdict is not None
    assert run.verdict["sentence"].startswith(run.endurance["sentence"])


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_sandbox_that_ages_becomes_slower(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path
) -> None:
    """Each query takes longer by the minute: every window may hold, the endurance does not."""
    server = make_sandbox(v8_contexts=4, ageing_s=0.1)
    target = Target(urls=(server.url,))
    dataset.load(target, users=1_000)
    live = lab.endure(
        target, rate_per_s=4, duration_s=45, users=(1, 1_000), path=tmp_path / "run.sqlite",
        attached=True, warm_up_s=1,
    )  # fmt: skip
    found = live.wait().endurance
    assert found is not None
    assert found["slower"]
    assert not found["met"]
    assert "The server became slower: response time" in found["sentence"]


def test_how_hard_must_be_said(target: Target, tmp_path: Path) -> None:
    """Neither a rate nor a capacity, or a file that tells none: one sentence."""
    with pytest.raises(InputError, match="how hard to push"):
        lab.endure(target)
    with pytest.raises(RunFileError):
        lab.attach(tmp_path / "none.sqlite")


@pytest.mark.slow
def test_a_detached_run_is_not_stopped_by_who_waits(target: Target, tmp_path: Path) -> None:
    """Its stop is a command, given by whoever has the file."""
    path = tmp_path / "run.sqlite"
    lab.endure(
        target,
        rate_per_s=10,
        duration_s=600,
        users=(1, 1_000),
        path=path,
        interval_s=0.5,
        warm_up_s=0,
    )
    live = lab.attach(path)
    until_started(live.run, 5)
    live.stop(drain=False)
    until(lambda: open_run(path).status == "stopped", 30)
    assert open_run(path).endurance is not None
