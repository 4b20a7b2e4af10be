"""``arangolab run``."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from arangolab import units
from arangolab.cli import conducting, run_options
from arangolab.cli import options as shared
from arangolab.errors import InputError
from arangolab.plan import Objective, Plan, Ramp, Step
from arangolab.schedule import parse_rates

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run

EXAMPLES = """examples:
  arangolab run login --rate 5 --duration 60
  arangolab run login --ramp 1:1:10 --hold 240        1/s, 2/s, ... 10/s, until it gives way
  arangolab run login --ramp 1,2,5,10 --ramp-down       the rates of a list, and back down
  arangolab run aql_read --param batch=10 --rate 20      a scenario told otherwise than usual
  arangolab run my_scenario.py --rate 20 --processes 2 --users 1:50000 --json
Ctrl-C stops the run and lets what is in flight end; what was recorded stays in its file."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to run, how hard, how long."""
    parser.epilog = EXAMPLES
    conducting.add_scenario(parser)
    shared.add_target(parser)
    run_options.add_load(parser)
    run_options.add_measuring(parser)
    run_options.add_result(parser)


def run(options: argparse.Namespace) -> int:
    """Run it; 1 when the run failed or did not begin."""
    from arangolab.runner import handle

    plan = plan_of(options)
    target, _ = shared.checked_target(options)
    plan = conducting.calibrated(options, plan, target)
    live = handle.start(plan, target, options.out)
    interrupted = conducting.follow(live)
    result = live.wait()
    figures = result.summary()
    if options.json:
        print(json.dumps(figures))
    else:
        _print(result, figures)
    if conducting.failed(figures["status"]):
        print(f"arangolab: {figures['ending']} It is in {result.path}.", file=sys.stderr)
        return 1
    return 130 if interrupted else 0


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that the options describe; raises InputError, ScenarioError."""
    return Plan(
        **conducting.common_fields(options),
        steps=_steps(options),
        stop_when_maxed_out=bool(options.ramp),
        ramp_down=options.ramp_down,
        calm_s=shared.number("--calm", options.calm),
        objective=_objective(options),
        loop_users=options.closed,
        think_s=shared.number("--think", options.think),
    )


def _objective(options: argparse.Namespace) -> Objective:
    made = Objective.parse(options.objective)
    if options.p95_max is None:
        return made
    return replace(made, response_p95_ms_max=shared.positive("--p95-max", options.p95_max))


def _steps(options: argparse.Namespace) -> tuple[Step, ...]:
    rise = shared.number("--rise", options.rise)
    if options.ramp:
        ramp = _ramp(
            options.ramp,
            hold_s=shared.number("--hold", options.hold),
            rise_s=rise,
            add_processes=options.add_processes,
        )
        return ramp.held(conducting.processes_of(options))
    rate = 0.0 if options.closed else shared.number("--rate", options.rate)
    hold = shared.number("--duration", options.duration)
    return (Step(rate_per_s=rate, hold_s=hold, rise_s=rise),)


def _ramp(text: str, **more: Any) -> Ramp:
    if ":" not in text:
        return Ramp(rates_per_s=parse_rates(text), **more)
    try:
        start, step, count = (float(part) for part in text.split(":"))
    except ValueError:
        raise InputError(
            f"The ramp {text!r} is neither of the form START:STEP:COUNT nor a list of rates.",
            hint="--ramp 1:1:10, or --ramp 1,2,5,10",
        ) from None
    return Ramp(start_per_s=start, push_per_s=step, steps=int(count), **more)


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
    print(conducting.table(rows))


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
