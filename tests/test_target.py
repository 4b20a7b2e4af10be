"""A target: what can be given, what is refused, and what a server says of itself."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from arangolab.errors import (
    AccessDenied,
    InputError,
    NoSuchDatabase,
    NotArangoDB,
    TargetError,
    Unreachable,
)
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target, api, connect

PASSWORD = "пароль-ß"


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No ARANGOLAB_ variable is set."""
    for name in ("URL", "USER", "PASSWORD", "PASSWORD_FILE", "DATABASE"):
        monkeypatch.delenv(f"ARANGOLAB_{name}", raising=False)


@contextmanager
def replying(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """A web server that always replies the same; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def saying(what: bytes) -> Iterator[str]:
    """A TCP server that says this to whoever asks, and closes; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(4096)
                        connection.sendall(what)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def at(url: str, **given: str) -> Target:
    """A target there."""
    return Target(urls=(url,), **given)  # type: ignore[arg-type]


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.usefixtures("bare_environment")
def test_defaults_without_anything_given() -> None:
    """ArangoDB's own port, root, no password, the system database."""
    assert Target.from_environment() == Target(
        urls=("http://127.0.0.1:8529",), user="root", password="", database="_system"
    )


@pytest.mark.usefixtures("bare_environment")
def test_the_environment_fills_in_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument goes before a variable; several coordinators are a list with commas."""
    monkeypatch.setenv("ARANGOLAB_URL", "http://a:1/, https://b:2")
    monkeypatch.setenv("ARANGOLAB_USER", "fred")
    monkeypatch.setenv("ARANGOLAB_PASSWORD", "secret")
    target = Target.from_environment(user="anna")
    assert target == Target(urls=("http://a:1", "https://b:2"), user="anna", password="secret")


@pytest.mark.usefixtures("bare_environment")
def test_the_password_is_the_first_line_of_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """ARANGOLAB_PASSWORD_FILE names it."""
    file = tmp_path / "password"
    file.write_text("secret\nnot this\n")
    monkeypatch.setenv("ARANGOLAB_PASSWORD_FILE", str(file))
    assert Target.from_environment().password == "secret"


@pytest.mark.usefixtures("bare_environment")
def test_a_password_file_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the file."""
    monkeypatch.setenv("ARANGOLAB_PASSWORD_FILE", "/nonexistent/password")
    with pytest.raises(InputError, match=r"/nonexistent/password cannot be read \(No such file"):
        Target.from_environment()


def test_the_password_is_never_shown_or_stored() -> None:
    """Neither repr nor to_dict hold it."""
    target = at("http://a:1", password="secret")
    assert "secret" not in repr(target) + str(target) + str(target.to_dict())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8529",
        "tcp://127.0.0.1:8529",
        "http://",
        "http://host:port",
        "http://host:99999",
        "http://host:8529/?a=b",
        "http://a host:8529",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    """The sentence shows one that would be."""
    with pytest.raises(InputError, match=r"is not a server's URL. Try: --url http://"):
        at(url)


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    """It would be stored with the run."""
    with pytest.raises(InputError, match="must not hold a user or a password") as refusal:
        at("http://root:secret@127.0.0.1:8529")
    assert "secret" not in str(refusal.value)


def test_the_sandbox_says_what_it_is(sandbox: SandboxProcess) -> None:
    """It is known as the sandbox, with its process, which is on this host."""
    server = connect(at(sandbox.url))
    assert (server.sandbox, server.local, server.pid) == (True, True, sandbox.pid)
    assert server.role == "SINGLE"
    assert not server.notes
    assert "sandbox" in server.name


def test_nothing_listens() -> None:
    """The sentence names the URL and how to start a server."""
    url = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(Unreachable, match=f"Nothing listens at {url}.*arangolab sandbox"):
        connect(at(url))


def test_no_such_host() -> None:
    """A name that does not resolve is told from a server that is down."""
    with pytest.raises(Unreachable, match="There is no host"):
        connect(at("http://no-such-host.invalid:8529"))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>It works!</html>"),
        (200, b'{"hello": "world"}'),
        (200, b"[1, 2]"),
        (404, b"not found"),
        (401, b"who are you?"),
        (302, b""),
    ],
)
def test_a_web_server_that_is_not_arangodb(status: int, body: bytes) -> None:
    """Whatever it answers, it is told that it is another kind of server."""
    with replying(status, body) as url, pytest.raises(NotArangoDB, match="is not ArangoDB"):
        connect(at(url))


def test_a_server_that_does_not_speak_http() -> None:
    """An SSH or mail server, say."""
    with saying(b"SSH-2.0-OpenSSH_9.2\r\n") as url, pytest.raises(NotArangoDB, match="speak HTTP"):
        connect(at(url))


def test_a_server_that_hangs_up() -> None:
    """No answer at all is not taken for another kind of server."""
    with saying(b"") as url, pytest.raises(Unreachable, match="closed the connection"):
        connect(at(url))


def test_https_to_a_server_without_it() -> None:
    """The sentence is about TLS and suggests http."""
    with saying(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        target = at(url.replace("http:", "https:"))
        with pytest.raises(Unreachable, match=r"does not speak TLS.*http:// instead"):
            connect(target)


def test_a_refusal_without_a_body_is_still_a_refusal() -> None:
    """ArangoDB names itself in the header."""
    realm = 'Bearer token_type="JWT", realm="ArangoDB"'
    with replying(401, b"", WWW_Authenticate=realm) as url, pytest.raises(AccessDenied):
        connect(at(url))


def test_passwords(make_sandbox: Callable[..., SandboxProcess]) -> None:
    """The right one, whatever its letters, is let in; a wrong one is refused with what to try."""
    url = make_sandbox(password=PASSWORD).url
    connect(at(url, password=PASSWORD))
    for wrong in (at(url), at(url, password="x"), at(url, user="nobody", password=PASSWORD)):
        with pytest.raises(AccessDenied, match=r"refuses user.*ARANGOLAB_PASSWORD"):
            connect(wrong)


def test_no_such_database(sandbox: SandboxProcess) -> None:
    """The sentence names it."""
    with pytest.raises(NoSuchDatabase, match="has no database 'no/such base'"):
        connect(at(sandbox.url, database="no/such base"))


def test_an_error_reply_is_raised_with_the_servers_own_words(sandbox: SandboxProcess) -> None:
    """ErrorNum and message are in the sentence."""
    with pytest.raises(TargetError, match="error 1203"):
        api(at(sandbox.url), "GET", "/_api/collection/nonsense/count")
