"""``python -m arangolab.sandbox``: the embedded server as a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from arangolab.errors import ArangolabError, InputError, SandboxError
from arangolab.sandbox import knobs
from arangolab.sandbox.spoken import SPOKEN, USUAL

if TYPE_CHECKING:
    from arangolab.sandbox.app import App
    from arangolab.sandbox.server import ElasticServer

_TIDY_S: Final = 10.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the sandbox, for any command line that starts one."""
    add = parser.add_argument
    add("--port", type=int, default=8529, help="port to listen on; 0 takes any free one (8529)")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this host only)")
    add("--data", type=Path, metavar="FILE", help="keep all in this SQLite file (in memory alone)")
    said = "secret that signs JWTs; better in ARANGOLAB_JWT_SECRET: others can read it here"
    add("--jwt-secret", default="", metavar="SECRET", help=said)
    add("--jwt-secret-file", type=Path, metavar="FILE", help="file with the secret that signs JWTs")
    said = "the ArangoDB to speak like; 4.0 has no JavaScript (3.12)"
    add("--speaks", default=USUAL, choices=SPOKEN, help=said)
    add("--no-auth", action="store_true", help="answer everybody, ask for no password")
    add("--json", action="store_true", help="print url and pid as one JSON object, then nothing")
    add("--max-seconds", type=float, metavar="N", help="stop after so many seconds")
    add("--parent-watch", action="store_true", help="stop when standard input ends")
    knobs.add_options(parser)


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM, SIGINT or the time is over; the exit status.

    Raises SandboxError, InputError before it listens.
    """
    app = _app(options)
    app.http = http = _listening(app, options)
    stopped = threading.Event()
    threading.Thread(target=app.tidy_every, args=(_TIDY_S, stopped), daemon=True).start()
    _arrange_end(options, http)
    told = {"url": http.url, "pid": os.getpid(), "version": app.store.version, "user": "root"}
    line = (
        "The sandbox (speaks ArangoDB {version}) listens at {url} as pid {pid}; "
        "user {user}, password as in ARANGOLAB_PASSWORD (empty if unset). Ctrl-C ends it."
    )
    print(json.dumps(told) if options.json else line.format(**told), flush=True)  # noqa: T201
    http.serve_forever()
    stopped.set()
    if app.store.disk is not None:
        app.store.disk.close()
    return 0


def _app(options: argparse.Namespace) -> App:
    from arangolab.sandbox.app import App
    from arangolab.sandbox.auth import Auth
    from arangolab.sandbox.disk import Disk
    from arangolab.sandbox.store import Server

    turned, secret, store = knobs.from_options(options), _secret(options), Server()
    store.version = SPOKEN[options.speaks]
    if options.data:
        Disk(options.data).load(store)
    password = os.environ.get("ARANGOLAB_PASSWORD", "")
    enabled = not options.no_auth
    auth = Auth(store.users, root_password=password, secret=secret, enabled=enabled)
    return App(store, auth, turned)


def _listening(app: App, options: argparse.Namespace) -> ElasticServer:
    from arangolab.sandbox import aql
    from arangolab.sandbox.server import ElasticServer

    turned = app.knobs
    if turned.file_descriptors:
        aql.parse_check("RETURN DATE_NOW()")  # modules that are loaded late need descriptors
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        most = min(turned.file_descriptors, hard if hard >= 0 else sys.maxsize)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    limits = turned.maximal_threads, turned.maximal_queue_size
    try:
        return ElasticServer(app.handle, options.host, options.port, *limits)
    except (OSError, OverflowError) as error:
        said = f"{options.host}:{options.port} ({getattr(error, 'strerror', error)})"
        hint = "another --port, up to 65535; 0 takes any free one."
        raise SandboxError(f"The sandbox cannot listen on {said}.", hint=hint) from error


def _arrange_end(options: argparse.Namespace, http: ElasticServer) -> None:
    """Have it stopped by signals, by the time limit, and by the end of stdin."""

    def watch_stdin() -> None:
        while os.read(0, 4096):
            pass
        http.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: http.stop())
    if options.max_seconds is not None:
        timer = threading.Timer(options.max_seconds, http.stop)
        timer.daemon = True
        timer.start()
    if options.parent_watch:
        threading.Thread(target=watch_stdin, daemon=True).start()


def _secret(options: argparse.Namespace) -> bytes:
    file: Path | None = options.jwt_secret_file
    if file is None:
        given: str = options.jwt_secret or os.environ.get("ARANGOLAB_JWT_SECRET", "")
        return given.encode()
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
        raise InputError(f"The file {file} of --jwt-secret-file {why}.") from error
    if not secret:
        raise InputError(f"The file {file} of --jwt-secret-file is empty.")
    return secret


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m arangolab.sandbox",
        description="A server that speaks enough of ArangoDB for learning and for trying out: "
        "in memory, in one process. What it measures says nothing about ArangoDB.",
        epilog="The password of root is taken from the environment: ARANGOLAB_PASSWORD.",
    )
    add_options(parser)
    try:
        return serve(parser.parse_args(arguments))
    except ArangolabError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, InputError) else 1


if __name__ == "__main__":
    sys.exit(main())
