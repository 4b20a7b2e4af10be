"""Whether this machine can run the lab: packages, programs, limits, the server."""

from __future__ import annotations

import math
import resource
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

from arangolab import __version__, units
from arangolab.errors import ArangolabError, SandboxError
from arangolab.target import Target, connect

State = Literal["ok", "warn", "fail"]
OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"

PYTHON_MIN: Final = (3, 11)
OPEN_FILES_MIN: Final = 4096
"""Each scenario in flight holds a connection, in the injector and in a local server."""
MEMORY_MAPS_MIN: Final = 65530
RECEIVE_BYTES_MIN: Final = 4 << 20
"""What the statsd receiver asks the kernel to buffer."""
PACKAGES: Final = (
    "jupyterlab",
    "ipywidgets",
    "anywidget",
    "plotly",
    "kaleido",
    "pandas",
    "gevent",
    "geventhttpclient",
    "pyArango",
    "statsd",
    "quickjs-ng",
)
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COLLECTD_PLACES: Final = ("/usr/sbin/collectd", "/usr/local/sbin/collectd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    name: str
    state: State
    text: str
    """What was found."""
    advice: str = ""
    """What to do; empty where nothing need be done."""


def examine(target: Target | None = None) -> list[Finding]:
    """Check everything; ``target``: the server too."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        _packages,
        _sqlite,
        _sandbox,
        _browser,
        _collectd,
        _limits,
        _clock,
    ]
    found = [finding for check in checks for finding in check()]
    if target is not None:
        found.append(_server(target))
    return found


def _python() -> Iterator[Finding]:
    good = sys.version_info >= PYTHON_MIN
    yield Finding(
        name="python",
        state=OK if good else FAIL,
        text=f"{sys.version.split()[0]} at {sys.executable}; arangolab {__version__}",
        advice="" if good else "Python 3.11 or newer.",
    )


def _packages() -> Iterator[Finding]:
    there, missing = [], []
    for name in PACKAGES:
        try:
            there.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    yield Finding(
        name="packages",
        state=FAIL if missing else OK,
        text=f"not installed: {', '.join(missing)}" if missing else ", ".join(there),
        advice="install arangolab again (pip install .)." if missing else "",
    )


def _sqlite() -> Iterator[Finding]:
    yield Finding(name="sqlite", state=OK, text=f"library {sqlite3.sqlite_version}")
    if shutil.which("sqlite3") is None:
        yield Finding(
            name="sqlite3",
            state=OK,
            text="the command is not here; only looking into run files by hand needs it",
        )


def _sandbox() -> Iterator[Finding]:
    try:
        from arangolab.sandbox import javascript

        javascript.self_test()
    except (SandboxError, ImportError) as error:
        yield Finding(
            name="sandbox",
            state=FAIL,
            text=f"its JavaScript engine does not work here ({error})",
            advice="install the quickjs-ng version that arangolab asks for, or use --url.",
        )
    else:
        yield Finding(name="sandbox", state=OK, text="its JavaScript engine passed the self-test")


def _browser() -> Iterator[Finding]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    yield Finding(
        name="browser",
        state=OK if found else WARN,
        text=found or "neither Chromium nor Chrome is here: no still pictures beside the graphs",
        advice="" if found else "on Debian: apt-get install chromium fonts-dejavu-core.",
    )


def _collectd() -> Iterator[Finding]:
    found = shutil.which("collectd") or next(
        (place for place in COLLECTD_PLACES if Path(place).exists()), None
    )
    yield Finding(
        name="collectd",
        state=OK,
        text=found or "not here; the lab's own sampler of /proc works without it",
    )


def _limits() -> Iterator[Finding]:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    open_files = math.inf if files == resource.RLIM_INFINITY else float(files)
    yield _limit(
        "open files",
        open_files,
        OPEN_FILES_MIN,
        f"ulimit -n {OPEN_FILES_MIN} in this shell; else many scenarios in flight fail.",
    )
    yield _limit(
        "memory maps",
        _kernel_value("vm/max_map_count"),
        MEMORY_MAPS_MIN,
        f"sysctl -w vm.max_map_count={MEMORY_MAPS_MIN}, if ArangoDB runs on this host.",
    )
    yield _limit(
        "statsd buffer",
        _kernel_value("net/core/rmem_max"),
        RECEIVE_BYTES_MIN,
        f"sysctl -w net.core.rmem_max={RECEIVE_BYTES_MIN}, if statsd lines are lost at high rates.",
    )


def _limit(name: str, value: float | None, least: float, advice: str) -> Finding:
    if value is None:
        return Finding(name=name, state=OK, text="the limit cannot be read here")
    good = value >= least
    shown = "no limit" if math.isinf(value) else f"{value:,.0f}"
    text = f"limit {shown}" + ("" if good else f", {least:,.0f} are better")
    return Finding(name=name, state=OK if good else WARN, text=text, advice="" if good else advice)


def _kernel_value(name: str) -> float | None:
    try:
        return float(Path("/proc/sys", name).read_text())
    except (OSError, ValueError):
        return None


def _clock() -> Iterator[Finding]:
    shortest_s = min(_tick_s() for _ in range(5))
    good = shortest_s < 1e-3
    yield Finding(
        name="clock",
        state=OK if good else WARN,
        text=f"monotonic, ticks of {units.seconds(shortest_s)}; now "
        f"{time.strftime('%Y-%m-%d %H:%M:%S %Z')}",
        advice="" if good else "timings below a few milliseconds mean nothing on this machine.",
    )


def _tick_s() -> float:
    """How far the clock moves at once."""
    first = later = time.perf_counter()
    while later == first:
        later = time.perf_counter()
    return later - first


def _server(target: Target) -> Finding:
    try:
        server = connect(target)
    except ArangolabError as error:
        return Finding(name="server", state=FAIL, text=error.what, advice=error.hint)
    text = f"{server.name} at {target.url}, {server.role.lower()}, database {target.database}"
    return Finding(
        name="server",
        state=WARN if server.notes else OK,
        text=text + ("" if not server.pid else f", process {server.pid}"),
        advice=" ".join(server.notes),
    )
