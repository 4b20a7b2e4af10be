"""Jupyter's stop button: the run ends, the kernel goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from arangolab import open_run
from arangolab.target import Target
from tests.runner.runs import until_started
from tests.support import until

pytestmark = pytest.mark.slow

START = """
import arangolab
from arangolab.plan import Plan, Step
from arangolab.runner import handle
from arangolab.target import Target
plan = Plan(steps=(Step(rate_per_s=20, hold_s=None),), last_user=1000, interval_s=0.5)
live = handle.start(plan, Target(urls=({url!r},), database={database!r}), {path!r})
open({path!r} + ".begun", "w").close()
"""


def reply_to(client: Any, asked: str) -> dict[str, Any]:
    """What the kernel replies to that request; those to others are passed over."""
    replies = iter(lambda: client.get_shell_msg(timeout=30), None)
    reply = next(one for one in replies if one["parent_header"].get("msg_id") == asked)
    content: dict[str, Any] = reply["content"]
    return content


@pytest.fixture
def kernel() -> Iterator[tuple[KernelManager, Any]]:
    """A Jupyter kernel and who talks to it; it ends with the test."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    try:
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("waiting", ["live.wait()", "await live"])
def test_an_interrupted_cell_stops_its_run_and_not_the_kernel(
    kernel: tuple[KernelManager, Any], target: Target, tmp_path: Path, waiting: str
) -> None:
    """The cell ends within seconds, the run says that it was stopped, the next cell works."""
    manager, client = kernel
    path = tmp_path / "run.sqlite"
    source = START.format(url=target.url, database=target.database, path=str(path))
    asked = client.execute(source + waiting)
    until(Path(f"{path}.begun").exists, 60)
    until_started(open_run(path), 5)
    manager.interrupt_kernel()
    interrupted = reply_to(client, asked)
    assert interrupted["ename"] in ("KeyboardInterrupt", "CancelledError")
    said: dict[str, Any] = {"status": "aborted"}
    while said["status"] == "aborted":  # as the kernel does for a moment after an error
        asked = client.execute("", user_expressions={"said": "(live.alive, live.run.status)"})
        said = reply_to(client, asked)
    assert said["user_expressions"]["said"]["data"]["text/plain"] == "(False, 'stopped')"
    until(lambda: open_run(path).status == "stopped")
