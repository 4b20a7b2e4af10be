"""The server dies under a run and comes back: the run goes on and says so."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from arangolab import dataset
from arangolab.errors import RunFileError
from arangolab.runner.handle import LiveRun
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.runner.runs import gone, processes, said, start, total, until_started
from tests.support import until


@pytest.mark.slow
def test_the_server_dies_and_comes_back(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path
) -> None:
    """Errors are counted with a first message; both changes are events; the run completes."""
    sandbox = make_sandbox()
    target = Target(urls=(sandbox.url,))
    dataset.load(target, users=1_000)
    live = start(target, tmp_path / "run.sqlite", (20, 60), read_timeout_s=3.0, drain_s=1.0)
    until_started(live.run, 5)
    os.kill(sandbox.pid, signal.SIGKILL)
    until(lambda: f"The server's process {sandbox.pid} has gone." in said(live.run, "error"))
    until(lambda: total(live.run, "failed") > 3)
    again = make_sandbox(port=urlsplit(sandbox.url).port)
    dataset.load(target, users=1_000)
    back = f"The server is back: its process is {again.pid} now."
    until(lambda: back in said(live.run, "note"))
    failed, finished = total(live.run, "failed"), total(live.run, "finished")
    until(lambda: total(live.run, "finished") > finished + total(live.run, "failed") - failed + 20)
    live.stop()
    run = live.wait()
    assert run.status == "stopped"
    assert total(run, "started") == total(run, "intended") - total(run, "shed")
    figures = run.summary()
    assert "refused" in " ".join(error["first_message"] for error in figures["errors"]).lower()
    samples = run.samples()
    threads = samples[(samples["source"] == "proc") & (samples["name"] == "threads")]
    assert threads["time_s"].diff().max() > 0.9


@pytest.mark.slow
def test_a_process_that_cannot_join(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path
) -> None:
    """More processes are asked for while the server is away: said, and the run goes on."""
    sandbox = make_sandbox()
    target = Target(urls=(sandbox.url,))
    dataset.load(target, users=1_000)
    live = start(target, tmp_path / "run.sqlite", (20, 60), read_timeout_s=3.0, drain_s=1.0)
    until_started(live.run, 5)
    sandbox.stop()
    live.set_processes(2)
    until(lambda: "A further process could not join: " in said(live.run, "error"))
    started = total(live.run, "started")
    until_started(live.run, started + 10)
    live.stop()
    run = live.wait()
    assert run.status == "stopped"
    assert {step.processes for step in run.steps()} == {1}


@pytest.mark.slow
def test_the_run_file_is_removed(target: Target, tmp_path: Path) -> None:
    """The run cannot be kept any more: it ends at once, and waiting for it says why."""
    live = start(target, tmp_path / "run.sqlite", (20, 60))
    until_started(live.run, 5)
    pids = processes(live.pid)
    for file in tmp_path.iterdir():
        file.unlink()
    until(lambda: all(gone(pid) for pid in pids), 3.0)
    with pytest.raises(RunFileError, match="was removed while the run went on"):
        live.wait()
    with pytest.raises(RunFileError, match="was removed"):
        asyncio.run(_awaited(live))


async def _awaited(live: LiveRun) -> None:
    await live
