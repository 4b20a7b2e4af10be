"""Run ``arangolab`` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START = (sys.executable, "-P", "-m", "arangolab")


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """The environment without any ARANGOLAB_ variable but these."""
    bare = {n: v for n, v in os.environ.items() if not n.startswith("ARANGOLAB_")}
    return {**bare, **more}


def arangolab(*words: str, cwd: Path | None = None, timeout_s: float = 60.0, **env: str) -> Said:
    """Run the command to its end; ``env``: ARANGOLAB_ variables."""
    done = subprocess.run(
        [*START, *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        timeout=timeout_s,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def begin(*words: str, cwd: Path | None = None, **popen: Any) -> subprocess.Popen[str]:
    """Start the command and leave it running; stdout and stderr are pipes."""
    return subprocess.Popen(
        [*START, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=cwd,
        env=environment(),
        **popen,
    )
