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
from typing import Final

from arangolab.errors import ArangolabError, InputError, SandboxError
from arangolab.sandbox import knobs, process
from arangolab.sandbox.spoken import SPOKEN, USUAL

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
    from arangolab.sandbox.app import App
    from arangolab.sandbox.auth import Auth
    from arangolab.sandbox.disk import Disk
    from arangolab.sandbox.server import ElasticServer
    from arangolab.sandbox.store import Server

    if not 0 <= options.port <= 65535:
        raise InputError("The value of --port cannot be used: a port is between 0 and 65535.")
    if options.max_seconds is not None and not options.max_seconds > 0:
        raise InputError("The value of --max-seconds cannot be used: it must be above 0.")
    turned = knobs.from_options(options)
    store = Server(SPOKEN[options.speaks])
    disk = Disk(options.data) if options.data else None
    if disk is not None:
        disk.load(store)
    auth = Auth(
        store.users,
        root_password=os.environ.get("ARANGOLAB_PASSWORD", ""),
        secret=_secret(options),
        enabled=not options.no_auth,
    )
    app = App(store, auth, turned)
    if turned.file_descriptors:
        aql.parse_check("RETURN DATE_NOW()")  # modules that are loaded late need descriptors
        process.limit_descriptors(turned.file_descriptors)
    try:
        app.http = server = ElasticServer(
            app.handle,
            host=options.host,
            port=options.port,
            maximal_threads=turned.maximal_threads,
            maximal_queue_size=turned.maximal_queue_size,
        )
    except OSError as error:
        raise SandboxError(
            f"The sandbox cannot listen on {options.host}:{options.port} ({error.strerror}).",
            hint="another --port; 0 takes any free one.",
        ) from error
    stopped = threading.Event()
    threading.Thread(target=app.tidy_every, args=(_TIDY_S, stopped), daemon=True).start()
    _arrange_end(options, server.stop)
    _announce(server.url, store.version, as_json=options.json)
    server.serve_forever()
    stopped.set()
    if disk is not None:
        disk.close()
    return 0


def _arrange_end(options: argparse.Namespace, stop: Callable[[], None]) -> None:
    """Have ``stop`` called by signals, by the time limit, and by the end of stdin."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
    if options.max_seconds is not None:
        timer = threading.Timer(options.max_seconds, stop)
        timer.daemon = True
        timer.start()
    if options.parent_watch:
        threading.Thread(target=_watch_stdin, args=(stop,), daemon=True).start()


def _watch_stdin(stop: Callable[[], None]) -> None:
    while os.read(0, 4096):
        pass
    stop()


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


def _announce(url: str, version: str, *, as_json: bool) -> None:
    line = (
        f"The sandbox (speaks ArangoDB {version}) listens at {url} as pid {os.getpid()}; "
        "user root, password as in ARANGOLAB_PASSWORD (empty if unset). Ctrl-C ends it."
    )
    if as_json:
        line = json.dumps({"url": url, "pid": os.getpid(), "version": version, "user": "root"})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


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
