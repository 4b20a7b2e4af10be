"""What demo and lab share: a server to experiment on, its graph, and the notebook's environment."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from arangolab import units
from arangolab.cli import options as shared
from arangolab.cli.progress import StatusLine
from arangolab.dataset import DataSet, Progress
from arangolab.errors import DataSetError
from arangolab.target import Target

V8_CONTEXTS: Final = 4
V8_WAIT_S: Final = 1.5
TRANSACTION_DELAY_S: Final = 0.5
"""Four logins at a time, half a second each: it gives way within reach of a laptop."""


@contextmanager
def server(options: argparse.Namespace) -> Iterator[Target]:
    """The server to experiment on: the given one, or a sandbox for as long as it takes."""
    if options.url or os.environ.get("ARANGOLAB_URL"):
        target, found = shared.checked_target(options)
        print(f"Server    {found.name} at {target.url}", flush=True)
        yield target
        return
    from arangolab.sandbox import launcher

    shared.refuse_without_url(options)
    password = shared.given_password(options) or ""
    with launcher.start(
        password=password,
        v8_contexts=V8_CONTEXTS,
        v8_wait_s=V8_WAIT_S,
        transaction_delay_s=TRANSACTION_DELAY_S,
    ) as sandbox:
        print(f"Server    the embedded sandbox at {sandbox.url} (not ArangoDB)", flush=True)
        yield Target(urls=(sandbox.url,), user=sandbox.user, password=password)


def load(target: Target, users: int, variant: str = "spread") -> DataSet:
    """Load the graph with a progress bar, or lines where there is no terminal."""
    from arangolab import dataset

    with loading() as progress:
        return dataset.load(target, users=users, variant=variant, progress=progress)


def provide_graph(target: Target, users: int) -> None:
    """Load the graph unless it is there, with users enough."""
    from arangolab import dataset

    try:
        found = dataset.check(target)
    except DataSetError:
        print(f"Data      {load(target, users)}", flush=True)
        return
    if found.users < users:
        found = load(target, users)
    print(f"Data      {found}", flush=True)


def loading() -> AbstractContextManager[Progress]:
    """What shows how far loading is."""
    from arangolab.lab import progress_bar

    return progress_bar() if sys.stderr.isatty() else _lines()


@contextmanager
def _lines() -> Iterator[Progress]:
    line = StatusLine()

    def progress(done: int, total: int, what: str) -> None:
        line.show(f"loading {what}: {units.percent(done / total)}", now=done == total)

    yield progress


def environment(target: Target) -> Mapping[str, str]:
    """The environment in which a notebook finds the target."""
    return {
        **os.environ,
        "ARANGOLAB_URL": ",".join(target.urls),
        "ARANGOLAB_USER": target.user,
        "ARANGOLAB_PASSWORD": target.password,
        "ARANGOLAB_DATABASE": target.database,
        "ARANGOLAB_CA_FILE": target.ca_file or "",
    }
