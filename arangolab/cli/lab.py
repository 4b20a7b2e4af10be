"""``arangolab lab``: JupyterLab on the guided notebooks, with a server and the graph."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from arangolab.cli import options as shared
from arangolab.cli import serving
from arangolab.errors import ArangolabError, InputError
from arangolab.target import Target

HOST: Final = "127.0.0.1"
PORT: Final = 8888
START_WITHIN_S: Final = 60.0
END_WITHIN_S: Final = 10.0
OPENED: Final = "part3_capacity.ipynb"
NO_NEWS: Final = "@jupyterlab/apputils-extension:announcements"
"""The extension that asks whether it may fetch news from the internet."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where the notebooks go, how many users, which server."""
    parser.epilog = (
        "example:  arangolab lab\n"
        "Starts the embedded sandbox, loads the graph, copies the guided notebooks and opens\n"
        "JupyterLab on them. Your copies stay as you left them. Ctrl-C ends JupyterLab and the\n"
        "sandbox."
    )
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path("arangolab-lab"),
        help="folder for your copies of the notebooks (default: arangolab-lab)",
    )
    parser.add_argument(
        "--users", type=int, default=10_000, help="users of the graph (default 10000)"
    )
    parser.add_argument(
        "--port", type=int, help=f"JupyterLab's port (default {PORT}, or a free one)"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address, open no browser"
    )
    shared.add_target(parser, "a server of yours instead of the embedded sandbox")


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C, SIGTERM, or JupyterLab's own Shut Down."""
    place = _copies(options.dir)
    port = _port(options.port)
    with serving.server(options) as target:
        serving.provide_graph(target, options.users)
        with _jupyterlab(place, port, target, browser=not options.no_browser) as lab:
            print(f"Notebooks {place}  (JupyterLab's messages: {lab.log})")
            print(f"JupyterLab {lab.url}")
            print("Ctrl-C ends JupyterLab and what was started for it.", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                lab.process.wait()
                print("JupyterLab has ended.")
                return 0
            print("\nJupyterLab is being ended ...", flush=True)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A JupyterLab that answers."""

    process: subprocess.Popen[bytes]
    url: str
    """Where to open it, with its token."""
    log: Path
    """What it prints."""


def _copies(place: Path) -> Path:
    """The folder with copies of the notebooks."""
    from arangolab import notebooks

    try:
        notebooks.copy_to(place)
    except OSError as error:
        raise InputError(
            f"{place} cannot be used for the notebooks ({error.strerror}).", hint="another --dir."
        ) from error
    return place.resolve()


def _port(wanted: int | None) -> int:
    """A port that is free now; raises InputError when the one wanted is not."""
    if wanted is not None and not 0 <= wanted <= 65535:
        raise InputError(f"There is no port {wanted}.", hint=f"--port {PORT}")
    for port in (PORT, 0) if wanted is None else (wanted,):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise ArangolabError(
        f"JupyterLab cannot listen on {HOST}:{wanted}: the port is in use.",
        hint="another --port; 0 takes any free one.",
    )


@contextmanager
def _jupyterlab(place: Path, port: int, target: Target, *, browser: bool) -> Iterator[Lab]:
    """JupyterLab as a child; it is ended, kernels and all, when the block is left."""
    token = secrets.token_urlsafe(18)
    log = place / ".jupyterlab.log"
    with tempfile.TemporaryDirectory() as config, log.open("wb") as messages:
        environment = {
            **serving.environment(target),
            "JUPYTER_TOKEN": token,
            "JUPYTER_CONFIG_PATH": _without_news(Path(config)),
        }
        process = _start(place, port, environment, messages, browser=browser)
        try:
            _wait_until_it_answers(process, port, log)
            url = f"http://{HOST}:{port}/lab/tree/{OPENED}?token={token}"
            yield Lab(process=process, url=url, log=log)
        finally:
            _end(process)


def _start(
    place: Path, port: int, environment: dict[str, str], messages: IO[bytes], *, browser: bool
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "arangolab.cli.jupyter"]
    command += [f"--ip={HOST}", f"--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={place}", "--LabApp.news_url=None"]
    command += [f"--LabApp.default_url=/lab/tree/{OPENED}"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += [] if browser else ["--no-browser"]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    return subprocess.Popen(
        command,
        cwd=place,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=messages,
        stderr=messages,
        start_new_session=True,
    )


def _without_news(config: Path) -> str:
    """JUPYTER_CONFIG_PATH with a folder that switches the question about news off."""
    folder = config / "labconfig"
    folder.mkdir()
    page = {"disabledExtensions": {NO_NEWS: True}}
    folder.joinpath("page_config.json").write_text(json.dumps(page), encoding="utf-8")
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return os.pathsep.join([str(config), *([others] if others else [])])


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_WITHIN_S
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, port), timeout=1.0).close()
            return
        time.sleep(0.1)
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    raise ArangolabError(f"JupyterLab did not start ({last}).", hint=f"read {log}.")


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, so that it ends its kernels; SIGKILL if that takes too long."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
