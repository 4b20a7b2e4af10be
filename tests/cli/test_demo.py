"""``arangolab demo``: from nothing to a finding."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from arangolab import open_run
from arangolab.sandbox.launcher import SandboxProcess
from tests.cli.command import begin, environment
from tests.support import until

pytestmark = pytest.mark.slow

KNOBS = {"v8_contexts": 4, "v8_wait_s": 2.0, "transaction_delay_s": 0.5}


def test_ctrl_c_keeps_what_was_done_and_leaves_no_process(tmp_path: Path) -> None:
    """The notebook as far as it came, and the run that was stopped; status 130."""
    process = begin("demo", "--quick", "--users", "100", "--out", "finding", cwd=tmp_path)
    run = tmp_path / "finding" / "by_hand.sqlite"
    until(lambda: run.exists() and run.stat().st_size > 8192, timeout_s=60)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.endswith("Interrupted.\n")
    assert "Traceback" not in err
    assert not psutil.wait_procs(children, timeout=5)[1]
    assert open_run(run).status == "stopped"
    cells = json.loads((tmp_path / "finding" / "part3_capacity.ipynb").read_text())["cells"]
    assert any(cell.get("outputs") for cell in cells)


def test_a_cell_that_fails_is_said_in_one_sentence(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path
) -> None:
    """A server that goes away is such a failure; the notebook is kept as far as it came."""
    server = make_sandbox()
    words = ("demo", "--quick", "--users", "100", "--out", "finding", "--url", server.url)
    process = begin(*words, cwd=tmp_path)
    assert process.stdout is not None
    while not process.stdout.readline().startswith("Data "):
        assert process.poll() is None
    server.stop()
    printed, err = process.communicate(timeout=90)
    assert process.returncode == 1
    last = err.splitlines()[-1]
    assert last.startswith("arangolab: Cell ")
    assert f"Nothing listens at {server.url}" in last
    assert "Traceback" not in err + printed
    assert (tmp_path / "finding" / "part3_capacity.ipynb").exists()


def test_environment_of_these_tests_is_bare() -> None:
    """No variable of whoever runs the tests gets into them."""
    assert not [name for name in environment() if name.startswith("ARANGOLAB_")]
