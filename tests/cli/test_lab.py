"""``arangolab lab``: JupyterLab with everything ready; nothing is left when it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.cli.command import begin
from tests.support import until

pytestmark = pytest.mark.slow


@contextmanager
def lab(place: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, running, and JupyterLab's address."""
    words = ("lab", "--no-browser", "--users", "100", "--port", "0", "--dir", "notebooks")
    process = begin(*words, cwd=place)
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        yield process, next(line.split()[1] for line in lines if line.startswith("JupyterLab"))
    finally:
        process.kill()
        process.communicate()


def ask(address: str, path: str, method: str = "GET") -> str:
    """What JupyterLab replies."""
    root, token = re.match(r"(http://[^/]+)/.*token=(.+)", address).groups()  # type: ignore[union-attr]
    request = urllib.request.Request(  # noqa: S310
        root + path, method=method, headers={"Authorization": f"token {token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
        text: str = reply.read().decode()
        return text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_is_ready_and_ends_with_all_it_started(number: signal.Signals, tmp_path: Path) -> None:
    """The notebook is there, no news is asked for; a signal ends kernels and sandbox too.

    A notebook that was changed is not overwritten.
    """
    changed = tmp_path / "notebooks" / "part1_monitoring.ipynb"
    changed.parent.mkdir()
    changed.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with lab(tmp_path) as (process, address):
        assert "/lab/tree/part3_capacity.ipynb?token=" in address
        assert json.loads(ask(address, "/api/contents/part3_capacity.ipynb"))["type"] == "notebook"
        assert '"news": {"disabled": true}' in ask(address, "/lab")
        ask(address, "/api/kernels", "POST")
        me = psutil.Process(process.pid)
        children = until(lambda: (found := me.children(recursive=True))[2:] and found)
        assert any("arangolab.sandbox" in " ".join(child.cmdline()) for child in children)
        process.send_signal(number)
        assert process.wait(20) == {2: 0, 15: 143, 9: -9}[number]
        assert not psutil.wait_procs(children, timeout=10)[1]
    assert changed.read_text().startswith('{"cells": []')
