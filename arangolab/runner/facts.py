"""What a run was made with and on."""

from __future__ import annotations

import os
import platform
import socket
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from arangolab.plan import Plan
from arangolab.runfile.record import process_start

PACKAGES: Final = ("arangolab", "gevent", "geventhttpclient", "pyArango", "statsd", "plotly")


def run_facts(plan: Plan, server: Mapping[str, Any], statsd_port: int) -> dict[str, Any]:
    """What a run file tells before the first start, by name (runfile/schema.py)."""
    return {
        "run_id": uuid.uuid4().hex,
        "title": title_of(plan, server),
        "plan": asdict(plan),
        "server": server,
        "host": host_facts(),
        "versions": versions(),
        "runner": {**runner_facts(), "statsd_port": statsd_port},
    }


def title_of(plan: Plan, server: Mapping[str, Any]) -> str:
    """What stands over the run's figures; a sandbox is always called one."""
    title = plan.title or f"{plan.called} on {server['name']}"
    return title if not server["sandbox"] or "sandbox" in title.lower() else f"{title} (sandbox)"


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
