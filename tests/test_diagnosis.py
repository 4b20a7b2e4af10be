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
from arangolab.timespent import Times
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


def told(*names: tuple[str, str, float, float]) -> pd.DataFrame:
    """The usual samples and more: (source, name, level when calm, level in the failing step)."""
    rows = [
        (float(t), source, name, calm if t <= 22 else hot, "")
        for source, name, calm, hot in names
        for t in range(1, 41)
    ]
    return pd.concat([samples(), table(rows)])


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
    ("more", "name", "words"),
    [
        ([("v8_enter_failures_per_s", 0, 3)], "v8_contexts", "given up a second from 23 s"),
        (
            [("scheduler_threads_busy", 2, 4), ("scheduler_threads", 4, 4),
             ("scheduler_queue_length", 0, 30)],
            "scheduler_threads", "4 of 4 busy, and requests queue from 23 s on",
        ),
        ([("queue_full_per_s", 0, 5)], "scheduler_queue", "refused: queue full"),
        ([("queue_time_violations_per_s", 0, 5)], "scheduler_queue", "queued too long"),
        ([("scheduler_dequeue_ms", 3, 2500)], "scheduler_threads", "2,500 of 1,000 ms until"),
        ([("rocksdb_stalls_per_s", 0, 0.5)], "rocksdb", "RocksDB: it slowed writes down"),
        ([("rocksdb_stops_per_s", 0, 0.5)], "rocksdb", "RocksDB: it stopped writes"),
        ([("host_iowait_percent", 2, 60)], "disk", "60 of 100 % of the host's CPU"),
        (
            [("exclusive_lock_timeouts_per_s", 0, 1), ("write_lock_timeouts_per_s", 0, 1)],
            "locks", "collection locks gave out first (2 not had in time, a second",
        ),
    ],
)  # fmt: skip
def test_what_the_server_tells_of_itself_can_be_the_cause(
    more: list[tuple[str, float, float]], name: str, words: str
) -> None:
    """Contexts, scheduler, RocksDB, locks and waits for the disk, each at its limit."""
    found = verdict(told(*(("arango", *one) for one in more)))
    assert found.gave_out == name
    assert words in found.sentence


def test_busy_threads_without_a_queue_are_no_limit() -> None:
    """A pool that grows with its work is always busy."""
    more = [("arango", n, 4.0, 4.0) for n in ("scheduler_threads_busy", "scheduler_threads")]
    assert verdict(told(*more, ("arango", "scheduler_queue_length", 0, 0))).gave_out == "unknown"


def test_the_time_in_the_queue_that_replies_tell_counts_too() -> None:
    """A server whose metrics may not be read still says it with each reply."""
    found = verdict(told(("injector", "server_queue_p95_ms", 1, 4000)))
    assert found.gave_out == "scheduler_threads"


HOST_FULL = [
    ("host", "cores", 2.0, 2.0), ("host", "cpu_busy_cores", 0.8, 1.97),
    ("host", "cpu_steal_cores", 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("own", "name"), [(1.0, "cpu"), (0.2, "unknown")])
def test_a_full_host_is_the_servers_limit_only_if_the_server_fills_it(
    own: float, name: str
) -> None:
    """It shares its cores with the injectors; what others take is not its doing."""
    frame = told(*HOST_FULL)
    frame.loc[(frame["name"] == "cpu_user_cores") & (frame["time_s"] > 22), "value"] = own
    assert verdict(frame).gave_out == name
    assert verdict(frame, local=False).gave_out == "unknown"


def test_a_busy_disk_is_named() -> None:
    """I/O under way all the time."""
    assert verdict(told(("host", "disk_busy_ratio", 0.1, 0.99))).gave_out == "disk"


def test_evidence_tells_how_far_ahead_of_the_trouble_a_resource_was() -> None:
    """Cause and consequence are a matter of order."""
    frame = told(("arango", "v8_contexts_max", 4, 4), ("arango", "v8_contexts_busy", 1, 4))
    found = verdict(frame, error(4, V8_MESSAGE, first_s=26.0))
    assert found.breach_s == 23.0  # clients in flight
    assert "V8 contexts: 4 of 4 busy from 23 s on, as the trouble began." in found.evidence
    assert any("the first at 26 s, 3 s after the trouble began" in line for line in found.evidence)
    assert any("% of all scenarios) say" in line for line in found.evidence)


SLOW = asdict(
    judge(replace(SEEN, worst_response_p95_ms=1040.0), Objective(response_p95_ms_max=500))
)
TIMES = Times(lateness_ms=1.0, service_ms=1030.0, steps_ms={"read_user": 1010.0})


@pytest.mark.parametrize(
    ("judgement", "name", "words"),
    [
        (SLOW, "step:read_user", "reached its limit: the step read_user takes 1 s at any load"),
        (BAD, "unknown", "none of the known indicators reached its limit"),
    ],
)
def test_a_step_that_is_slow_at_any_load_is_named_where_nothing_else_is(
    judgement: dict[str, Any], name: str, words: str
) -> None:
    """Times were missed, nothing piled up; and where the time went is told in any case."""
    steps = [{**STEPS[1], "judgement": judgement}]
    found = diagnose(samples(), steps, [], {"limits": LIMITS}, times=lambda _: TIMES)
    assert found.gave_out == name
    assert words in found.sentence
    assert found.evidence[-1].startswith("A scenario took 1 s in the mean: step read_user 1 s")
    assert found.time_spent[0].name == "step:read_user"
    assert json.dumps(asdict(found), allow_nan=False)


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
    assert "(injector-limited: an injector process used 97 % of a core" in found.sentence
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
