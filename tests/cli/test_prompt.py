"""A password is asked for where somebody sits at a terminal."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Callable

import pytest

from arangolab.sandbox.launcher import SandboxProcess
from tests.cli.command import START, environment


def typed(answer: str, *words: str) -> tuple[int, str]:
    """Run the command at a terminal, type the answer at its prompt: (status, what it showed)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [*START, *words], environment())  # noqa: S606
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
            if b"Password of" in chunk:
                os.write(terminal, answer.encode() + b"\n")
    except OSError:
        pass
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


@pytest.mark.slow
def test_the_password_is_asked_for_and_not_shown(
    make_sandbox: Callable[..., SandboxProcess],
) -> None:
    """The right one works; a wrong one is refused like any other."""
    url = make_sandbox(password="open sesame").url
    status, shown = typed("open sesame", "load", "--users", "100", "--url", url)
    assert status == 0, shown
    assert f"Password of root at {url}: " in shown
    assert "Loaded into" in shown
    assert "sesame" not in shown
    status, shown = typed("wrong", "load", "--users", "100", "--url", url)
    assert status == 1
    assert "refuses user 'root'" in shown
