"""``arangolab run``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from arangolab import checks, units
from arangolab.cli import options as shared
from arangolab.cli import run_options
from arangolab.errors import InputError
from arangolab.plan import Objective, Plan, Step, parse_user_range
from arangolab.scenarios.catalogue import BUILT_IN

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run
    from arangolab.runner.handle import LiveRun
    from arangolab.target import Target

AUTO = "auto"
WARN_AGAIN_S = 30.0
EXAMPLES = """examples:
  arangolab run login --rate 5 --duration 60
  arangolab run login --ramp 1:1:10 --hold 240        1/s, 2/s, ... 10/s, until it gives way
  arangolab run my_scenario.py --rate 20 --processes 2 --users 1:50000 --json
Ctrl-C stops the run and lets what is in flight end; what was recorded stays in its file."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to run, how hard, how long."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        help=f"{', '.join(BUILT_IN)}, the path of a .py file, or a mix: login*3,aql_read",
    )
    shared.add_target(parser)
    run_options.add_load(parser)
    run_options.add_measuring(parser)
    run_options.add_result(parser)


def run(options: argparse.Namespace) -> int:
    """Run it; 1 when the run failed or did not begin."""
    from arangolab.runner import handle

    plan = plan_of(options)
    target, _ = shared.checked_target(options)
    if options.processes == AUTO:
        plan = _calibrated(plan, target)
    live = handle.start(plan, target, options.out)
    interrupted = follow(live)
    result = live.wait()
    figures = result.summary()
    if options.json:
        print(json.dumps(figures))
    else:
        _print(result, figures)
    if figures["status"] == "failed" or figures["status"] == "died":
        print(f"arangolab: {figures['ending']} It is in {result.path}.", file=sys.stderr)
        return 1
    return 130 if interrupted else 0


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that the options describe; raises InputError, ScenarioError."""
    from arangolab.scenarios.catalogue import planned

    first, last = parse_user_range(options.users)
    p95_max = None if options.p95_max is None else shared.positive("--p95-max", options.p95_max)
    return Plan(
        **planned(options.scenario),
        user_order=options.user_order,
        title=options.title,
        steps=_steps(options),
        stop_when_maxed_out=bool(options.ramp),
        objective=Objective(response_p95_ms_max=p95_max),
        first_user=first,
        last_user=last,
        processes=1 if options.processes == AUTO else _whole("--processes", options.processes),
        max_in_flight=options.max_in_flight,
        arrivals=options.arrivals,
        loop_users=options.closed,
        think_s=shared.number("--think", options.think),
        warm_up_s=shared.number("--warm-up", options.warm_up),
        transport=options.transport,
        drain_s=shared.number("--drain", options.drain),
        connect_timeout_s=shared.positive("--connect-timeout", options.connect_timeout),
        read_timeout_s=shared.positive("--read-timeout", options.read_timeout),
        seed=options.seed,
        measuring=run_options.measuring_of(options),
    )


def _steps(options: argparse.Namespace) -> tuple[Step, ...]:
    rise = shared.number("--rise", options.rise)
    if options.ramp:
        hold = shared.number("--hold", options.hold)
        return tuple(Step(rate_per_s=r, hold_s=hold, rise_s=rise) for r in _rates(options.ramp))
    rate = 0.0 if options.closed else shared.number("--rate", options.rate)
    hold = shared.number("--duration", options.duration)
    return (Step(rate_per_s=rate, hold_s=hold, rise_s=rise),)


def _calibrated(plan: Plan, target: Target) -> Plan:
    """The plan with as many processes as it needs; says what was measured."""
    from arangolab.runner.calibration import calibrate

    print(f"Measuring what one {plan.scenario} costs the injector ...", file=sys.stderr)
    found = calibrate(plan, target)
    print(found.sentence, file=sys.stderr)
    return replace(plan, processes=found.processes)


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(
            f"{name} {text!r} is not a whole number.", hint=f"{name} 2, or {name} auto."
        ) from None


def _rates(ramp: str) -> list[float]:
    try:
        start, step, count = (float(part) for part in ramp.split(":"))
    except ValueError:
        raise InputError(
            f"The ramp {ramp!r} is not of the form START:STEP:COUNT.",
            hint="--ramp 1:1:10",
        ) from None
    return [start + number * step for number in range(int(count))]


def follow(live: LiveRun) -> bool:
    """Show how the run stands until it ends; whether Ctrl-C ended it."""
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
            if interrupted:
                live.stop(drain=False)
            live.stop()
            interrupted = True
            line.show("stopping; what is in flight may end (Ctrl-C again: at once)", now=True)
    line.clear()
    return interrupted


def _print(result: Run, figures: dict[str, Any]) -> None:
    """The result for people."""
    rows = [
        ("run", result.title),
        ("ending", figures["ending"]),
        (
            "scenarios",
            f"{figures['started']} started of {figures['intended']} due "
            f"({units.number(figures['achieved_per_s'] or 0)}/s), {figures['shed']} shed, "
            f"{figures['finished']} finished, {figures['failed']} failed",
        ),
        ("response time", _times(figures)),
        *((f"injector {row['worker']}", _injector(row)) for row in figures["processes"]),
        *((f"{e['count']} x {e['kind']}", e["first_message"]) for e in figures["errors"][:5]),
        *((name, text) for name, text in result.small_print().items() if name == "left out"),
        ("verdict", figures["verdict"] or "none"),
        ("file", str(result.path)),
    ]
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"{name:{width}}  {text}")


def _injector(row: dict[str, Any]) -> str:
    """One injector process: what it used and how late it was."""
    used, late_ms = row["cpu_ratio"], row["lateness_p99_ms"]
    said = [f"{row['started']} started"]
    if used is not None:
        said.append(f"{units.percent(used)} of a core")
    if late_ms is not None:
        said.append(f"at most {units.seconds(late_ms / 1e3)} late (p99)")
    said.append(f"{units.size(row['rss_bytes'])} of memory")
    return ", ".join(said)


def _times(figures: dict[str, Any]) -> str:
    if figures["response_p50_ms"] is None:
        return "nothing finished"
    p50, p95 = figures["response_p50_ms"] / 1e3, figures["response_p95_ms"] / 1e3
    return f"median {units.seconds(p50)}, p95 {units.seconds(p95)} from the intended start"
