"""What an injector says when it cannot begin."""

from __future__ import annotations

import socket

import pytest

from tests.injector.drive import Drive, setup_for
from tests.injector.stub import Stub


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_no_server() -> None:
    """The address and what to do."""
    url = f"http://127.0.0.1:{free_port()}"
    with Drive(setup_for(url)) as drive:
        said = drive.fatal()
        assert said.message == f"Nothing usable answers at {url} (connection refused)."
        assert said.hint
        assert drive.await_exit().returncode == 1


def test_wrong_password() -> None:
    """Without showing it."""
    with Stub(password="right") as stub, Drive(setup_for(stub.url, password="wrong")) as drive:
        said = drive.fatal()
        assert "refused user 'root' or the password" in said.message
        assert "wrong" not in said.message + said.hint


def test_no_such_database() -> None:
    """Named."""
    with Stub() as stub, Drive(setup_for(stub.url, database="nowhere")) as drive:
        assert "no database 'nowhere'" in drive.fatal().message


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def f(:", "is not valid Python"),
        ("import nonsense_module", "fails while it is loaded"),
        ("x = 1", "0 functions marked @scenario"),
    ],
)
def test_a_scenario_that_cannot_be_loaded(source: str, why: str) -> None:
    """One sentence that says why."""
    with (
        Stub() as stub,
        Drive(setup_for(stub.url, scenario="mine", scenario_source=source)) as drive,
    ):
        assert why in drive.fatal().message
