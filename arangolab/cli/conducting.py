"""What the commands that conduct a run share: the plan's common fields, and following the run."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arangolab import checks
from arangolab.cli import options as shared
from arangolab.cli import run_options
from arangolab.errors import InputError
from arangolab.parameters import assignments, shown
from arangolab.plan import Plan, parse_user_range
from arangolab.scenarios import reading
from arangolab.scenarios.catalogue import BUILT_IN

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run
    from arangolab.runner.steered import SteeredRun
    from arangolab.target import Target

AUTO: Final = "auto"
WARN_AGAIN_S: Final = 30.0


def add_scenario(parser: argparse.ArgumentParser, **how: Any) -> None:
    """The scenario to run."""
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        help=f"{', '.join(BUILT_IN)}, the path of a .py file, or a mix: login*3,aql_read",
        **how,
    )
    parser.add_argument(
        "--param",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter of the scenario, instead of its default; again for another one; in a "
        f"mix: login.NAME=VALUE (those of what ships: {_usual_parameters()})",
    )


def _usual_parameters() -> str:
    return "; ".join(
        f"{name} {', '.join(f'{one.name}={shown(one.default)}' for one in known)}"
        for name in BUILT_IN
        if (known := reading.parameters(name, None))
    )


def common_fields(options: argparse.Namespace) -> dict[str, Any]:
    """Fields of the plan that every such command has; raises InputError, ScenarioError."""
    from arangolab.scenarios.catalogue import planned

    first, last = parse_user_range(options.users)
    return {
        **planned(options.scenario, assignments(options.param)),
        "user_order": options.user_order,
        "title": options.title,
        "first_user": first,
        "last_user": last,
        "processes": processes_of(options),
        "max_in_flight": options.max_in_flight,
        "arrivals": options.arrivals,
        "warm_up_s": shared.number("--warm-up", options.warm_up),
        "transport": options.transport,
        "drain_s": shared.number("--drain", options.drain),
        "connect_timeout_s": shared.positive("--connect-timeout", options.connect_timeout),
        "read_timeout_s": shared.positive("--read-timeout", options.read_timeout),
        "seed": options.seed,
        "measuring": run_options.measuring_of(options),
    }


def processes_of(options: argparse.Namespace) -> int:
    """Injector processes at the begin; raises InputError."""
    return 1 if options.processes == AUTO else _whole("--processes", options.processes)


def calibrated(options: argparse.Namespace, plan: Plan, target: Target) -> Plan:
    """The plan, with as many processes as it needs where that is wished; says what it measured."""
    from arangolab.runner.calibration import calibrate

    if options.processes != AUTO:
        return plan
    print(f"Measuring what one {plan.scenario} costs the injector ...", file=sys.stderr)
    found = calibrate(plan, target)
    print(found.sentence, file=sys.stderr)
    return replace(plan, processes=found.processes)


def follow(live: SteeredRun, *, stop: bool = True) -> bool:
    """Show how the run stands until it ends; whether Ctrl-C ended it (or, not ``stop``, this)."""
    from arangolab.cli.progress import StatusLine
    from arangolab.runfile.follower import Follower

    line, follower = StatusLine(), Follower(live.run)
    interrupted, warned_s = False, -WARN_AGAIN_S
    while live.alive:
        try:
            line.show(follower.words())
            if time.monotonic() - warned_s >= WARN_AGAIN_S:
                for text in checks.warnings_now(follower.now):
                    line.note(text)
                    warned_s = time.monotonic()
            time.sleep(0.25)
        except KeyboardInterrupt:
            if not stop:
                line.clear()
                return True
            if interrupted:
                live.stop(drain=False)
            live.stop()
            interrupted = True
            line.show("stopping; what is in flight may end (Ctrl-C again: at once)", now=True)
    line.clear()
    return interrupted


def rate_or_file(name: str, given: str, *, low: bool) -> float:
    """A rate, or what the search in a run file found: the capacity, or the ``low`` end of it.

    Raises InputError when the text is neither, or the file tells no capacity; RunFileError.
    """
    try:
        return shared.positive(name, given)
    except InputError:
        if not Path(given).exists():
            raise InputError(
                f"{name} {given!r} is neither a rate nor a run file.", hint=f"{name} 20"
            ) from None
    from arangolab.runfile.reader import open_run

    earlier = open_run(given).capacity
    rate = (earlier.low_per_s if low else earlier.capacity_per_s) if earlier else None
    if rate is None:
        raise InputError(f"{given} tells no capacity.", hint="the file of a search.")
    return rate


def failed(status: str) -> bool:
    """Whether a run of that status came to no proper end."""
    return status in ("failed", "died")


def table(rows: list[tuple[str, str]]) -> str:
    """Names and texts below each other."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:{width}}  {text}" for name, text in rows)


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(
            f"{name} {text!r} is not a whole number.", hint=f"{name} 2, or {name} auto."
        ) from None


def exit_status(found: Run, status: int, *, interrupted: bool) -> int:
    """``status``, unless the run failed (1, and it is said) or was interrupted (130)."""
    if failed(found.status):
        print(f"arangolab: {found.ending} It is in {found.path}.", file=sys.stderr)
        return 1
    return 130 if interrupted else status
