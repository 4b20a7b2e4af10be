"""``python -m arangolab.sandbox``: the embedded server as a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from arangolab.errors import ArangolabError, InputError, SandboxError
from arangolab.sandbox import knobs, process
from arangolab.sandbox.spoken import SPOKEN, USUAL

if TYPE_CHECKING:
    from arangolab.sandbox.app import App

_TIDY_S: Final = 10.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the sandbox, for any command line that starts one."""
    add = parser.add_argument
    add("--port", type=int, default=8529, help="port to listen on; 0 takes any free one (8529)")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this host only)")
    add("--data", type=Path, metavar="FILE", help="keep all in this SQLite file (in memory alone)")
    add(
        "--jwt-secret",
        default="",
        metavar="SECRET",
        help="secret that signs JWTs; others on this host can read it here, hence also "
        "ARANGOLAB_JWT_SECRET in the environment, and:",
    )
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
    from arangolab.sandbox import aql
    from arangolab.sandbox.server import ElasticServer

    app = _app(options)
    if app.knobs.file_descriptors:
        aql.parse_check("RETURN DATE_NOW()")  # modules that are loaded late need descriptors
        process.limit_descriptors(app.knobs.file_descriptors)
    threads, most_queued = app.knobs.maximal_threads, app.knobs.maximal_queue_size
    try:
        app.http = ElasticServer(app.handle, options.host, options.port, threads, most_queued)
    except OSError as error:
        raise SandboxError(
            f"The sandbox cannot listen on {options.host}:{options.port} ({error.strerror}).",
            hint="another --port; 0 takes any free one.",
        ) from error
    stopped = threading.Event()
    threading.Thread(target=app.tidy_every, args=(_TIDY_S, stopped), daemon=True).start()
    _arrange_end(options, app.http.stop)
    url, pid, version = app.http.url, os.getpid(), app.store.version
    line = (
        f"The sandbox (speaks ArangoDB {version}) listens at {url} as pid {pid}; "
        "user root, password as in ARANGOLAB_PASSWORD (empty if unset). Ctrl-C ends it."
    )
    if options.json:
        line = json.dumps({"url": url, "pid": pid, "version": version, "user": "root"})
    print(line, flush=True)  # noqa: T201
    app.http.serve_forever()
    stopped.set()
    if app.store.disk is not None:
        app.store.disk.close()
    return 0


def _app(options: argparse.Namespace) -> App:
    from arangolab.sandbox.app import App
    from arangolab.sandbox.auth import Auth
    from arangolab.sandbox.disk import Disk
    from arangolab.sandbox.store import Server

    if not 0 <= options.port <= 65535:
        raise InputError("The value of --port cannot be used: a port is between 0 and 65535.")
    if options.max_seconds is not None and not options.max_seconds > 0:
        raise InputError("The value of --max-seconds cannot be used: it must be above 0.")
    turned, secret, store = knobs.from_options(options), _secret(options), Server()
    store.version = SPOKEN[options.speaks]
    if options.data:
        Disk(options.data).load(store)
    password = os.environ.get("ARANGOLAB_PASSWORD", "")
    enabled = not options.no_auth
    auth = Auth(store.users, root_password=password, secret=secret, enabled=enabled)
    return App(store, auth, turned)


def _arrange_end(options: argparse.Namespace, stop: Callable[[], None]) -> None:
    """Have ``stop`` called by signals, by the time limit, and by the end of stdin."""

    def watch_stdin() -> None:
        while os.read(0, 4096):
            pass
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
    if options.max_seconds is not None:
        timer = threading.Timer(options.max_seconds, stop)
        timer.daemon = True
        timer.start()
    if options.parent_watch:
        threading.Thread(target=watch_stdin, daemon=True).start()


def _secret(options: argparse.Namespace) -> bytes:
    file: Path | None = options.jwt_secret_file
    if file is None:
        given: str = options.jwt_secret or os.environ.get("ARANGOLAB_JWT_SECRET", "")
        return given.encode()
    why = "is empty"
    try:
        if secret := file.read_bytes().strip():
            return secret
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
    raise InputError(f"The file {file} of --jwt-secret-file {why}.")


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
