"""The short functions a notebook calls: connect, load, start, ramp, start_sandbox."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arangolab.errors import InputError
from arangolab.measuring import taken_in
from arangolab.plan import LOAD_RATIO, Objective, Plan, Search, Step, endurance_steps
from arangolab.scenarios.catalogue import planned
from arangolab.target import Target
from arangolab.target import connect as check_target

if TYPE_CHECKING:
    from arangolab.dataset import DataSet
    from arangolab.finding import Finding
    from arangolab.runfile.reader import Run
    from arangolab.runner.handle import LiveRun
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


def start(
    target: Target,
    *,
    scenario: str = "login",
    rate_per_s: float = 1.0,
    duration_s: float | None = None,
    users: tuple[int, int] = (1, 10_000),
    path: str | Path | None = None,
    **plan: Any,
) -> LiveRun:
    """Start scenarios at a constant rate, for a time or (None) until stopped.

    ``scenario``: a built-in's name, the path of a .py file, or a mix (``"login*3, aql_read"``).
    ``users``: the range of users to play, both ends included.  ``path``: the run file; where
    there is one already, ``-2`` is put to its name, and so on.  ``plan``: further fields of Plan
    (``processes, max_in_flight, arrivals, warm_up_s, title, ...``) and of Measuring
    (``collectd=True, statsd_to="10.0.0.5:8125", percentiles=(50, 99.9), ...``);
    ``processes="auto"`` measures what one scenario costs this host, says so, and takes as many as
    the rate needs.  Returns once it runs: steer it by ``set_rate``, wait by ``await run`` or
    ``run.wait()``.
    """
    step = Step(rate_per_s=rate_per_s, hold_s=duration_s)
    return _start(target, scenario, users, path, steps=(step,), **plan)


def ramp(
    target: Target,
    *,
    scenario: str = "login",
    start: float = 1.0,
    step: float = 1.0,
    hold_s: float = 240.0,
    steps: int = 10,
    users: tuple[int, int] = (1, 10_000),
    path: str | Path | None = None,
    rates: Sequence[float] = (),
    add_processes: bool = False,
    objective: Objective | str | None = None,
    **plan: Any,
) -> LiveRun:
    """Hold ``start`` scenarios per second for ``hold_s`` seconds, push harder by ``step``, again.

    Or hold the ``rates`` of a list.  Stops after ``steps`` steps, or once the objective is not met:
    then the server is maxed out.  ``add_processes``: each step comes with one more injector
    process.  Of ``plan``: ``calm_s`` waits between the steps, for so long at most, until what is in
    flight has ended; ``ramp_down=True`` goes back down once maxed out, to see the server recover.
    Other arguments as for :func:`start`.
    """
    driven = rates or [start + number * step for number in range(steps)]
    first = plan.get("processes", 1) if add_processes else None
    held = tuple(
        Step(rate_per_s=rate, hold_s=hold_s, processes=None if first is None else first + number)
        for number, rate in enumerate(driven)
    )
    return _start(
        target,
        scenario,
        users,
        path,
        steps=held,
        stop_when_maxed_out=True,
        objective=_objective(objective),
        **plan,
    )


def find_capacity(
    target: Target,
    *,
    scenario: str = "login",
    objective: Objective | str | None = None,
    start_rate_per_s: float = 1.0,
    hold_s: float = 60.0,
    trial_s: float = 15.0,
    width_ratio: float = 0.12,
    trials_max: int = 40,
    rate_max_per_s: float | None = None,
    recovery: bool = True,
    users: tuple[int, int] = (1, 10_000),
    path: str | Path | None = None,
    **plan: Any,
) -> LiveRun:
    """Search for the highest rate that meets the objective; ``run.capacity`` is the result.

    Doubles from ``start_rate_per_s`` on by trials of ``trial_s`` seconds until one is not
    sustained, closes in, and holds rates near the capacity for ``hold_s`` seconds each, again and
    again, until its interval is at most ``width_ratio`` of it wide (or after ``trials_max``
    rates).  What is in flight ends before the next rate.  With ``recovery`` it then overloads the
    server once and goes back down: does it recover?  ``objective``: an Objective, or its text
    (``"response_p95<500ms, errors<1%, in_flight stable"``).  Other arguments as for
    :func:`start`; ``processes="auto"`` reckons with ``rate_max_per_s``.
    """
    search = Search(
        start_rate_per_s=start_rate_per_s,
        rate_max_per_s=rate_max_per_s,
        trial_s=trial_s,
        hold_s=hold_s,
        width_ratio=width_ratio,
        trials_max=trials_max,
        recovery=recovery,
    )
    plan.setdefault("warm_up_s", min(5.0, trial_s))
    return _start(
        target,
        scenario,
        users,
        path,
        steps=(Step(rate_per_s=start_rate_per_s, hold_s=trial_s),),
        search=search,
        objective=_objective(objective),
        **plan,
    )


def endure(
    target: Target,
    *,
    scenario: str = "login",
    capacity: float | Run | str | Path | None = None,
    load_ratio: float = LOAD_RATIO,
    rate_per_s: float | None = None,
    duration_s: float = 3600.0,
    objective: Objective | str | None = None,
    users: tuple[int, int] = (1, 10_000),
    path: str | Path | None = None,
    attached: bool = False,
    **plan: Any,
) -> LiveRun:
    """Hold a part of the capacity for long; ``run.endurance`` tells what drifted.

    ``capacity``: scenarios per second, or a search's run or run file; ``load_ratio`` of it is
    held, or ``rate_per_s`` as it is.  Every window of the hold is judged by itself.  The run goes
    on when this kernel ends, unless ``attached``; ``arangolab.lab.attach(path)`` finds it again.
    Other arguments as for :func:`start`.  Raises InputError when neither says how hard.
    """
    rate = rate_per_s if rate_per_s is not None else load_ratio * _capacity(capacity)
    plan.setdefault("warm_up_s", min(10.0, duration_s / 10))
    return _start(
        target,
        scenario,
        users,
        path,
        steps=endurance_steps(rate, duration_s),
        endurance=True,
        attached=attached,
        objective=_objective(objective),
        **plan,
    )


def attach(path: str | Path) -> AttachedRun:
    """A run that goes on, or has ended, by its file: to be watched, steered and waited for.

    Raises RunFileError.
    """
    from arangolab.runner import steered

    return steered.attach(path)


def _capacity(given: float | Run | str | Path | None) -> float:
    """Scenarios per second; raises InputError when there is no telling, RunFileError."""
    from arangolab.runfile.reader import Run, open_run

    if isinstance(given, str | Path):
        given = open_run(given)
    if isinstance(given, Run):
        found = given.capacity
        given = found.capacity_per_s if found is not None else None
    if given is None:
        raise InputError(
            "It is not known how hard to push.",
            hint="capacity=find_capacity(target).wait(), or rate_per_s=10.",
        )
    return float(given)


def _objective(given: Objective | str | None) -> Objective:
    if isinstance(given, str):
        return Objective.parse(given)
    return given or Objective()


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


def _start(
    target: Target,
    scenario: str,
    users: tuple[int, int],
    path: str | Path | None,
    **plan: Any,
) -> LiveRun:
    from arangolab.runfile.names import unused
    from arangolab.runner import handle
    from arangolab.runner.calibration import calibrate

    first, last = users
    plan = taken_in(plan)
    automatic = plan.get("processes") == "auto"
    if automatic:
        plan["processes"] = 1
    values = Plan(**planned(scenario), first_user=first, last_user=last, **plan)
    if automatic:
        found = calibrate(values, target)
        print(found.sentence)  # noqa: T201 - said where the cell shows it
        values = replace(values, processes=found.processes)
    return handle.start(values, target, None if path is None else unused(Path(path)))


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
