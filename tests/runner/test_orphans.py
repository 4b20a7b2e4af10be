"""No process of a run outlives what it belongs to, and the run file says how it ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from arangolab.runfile.reader import open_run
from arangolab.target import Target
from tests.runner.runs import gone, processes, said, scenario, start, total, until_started
from tests.support import until

ROOT = Path(__file__).parents[2]
KERNEL = """
import json, sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from arangolab.target import Target
from tests.runner.runs import processes, start, until_started
told = json.loads(sys.stdin.readline())
told["urls"] = tuple(told["urls"])
live = start(Target(**told), Path({path!r}), (20, 4), processes=2, attached={attached})
until_started(live.run, 5)
print(json.dumps(processes(live.pid)), flush=True)
while True:
    time.sleep(1)
"""


def kernel(
    target: Target, path: Path, *, attached: bool
) -> tuple[subprocess.Popen[str], list[int]]:
    """A process like a notebook's kernel that has started a run; and the run's processes."""
    code = KERNEL.format(root=str(ROOT), path=str(path), attached=attached)
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({**target.to_dict(), "password": target.password}) + "\n")
    process.stdin.flush()
    return process, json.loads(process.stdout.readline())


def all_gone(pids: list[int], within_s: float) -> None:
    """Wait for the end of all of them, for so long at most."""
    until(lambda: all(gone(pid) for pid in pids), within_s)


@pytest.mark.slow
def test_the_kernel_is_killed(target: Target, tmp_path: Path) -> None:
    """Nothing of an attached run is left after 2 s; the file says why it ended."""
    path = tmp_path / "run.sqlite"
    process, pids = kernel(target, path, attached=True)
    with process:
        assert len(pids) == 3
        process.kill()
        all_gone(pids, 2.0)
    run = open_run(path)
    assert run.status == "stopped"
    assert run.ending == (
        "The process that started it went away; the run was ended with what it had."
    )
    assert total(run, "started") >= 5
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]


@pytest.mark.slow
def test_the_runner_is_killed(target: Target, tmp_path: Path) -> None:
    """Its injectors are gone after 2 s; what was recorded is there, and the status says died."""
    live = start(target, tmp_path / "run.sqlite", (20, None), processes=2)
    until_started(live.run, 5)
    pids = processes(live.pid)
    os.kill(live.pid, signal.SIGKILL)
    all_gone(pids, 2.0)
    live.wait(2.0)
    run = open_run(live.path)
    assert run.status == "died"
    assert run.ending.startswith("The run's process died without a word; it was last heard of")
    assert total(run, "started") >= 5
    assert len(run.samples()) > 10
    assert run.summary()["status"] == "died"
    run.command("rate", 3)
    live.stop()


@pytest.mark.slow
def test_an_injector_is_killed(target: Target, tmp_path: Path) -> None:
    """The run ends as failed, says which process was killed, and leaves none."""
    live = start(target, tmp_path / "run.sqlite", (20, None), processes=2)
    until_started(live.run, 5)
    pids = processes(live.pid)
    injector = next(p for p in pids[1:] if "arangolab.injector" in psutil.Process(p).cmdline())
    os.kill(injector, signal.SIGKILL)
    all_gone(pids, 2.0)
    run = live.wait(2.0)
    assert run.status == "failed"
    assert run.ending.endswith("was killed (signal 9). The run was ended with what it had.")
    assert run.summary()["verdict"]


@pytest.mark.slow
def test_an_injector_is_killed_while_it_drains(target: Target, tmp_path: Path) -> None:
    """The run ends as it was to end, and says what is missing from its accounting."""
    slow = "def mine(session):\n    session.sleep(30)\n"
    live = start(target, tmp_path / "run.sqlite", (20, None), **scenario(slow))
    until_started(live.run, 5)
    live.stop()
    until(lambda: said(live.run, "drain"))
    os.kill(processes(live.pid)[1], signal.SIGKILL)
    run = live.wait(5.0)
    assert run.status == "stopped"
    assert said(run, "error") == (
        "Injector 0 was killed (signal 9). What it had in flight is not accounted for."
    )


@pytest.mark.slow
def test_the_runner_is_told_to_end(target: Target, tmp_path: Path) -> None:
    """SIGTERM ends the run at once and in order."""
    live = start(target, tmp_path / "run.sqlite", (20, None))
    until_started(live.run, 5)
    pids = processes(live.pid)
    os.kill(live.pid, signal.SIGTERM)
    all_gone(pids, 2.0)
    run = live.wait(2.0)
    assert (run.status, run.ending) == ("stopped", "The runner was told to end (SIGTERM).")


@pytest.mark.slow
def test_a_detached_run_goes_on(target: Target, tmp_path: Path) -> None:
    """Its parent is killed; it holds its rate to the end, and takes commands from elsewhere."""
    path = tmp_path / "run.sqlite"
    process, pids = kernel(target, path, attached=False)
    with process:
        process.kill()
    run = open_run(path)
    assert run.status == "running"
    run.command("note", "still here")
    all_gone(pids, 8.0)
    assert run.status == "completed"
    assert run.summary()["started"] == 80
    assert "still here" in list(run.events()["text"])


def test_an_interrupt_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C while the server does not answer: the runner ends, and there is no run file."""
    path = tmp_path / "run.sqlite"
    code = KERNEL.format(root=str(ROOT), path=str(path), attached=True)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        told = {"urls": [f"http://127.0.0.1:{deaf.getsockname()[1]}"]}
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            process.stdin.write(json.dumps(told) + "\n")
            process.stdin.flush()
            deaf.settimeout(10.0)
            asking, _ = deaf.accept()
            runner = psutil.Process(process.pid).children()[0]
            process.send_signal(signal.SIGINT)
            until(lambda: gone(runner.pid), 2.0)
            process.wait(5.0)
            asking.close()
    assert not path.exists()
