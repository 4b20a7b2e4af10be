"""The short functions a notebook calls: connect, load, start, ramp, start_sandbox."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arangolab.runs import endure as endure
from arangolab.runs import find_capacity as find_capacity
from arangolab.runs import ramp as ramp
from arangolab.runs import start as start
from arangolab.target import Target
from arangolab.target import connect as check_target

if TYPE_CHECKING:
    from arangolab.dataset import DataSet
    from arangolab.finding import Finding
    from arangolab.runfile.reader import Run
    from arangolab.runner.steered import AttachedRun
    from arangolab.sandbox.launcher import SandboxProcess


def connect(
    url: str | None = None,
    user: str | None = None,
    database: str | None = None,
    password: str | None = None,
) -> Target:
    """The target, checked: it answers, it is ArangoDB, we may use it.

    What is not given comes from the environment: ARANGOLAB_URL (default
    http://127.0.0.1:8529), ARANGOLAB_USER (root), ARANGOLAB_PASSWORD, ARANGOLAB_DATABASE
    (_system).  Raises TargetError.
    """
    target = Target.from_environment(url, user, database, password)
    return replace(target, server=check_target(target))


def connect_or_sandbox(
    url: str | None = None, user: str | None = None, **sandbox: Any
) -> tuple[Target, SandboxProcess | None]:
    """(the target, the sandbox that was started for it, if one was).

    The target is the server at ``url``, else that of ARANGOLAB_URL unless it is a sandbox, else a
    new sandbox with the options ``sandbox`` of :func:`start_sandbox`.  Raises TargetError,
    SandboxError.
    """
    if url is not None:
        return connect(url, user), None
    if os.environ.get("ARANGOLAB_URL"):
        target = Target.from_environment(None, user)
        if not check_target(target).sandbox:
            return target, None
    own = start_sandbox(**sandbox)
    return connect(own.url, own.user, "_system", sandbox.get("password", "")), own


def start_sandbox(
    *,
    port: int = 0,
    v8_contexts: int = 4,
    v8_wait_s: float = 60.0,
    transaction_delay_s: float = 0.0,
    password: str = "",
    **knobs: float,
) -> SandboxProcess:
    """Start the embedded server in a process of its own; it ends with this one.

    ``v8_contexts`` JavaScript transactions run at once; another waits at most ``v8_wait_s``
    seconds for a context; each takes ``transaction_delay_s`` seconds on top of its work.
    ``knobs``: more that can give out first, ``maximal_threads=8, query_cpu_s=0.05, ...``; the
    table in :mod:`arangolab.sandbox.knobs`, or in ``arangolab sandbox --help``, says what each
    does and where it shows.  Raises SandboxError, InputError.
    """
    from arangolab.sandbox import launcher
    from arangolab.sandbox.knobs import as_options

    turned = {
        "v8_contexts": v8_contexts,
        "v8_wait_s": v8_wait_s,
        "transaction_delay_s": transaction_delay_s,
        **knobs,
    }
    return launcher.start(port=port, password=password, options=tuple(as_options(turned)))


def load(target: Target, *, users: int = 10_000, variant: str = "spread") -> DataSet:
    """Load the graph of users and groups, with a progress bar, and check it.

    Replaces what is there.  Raises DataSetError, InputError, TargetError.
    """
    from arangolab import dataset

    with progress_bar() as progress:
        return dataset.load(target, users=users, variant=variant, progress=progress)


def attach(path: str | Path) -> AttachedRun:
    """A run that goes on, or has ended, by its file: to be watched, steered and waited for.

    Raises RunFileError.
    """
    from arangolab.runner import steered

    return steered.attach(path)


def finding(
    run: Run,
    title: str = "",
    *,
    conclusion: str = "",
    out: str | Path | None = None,
    redact: bool = False,
) -> Finding:
    """Make a finding of a run, to be shared: an executed notebook, one HTML page, the run's file.

    ``conclusion``: what you make of it, in Markdown.  ``out``: an empty or new folder.
    ``redact``: without host names.  Takes some ten seconds; raises FindingError, RunFileError.
    """
    from arangolab.finding import make

    place = None if out is None else Path(out)
    return make(run, title, conclusion=conclusion, out=place, redact=redact)


class progress_bar:  # noqa: N801  (used like a function)
    """A tqdm bar for :data:`arangolab.dataset.Progress`."""

    def __enter__(self) -> Callable[[int, int, str], None]:
        self._bar: Any = None
        return self._advance

    def _advance(self, done: int, total: int, what: str) -> None:
        from tqdm.auto import tqdm

        if self._bar is None:
            self._bar = tqdm(total=total, unit=" documents", unit_scale=True)
        self._bar.set_description(f"loading {what}", refresh=False)
        self._bar.update(done - self._bar.n)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
