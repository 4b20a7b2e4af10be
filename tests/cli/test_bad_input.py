"""What cannot work is said in one sentence, with what to try."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from arangolab.sandbox.launcher import SandboxProcess
from tests.cli.command import Said, arangolab

pytestmark = pytest.mark.slow

NOWHERE = "http://127.0.0.1:1"


def check(said: Said, status: int, *parts: str) -> None:
    """One line on stderr that holds these parts; nothing on stdout."""
    assert said.err.startswith("arangolab: "), said.err
    assert said.err.count("\n") == 1, said.err
    for part in parts:
        assert part in said.err
    assert said.out == ""
    assert said.status == status


@pytest.fixture
def web_server(tmp_path: Path) -> Iterator[str]:
    """A server that is not ArangoDB."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "words", [("run", "login", "--json"), ("load",), ("demo",), ("lab", "--no-browser")]
)
def test_wrong_url(words: tuple[str, ...], tmp_path: Path) -> None:
    """Nothing listens there: whichever command, the same sentence."""
    said = arangolab(*words, "--url", NOWHERE, cwd=tmp_path)
    check(said, 1, f"Nothing listens at {NOWHERE}. Try: start the server")


def test_what_is_no_url() -> None:
    """Told before anything is asked of the network."""
    check(arangolab("load", "--url", "localhost"), 2, "'localhost' is not a server's URL")


def test_wrong_password(make_sandbox: Callable[..., SandboxProcess]) -> None:
    """None given, or another: without a terminal nobody is asked."""
    url = make_sandbox(password="secret").url
    for env in ({}, {"ARANGOLAB_PASSWORD": "other"}):
        said = arangolab("run", "login", "--json", "--url", url, **env)
        check(said, 1, "refuses user 'root'", "the password in ARANGOLAB_PASSWORD")


def test_password_file(make_sandbox: Callable[..., SandboxProcess], tmp_path: Path) -> None:
    """A file with the password lets in; one that is missing is named."""
    url, file = make_sandbox(password="secret").url, tmp_path / "password"
    load = ("load", "--users", "100", "--url", url, "--password-file", str(file))
    check(arangolab(*load), 2, f"{file} cannot be read (No such file or directory)")
    file.write_text("secret\n")
    assert arangolab(*load).out.startswith("Loaded into the embedded sandbox")


def test_no_such_database(sandbox: SandboxProcess) -> None:
    """It is named."""
    said = arangolab("load", "--url", sandbox.url, "--database", "nonsense")
    check(said, 1, "has no database 'nonsense'", "--database")


def test_server_that_is_not_arangodb(web_server: str) -> None:
    """A web server, say."""
    check(arangolab("load", "--url", web_server), 1, "is not ArangoDB", "8529 by default")


def test_sandbox_port_in_use() -> None:
    """The sandbox names the port and suggests another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = arangolab("sandbox", "--port", str(port), "--json")
    check(said, 1, f"cannot listen on 127.0.0.1:{port}", "another --port")


def test_lab_port_in_use(tmp_path: Path) -> None:
    """Told before a server is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = arangolab("lab", "--no-browser", "--port", str(port), cwd=tmp_path)
    check(said, 1, f"cannot listen on 127.0.0.1:{port}", "another --port")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("--rate", "-1"), ("a rate of -1 scenarios/s",)),
        (("--rate", "fast"), ("--rate 'fast' is not a number",)),
        (("--duration", "0"), ("a hold of 0 s",)),
        (("--users", "10:1"), ("The user range 10:1 is empty", "--users 1:10000")),
        (("--users", "all"), ("'all' is not of the form A:B",)),
        (("--processes", "0"), ("0 injector processes",)),
        (("--max-in-flight", "0"), ("a bound of 0 in flight",)),
        (("--ramp", "1:1"), ("START:STEP:COUNT", "--ramp 1:1:10")),
        (("--p95-max", "0"), ("--p95-max 0 is not above 0",)),
    ],
)
def test_values_of_a_run(words: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """Each is told before the server is asked."""
    check(arangolab("run", "login", "--json", "--url", NOWHERE, *words), 2, *parts)


@pytest.mark.parametrize(
    ("scenario", "source", "part"),
    [
        (
            "nonsense",
            None,
            "There is no scenario 'nonsense'. Try: one of login, ",
        ),
        ("missing.py", None, "The scenario file missing.py cannot be read"),
        ("broken.py", "def broken(session:\n", "not valid Python"),
        ("empty.py", "x = 1\n", "has 0 functions marked @scenario"),
        ("raises.py", "1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_scenarios_that_cannot_be_used(
    scenario: str, source: str | None, part: str, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """Missing, not Python, no scenario in it, or failing while it is loaded."""
    if source is not None:
        tmp_path.joinpath(scenario).write_text(source)
    said = arangolab("run", scenario, "--json", "--url", sandbox.url, cwd=tmp_path)
    check(said, 1, part)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (None, "There is no run file"),
        (b"not a database at all", "is not a run file"),
        (b"", "run file"),
    ],
)
def test_unreadable_run_file(content: bytes | None, part: str, tmp_path: Path) -> None:
    """Not there, something else, or empty."""
    file = tmp_path / "run.sqlite"
    if content is not None:
        file.write_bytes(content)
    check(arangolab("export", str(file)), 1, part)


def test_a_run_file_that_cannot_be_written(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Its folder is a file; or it is there already, and nothing is overwritten."""
    tmp_path.joinpath("file").touch()
    words = ("run", "aql_read", "--json", "--duration", "1", "--url", sandbox.url, "--out")
    for out in (tmp_path / "file" / "run.sqlite", tmp_path / "file"):
        check(arangolab(*words, str(out)), 1, str(out))


def test_demo_overwrites_nothing(tmp_path: Path) -> None:
    """A folder with run files is refused."""
    tmp_path.joinpath("ramp.sqlite").touch()
    said = arangolab("demo", "--out", str(tmp_path))
    check(said, 2, "holds a finding already; nothing is overwritten", "another --out")


def test_a_user_without_a_url(tmp_path: Path) -> None:
    """The embedded sandbox has its own; a forgotten --url is told."""
    check(arangolab("demo", "--user", "fred", cwd=tmp_path), 2, "no URL is given")
