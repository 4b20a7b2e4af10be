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
from arangolab.sandbox.spoken import SPOKEN, USUAL

_TIDY_S: Final = 10.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the sandbox, for any command line that starts one."""
    add = parser.add_argument
    add("--port", type=int, default=8529, help="port to listen on; 0 takes any free one (8529)")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this host only)")
    add(
        "--v8-contexts",
        type=int,
        default=4,
        metavar="N",
        help="JavaScript transactions that can run at the same time (4)",
    )
    add(
        "--v8-wait",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help='how long a transaction waits for one of them before it fails with "could not '
        'acquire v8 context" (60)',
    )
    add(
        "--transaction-delay",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="seconds each transaction takes on top, holding its JavaScript context (0)",
    )
    add(
        "--maximal-threads",
        type=int,
        default=128,
        metavar="N",
        help="most threads for requests; beyond, requests queue (128)",
    )
    add(
        "--js-time-limit",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="CPU time after which a transaction's JavaScript is stopped (60)",
    )
    add("--jwt-secret-file", type=Path, metavar="FILE", help="file with the secret that signs JWTs")
    add(
        "--speaks",
        default=USUAL,
        choices=SPOKEN,
        help="the ArangoDB to speak like; 4.0 has no JavaScript (3.12)",
    )
    add("--no-auth", action="store_true", help="answer everybody, ask for no password")
    add("--json", action="store_true", help="print url and pid as one JSON object, then nothing")
    add("--max-seconds", type=float, metavar="N", help="stop after so many seconds")
    add("--parent-watch", action="store_true", help="stop when standard input ends")


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM, SIGINT or the time is over; the exit status.

    Raises SandboxError, InputError before it listens.
    """
    from arangolab.sandbox.app import App
    from arangolab.sandbox.auth import Auth
    from arangolab.sandbox.javascript import Contexts
    from arangolab.sandbox.server import ElasticServer
    from arangolab.sandbox.store import Server

    _check(options)
    store = Server(SPOKEN[options.speaks])
    auth = Auth(
        store.users,
        root_password=os.environ.get("ARANGOLAB_PASSWORD", ""),
        secret=_secret(options.jwt_secret_file),
        enabled=not options.no_auth,
    )
    contexts = Contexts(
        options.v8_contexts, wait_s=options.v8_wait, cpu_limit_s=options.js_time_limit
    )
    app = App(store, auth, contexts, transaction_delay_s=options.transaction_delay)
    try:
        server = ElasticServer(
            app.handle,
            host=options.host,
            port=options.port,
            maximal_threads=options.maximal_threads,
        )
    except OSError as error:
        raise SandboxError(
            f"The sandbox cannot listen on {options.host}:{options.port} ({error.strerror}).",
            hint="another --port; 0 takes any free one.",
        ) from error
    app.http = server
    _arrange_end(options, server.stop)
    stopped = threading.Event()
    threading.Thread(target=app.tidy_every, args=(_TIDY_S, stopped), daemon=True).start()
    _announce(server.url, store.version, as_json=options.json)
    server.serve_forever()
    stopped.set()
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


def _check(options: argparse.Namespace) -> None:
    limits = {
        "--port": (0 <= options.port <= 65535, "a port is between 0 and 65535"),
        "--v8-contexts": (1 <= options.v8_contexts <= 1024, "from 1 to 1024 are possible"),
        "--v8-wait": (options.v8_wait >= 0, "it cannot be negative"),
        "--transaction-delay": (options.transaction_delay >= 0, "it cannot be negative"),
        "--maximal-threads": (options.maximal_threads >= 1, "at least one is needed"),
        "--js-time-limit": (options.js_time_limit > 0, "it must be above 0"),
        "--max-seconds": ((options.max_seconds or 1) > 0, "it must be above 0"),
    }
    for name, (good, why) in limits.items():
        if not good:
            raise InputError(f"The value of {name} cannot be used: {why}.")


def _secret(file: Path | None) -> bytes:
    if file is None:
        return b""
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise InputError(
            f"The file {file} of --jwt-secret-file cannot be read ({error.strerror})."
        ) from error
    if not secret:
        raise InputError(f"The file {file} of --jwt-secret-file is empty.")
    return secret


def _announce(url: str, version: str, *, as_json: bool) -> None:
    if as_json:
        line = json.dumps({"url": url, "pid": os.getpid(), "version": version, "user": "root"})
    else:
        line = f"The sandbox (speaks ArangoDB {version}) listens at {url} as pid {os.getpid()}; "
        line += "user root, password as in ARANGOLAB_PASSWORD (empty if unset). Ctrl-C ends it."
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _watch_stdin(stop: Callable[[], None]) -> None:
    while os.read(0, 4096):
        pass
    stop()


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
