"""Runs that a notebook starts: a rate, a ramp, a search for the capacity, a long hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arangolab.errors import InputError
from arangolab.measuring import taken_in
from arangolab.plan import LOAD_RATIO, Objective, Plan, Ramp, Search, Step, endurance_steps
from arangolab.plan import USUAL as _USUAL
from arangolab.scenarios.catalogue import planned
from arangolab.schedule import endurance_warm_up_s
from arangolab.target import Target

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run
    from arangolab.runner.handle import LiveRun

_RAMP, _SEARCH = Ramp(), Search()
_USERS = (_USUAL.first_user, _USUAL.last_user)


def start(
    target: Target,
    *,
    scenario: str = _USUAL.scenario,
    params: Mapping[str, Any] | None = None,
    rate_per_s: float = _USUAL.steps[0].rate_per_s,
    duration_s: float | None = None,
    users: tuple[int, int] = _USERS,
    path: str | Path | None = None,
    **plan: Any,
) -> LiveRun:
    """Start scenarios at a constant rate, for a time or (None) until stopped.

    ``scenario``: a built-in's name, the path of a .py file, or a mix (``"login*3, aql_read"``).
    ``params``: values for its parameters (``{"batch": 10}``; in a mix ``{"aql_read.batch": 10}``),
    the others stay as its file says.
    ``users``: the range of users to play, both ends included.  ``path``: the run file; where
    there is one already, ``-2`` is put to its name, and so on.  ``plan``: further fields of Plan
    (``processes, max_in_flight, arrivals, warm_up_s, title, ...``) and of Measuring
    (``collectd=True, statsd_to="10.0.0.5:8125", percentiles=(50, 99.9), ...``);
    ``processes="auto"`` measures what one scenario costs this host, says so, and takes as many as
    the rate needs.  Returns once it runs: steer it by ``set_rate``, wait by ``await run`` or
    ``run.wait()``.
    """
    step = Step(rate_per_s=rate_per_s, hold_s=duration_s)
    return _start(target, scenario, params, users, path, steps=(step,), **plan)


def ramp(
    target: Target,
    *,
    scenario: str = _USUAL.scenario,
    params: Mapping[str, Any] | None = None,
    start: float = _RAMP.start_per_s,
    step: float = _RAMP.push_per_s,
    hold_s: float = _RAMP.hold_s,
    steps: int = _RAMP.steps,
    users: tuple[int, int] = _USERS,
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
    driven = Ramp(
        start_per_s=start,
        push_per_s=step,
        steps=steps,
        rates_per_s=tuple(rates),
        hold_s=hold_s,
        add_processes=add_processes,
    )
    return _start(
        target,
        scenario,
        params,
        users,
        path,
        steps=driven.held(_first(plan)),
        stop_when_maxed_out=True,
        objective=_objective(objective),
        **plan,
    )


def find_capacity(
    target: Target,
    *,
    scenario: str = _USUAL.scenario,
    params: Mapping[str, Any] | None = None,
    objective: Objective | str | None = None,
    start_rate_per_s: float = _SEARCH.start_rate_per_s,
    hold_s: float = _SEARCH.hold_s,
    trial_s: float = _SEARCH.trial_s,
    width_ratio: float = _SEARCH.width_ratio,
    trials_max: int = _SEARCH.trials_max,
    rate_max_per_s: float | None = _SEARCH.rate_max_per_s,
    recovery: bool = _SEARCH.recovery,
    users: tuple[int, int] = _USERS,
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
    plan.setdefault("warm_up_s", search.warm_up_s)
    return _start(
        target,
        scenario,
        params,
        users,
        path,
        steps=(search.first,),
        search=search,
        objective=_objective(objective),
        **plan,
    )


def endure(
    target: Target,
    *,
    scenario: str = _USUAL.scenario,
    params: Mapping[str, Any] | None = None,
    capacity: float | Run | str | Path | None = None,
    load_ratio: float = LOAD_RATIO,
    rate_per_s: float | None = None,
    duration_s: float = 3600.0,
    objective: Objective | str | None = None,
    users: tuple[int, int] = _USERS,
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
    plan.setdefault("warm_up_s", endurance_warm_up_s(duration_s))
    return _start(
        target,
        scenario,
        params,
        users,
        path,
        steps=endurance_steps(rate, duration_s),
        endurance=True,
        attached=attached,
        objective=_objective(objective),
        **plan,
    )


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


def _first(plan: Mapping[str, Any]) -> int:
    """Injector processes at the begin."""
    asked = plan.get("processes", _USUAL.processes)
    return _USUAL.processes if asked == "auto" else asked


def _start(
    target: Target,
    scenario: str,
    params: Mapping[str, Any] | None,
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
        plan["processes"] = _USUAL.processes
    values = Plan(**planned(scenario, params), first_user=first, last_user=last, **plan)
    if automatic:
        found = calibrate(values, target)
        print(found.sentence)  # noqa: T201 - said where the cell shows it
        values = replace(values, processes=found.processes)
    return handle.start(values, target, None if path is None else unused(Path(path)))
