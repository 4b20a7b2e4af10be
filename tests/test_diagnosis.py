"""Verdicts on simulated runs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pandas as pd
import pytest

from arangolab.capacity import judge
from arangolab.diagnosis import Verdict, diagnose
from arangolab.evidence import clues
from arangolab.plan import Objective
from tests.fake_runs import LIMITS, V8_MESSAGE, arrivals, judged, ramp, simulate, table

SEEN = judged(simulate(arrivals([5], 20), c=8, mean_s=0.2), 0, 20).observation
GOOD = asdict(judge(SEEN, Objective()))
BAD = asdict(judge(replace(SEEN, shed=30), Objective()))
VOID = asdict(judge(replace(SEEN, injector_cpu_ratio=0.97), Objective()))
STEPS = [
    {"rate_per_s": 5.0, "from_s": 0.0, "to_s": 20.0, "judgement": GOOD},
    {"rate_per_s": 9.0, "from_s": 20.0, "to_s": 40.0, "judgement": BAD},
]
LEVELS = {
    ("injector", "in_flight"): (3, 90),
    ("proc", "cpu_user_cores"): (0.4, 0.6),
    ("proc", "cpu_system_cores"): (0.1, 0.2),
    ("proc", "open_fds"): (30, 120),
    ("proc", "threads"): (20, 60),
    ("proc", "memory_maps"): (300, 320),
    ("proc", "rss_bytes"): (1e8, 1.1e8),
}


def samples(**burn: float) -> pd.DataFrame:
    """Two steps of samples; ``burn``: levels (by name) that the second one has instead."""
    rows = []
    for (source, name), (calm, hot) in LEVELS.items():
        for t in range(1, 41):
            value = calm if t <= 22 else burn.get(name, hot)
            rows.append((float(t), source, name, float(value), ""))
    return table(rows)


def error(number: int = 0, message: str = "", **more: Any) -> dict[str, Any]:
    """A row of the errors table."""
    row = {"kind": "k", "count": 20, "error_num": number, "first_s": 26.0, "status": 500}
    return {**row, "first_message": message, "self_inflicted": 0, **more}


def verdict(frame: pd.DataFrame, *errors: dict[str, Any], **server: Any) -> Verdict:
    """The verdict on the two steps."""
    return diagnose(frame, STEPS, errors, {"limits": LIMITS, **server}, scenario="login")


def test_the_sandbox_ramp_is_told_in_one_sentence() -> None:
    """Rate, resource, time and first error stand in it, and that it is no ArangoDB."""
    run = ramp()
    found = run.verdict
    assert found is not None
    assert found["sentence"].startswith(
        "Sandbox (not ArangoDB): sustains 6 login/s; at 8 login/s V8 contexts gave out first "
        "(4 of 4 busy from 1 min "
    )
    assert f'first error "{V8_MESSAGE}"' in found["sentence"]
    assert found["gave_out"] == "v8_contexts"
    assert found["believable"]
    assert json.dumps(found, allow_nan=False)


def test_symptoms_are_said_to_be_symptoms() -> None:
    """Descriptors and threads that rise because clients pile up are no cause."""
    found = ramp().verdict
    assert found is not None
    lines = [line for line in found["evidence"] if "symptom" in line]
    assert any(line.startswith("File descriptors") for line in lines)
    assert any(line.startswith("Threads") for line in lines)


def test_a_real_server_is_not_called_a_sandbox() -> None:
    """The prefix belongs to the sandbox alone."""
    found = ramp(sandbox=False).verdict
    assert found is not None
    assert found["sentence"].startswith("Sustains 6 login/s")


def test_a_limit_that_was_not_reached_is_said_so() -> None:
    """Without a failing step nothing gave out."""
    found = ramp(rates=(1, 2)).verdict
    assert found is not None
    assert found["gave_out"] is None
    assert found["failed_per_s"] is None
    assert "the limit was not reached" in found["sentence"]


@pytest.mark.parametrize(
    ("burn", "name", "words"),
    [
        ({"cpu_user_cores": 1.8}, "cpu", "CPU gave out first (2 of 2 cores used from 23 s on)"),
        ({"open_fds": 1020}, "open_fds", "file descriptors gave out first (1,020 of 1,024 open"),
        ({"memory_maps": 65_000}, "memory_maps", "memory maps gave out first"),
        ({"rss_bytes": 3.9e9}, "memory", "memory gave out first (3.9 GB of 4 GB resident"),
        ({}, "unknown", "none of the known indicators reached its limit"),
    ],
)
def test_the_resource_at_its_limit_is_named(burn: dict[str, float], name: str, words: str) -> None:
    """Each indicator can be the cause, and so can none of them."""
    found = verdict(samples(**burn))
    assert found.gave_out == name
    assert words in found.sentence


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (error(4, V8_MESSAGE), "v8_contexts"),
        (error(0, "Could not acquire V8 context"), "v8_contexts"),
        (error(21003, "queue is full"), "scheduler_queue"),
        (error(1200, "write-write conflict"), "conflicts"),
        (error(1200, "write-write conflict", self_inflicted=1), "test_itself"),
        (error(0, "[Errno 111] Connection refused"), "server_gone"),
        (error(0, "timed out"), "no_reply"),
        (error(0, "Too many open files"), "open_fds"),
        (error(1234, "something else"), "unknown"),
    ],
)
def test_errors_are_evidence(row: dict[str, Any], name: str) -> None:
    """Messages name the cause where no indicator was at its limit."""
    assert verdict(samples(), row).gave_out == name


def test_few_errors_of_another_kind_do_not_decide() -> None:
    """A cause that explains less than a tenth of the errors is not named."""
    rows = (error(4, V8_MESSAGE, count=95), error(0, "timed out", count=3, first_s=21.0))
    assert verdict(samples(), *rows).gave_out == "v8_contexts"


def test_a_full_cpu_goes_before_what_it_delays() -> None:
    """Contexts are held for longer because the CPU is full: the CPU is the cause."""
    frame = samples(cpu_user_cores=1.9)
    more = [(float(t), "arango", "v8_contexts_max", 4.0, "") for t in range(1, 41)]
    more += [(float(t), "arango", "v8_contexts_busy", 4.0 * (t > 22), "") for t in range(1, 41)]
    assert verdict(pd.concat([frame, table(more)])).gave_out == "cpu"


def test_saturation_long_after_the_breach_is_a_consequence() -> None:
    """What reaches its limit when the trouble is old did not cause it."""
    frame = samples()
    late = (frame["name"] == "open_fds") & (frame["time_s"] > 33)
    frame.loc[late, "value"] = 1024
    found = verdict(frame, error(4, V8_MESSAGE, first_s=23.0))
    assert found.gave_out == "v8_contexts"
    assert any("a consequence" in line for line in found.evidence)


def test_a_step_that_is_not_valid_makes_the_verdict_doubtful() -> None:
    """An injector at its limit claims no capacity of the server."""
    steps = [STEPS[0], {**STEPS[1], "judgement": VOID}]
    found = diagnose(samples(), steps, [], {"limits": LIMITS}, scenario="login")
    assert found.failed_per_s is None
    assert not found.believable
    assert "cannot be believed" in found.sentence
    assert any("injector-limited" in line for line in found.warnings)


def test_no_samples_and_no_limits_are_no_error() -> None:
    """A remote server without figures still gets a verdict, and what lacks is said."""
    found = diagnose(table([]), STEPS, [], {}, scenario="login")
    assert found.gave_out == "unknown"
    assert found.indicators == ()
    assert any("not observed" in line for line in found.warnings)
    assert diagnose(table([]), [], [], {}).sentence == "No step was judged."


def test_clues_come_in_the_order_of_time_and_add_up() -> None:
    """Kinds that say the same are one clue, told in the words of the first."""
    found = clues([error(4, "later", first_s=9.0), error(4, "sooner", first_s=3.0), error(9, "?")])
    assert [(c.cause, c.count, c.message) for c in found] == [("v8_contexts", 40, "sooner")]
