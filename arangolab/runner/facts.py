"""What a run was made with and on."""

from __future__ import annotations

import os
import platform
import socket
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from arangolab.runfile.reader import process_start

PACKAGES: Final = ("arangolab", "gevent", "geventhttpclient", "pyArango", "statsd", "plotly")


def host_facts() -> dict[str, Any]:
    """The runner's host: name, cores, memory, kernel."""
    import psutil

    return {
        "name": platform.node(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cores": psutil.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }


def runner_facts() -> dict[str, Any]:
    """The runner's process, so that a reader can tell whether it still lives."""
    pid = os.getpid()
    return {"pid": pid, "process_start": process_start(pid), "host": socket.gethostname()}


def versions() -> dict[str, str]:
    """Python and the packages a measurement depends on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
