"""A server that speaks enough of ArangoDB for learning and for trying out.

In memory, in one process; what it measures says nothing about ArangoDB.  The password of root is
taken from the environment: ARANGOLAB_PASSWORD.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from arangolab.errors import ArangolabError, InputError, SandboxError
from arangolab.sandbox import knobs
from arangolab.sandbox.spoken import SPOKEN, USUAL

if TYPE_CHECKING:
    from arangolab.sandbox.app import App

_TIDY_S: Final = 10.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the sandbox, for any command line that starts one."""
    add, secret = parser.add_argument, os.environ.get("ARANGOLAB_JWT_SECRET", "")
    add("--port", type=int, default=8529, help="port to listen on; 0 takes any free one (8529)")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this host only)")
    add("--data", type=Path, metavar="FILE", help="keep all in this SQLite file (in memory alone)")
    said = "secret that signs JWTs; better in ARANGOLAB_JWT_SECRET: others can read it here"
    add("--jwt-secret", default=secret, metavar="SECRET", help=said)
    said = "the ArangoDB to speak like; 4.0 has no JavaScript (3.12)"
    add("--speaks", default=USUAL, choices=SPOKEN, help=said)
    add("--no-auth", action="store_true", help="answer everybody, ask for no password")
    add("--json", action="store_true", help="print url and pid as one JSON object, then nothing")
    add("--max-seconds", type=float, default=0, metavar="N", help="stop after so many seconds")
    add("--parent-watch", action="store_true", help="stop when standard input ends")
    knobs.add_options(parser)


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM, SIGINT or the time is over; the exit status.

    Raises SandboxError, InputError before it listens.
    """
    app = _listening(options)
    http, store = app.http, app.store
    threading.Thread(target=app.tidy_every, args=(_TIDY_S,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, lambda *_: http.stop())
    signal.setitimer(signal.ITIMER_REAL, max(options.max_seconds, 0))
    if options.parent_watch:
        threading.Thread(target=_watch, args=(http.stop,), daemon=True).start()
    told = {"url": http.url, "pid": os.getpid(), "version": store.version, "user": "root"}
    line = (
        "The sandbox (speaks ArangoDB {version}) listens at {url} as pid {pid}; "
        "user {user}, password as in ARANGOLAB_PASSWORD (empty if unset). Ctrl-C ends it."
    )
    print(json.dumps(told) if options.json else line.format(**told), flush=True)  # noqa: T201
    http.serve_forever()
    if store.disk is not None:
        store.disk.close()
    return 0


def _watch(ended: Callable[[], None]) -> None:
    sys.stdin.buffer.read()
    ended()


def _listening(options: argparse.Namespace) -> App:
    """What answers, with its server; loads what only a sandbox needs."""
    from arangolab.sandbox import aql
    from arangolab.sandbox.app import App
    from arangolab.sandbox.auth import Auth
    from arangolab.sandbox.disk import Disk
    from arangolab.sandbox.server import ElasticServer
    from arangolab.sandbox.store import Server

    turned, store = knobs.from_options(options), Server(SPOKEN[options.speaks])
    if options.data:
        Disk(options.data).load(store)
    password, secret = os.environ.get("ARANGOLAB_PASSWORD", ""), options.jwt_secret.encode()
    enabled = not options.no_auth
    auth = Auth(store.users, root_password=password, secret=secret, enabled=enabled)
    app = App(store, auth, turned)
    if turned.file_descriptors:
        aql.parse_check("RETURN DATE_NOW()")  # modules that are loaded late need descriptors
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(turned.file_descriptors, soft), hard))
    try:
        app.http = ElasticServer(app.handle, options.host, options.port, turned)
    except (OSError, OverflowError) as error:
        said = f"{options.host}:{options.port} ({getattr(error, 'strerror', error)})"
        hint = "another --port, up to 65535; 0 takes any free one."
        raise SandboxError(f"The sandbox cannot listen on {said}.", hint=hint) from error
    return app


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit status."""
    parser = argparse.ArgumentParser("python -m arangolab.sandbox", description=__doc__)
    add_options(parser)
    try:
        return serve(parser.parse_args(arguments))
    except ArangolabError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, InputError) else 1


if __name__ == "__main__":
    sys.exit(main())
