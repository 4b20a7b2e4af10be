"""Does the verdict name what was made to give out?  One knob of the sandbox at a time.

    python -m tests.benchmarks.confusion [--quick] [--repeat 5] [--together 3] [--only cpu,memory]

Each run starts a sandbox with one resource made scarce, drives a ramp that begins below what it
sustains and ends well above, and asks the verdict what gave out first.  The peer is the truth:
which knob was turned.  The last rows are runs in which the server must not be blamed: one without
a limit, and three whose injector cannot keep up, of which no capacity may be claimed.  Runs whose
steps were not valid (a neighbour took the CPU, say) are counted as such, and are no hit.
"""

from __future__ import annotations

import collections
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from arangolab import dataset
from arangolab.lab import start_sandbox
from arangolab.plan import Objective, Plan, Step
from arangolab.runfile.reader import Run
from arangolab.runner import handle
from arangolab.scenarios.catalogue import planned
from arangolab.target import Target
from tests.benchmarks.common import options, say

USERS: Final = 500
SCHEDULER: Final = frozenset({"scheduler_threads", "scheduler_queue"})
LIMITED: Final = "injector-limited"
NOT_VALID: Final = "not valid"
NOTHING: Final = "nothing"
BURNER: Final = "while True: pass"
EXPENSIVE: Final = """
from arangolab import scenario
from time import thread_time

@scenario
def expensive(session):
    with session.step("read"):
        session.db.AQLQuery("RETURN 1", rawResults=True)
    until = thread_time() + 0.04
    while thread_time() < until:
        pass
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One knob turned."""

    name: str
    truth: frozenset[str]
    """Names that are right."""
    rates: tuple[float, ...]
    knobs: dict[str, float] = field(default_factory=dict)
    scenario: str = "aql_read"
    source: str | None = None
    variant: str = "spread"
    p95_max_ms: float | None = None
    last_user: int = USERS
    max_in_flight: int = 500
    alone: bool = False
    """It needs the CPU for itself."""
    server_core: bool = False
    """The server is bound to one core, of which others are to leave it as much as it wants."""
    injector_core: bool = False
    """The injector shares one core with a busy neighbour."""


CASES: Final = (
    Case(
        name="V8 contexts", truth=frozenset({"v8_contexts"}), rates=(4, 30), scenario="login",
        knobs={"v8_contexts": 2, "transaction_delay_s": 0.2, "v8_wait_s": 2},
    ),
    Case(
        name="threads", truth=SCHEDULER, rates=(10, 80),
        knobs={"maximal_threads": 4, "query_delay_s": 0.1},
    ),
    Case(
        name="queue", truth=SCHEDULER, rates=(6, 60),
        knobs={"maximal_threads": 3, "maximal_queue_size": 10, "query_delay_s": 0.1},
    ),
    Case(
        name="CPU", truth=frozenset({"cpu"}), rates=(4, 60), knobs={"query_cpu_s": 0.05},
        alone=True, server_core=True,
    ),
    Case(
        name="descriptors", truth=frozenset({"open_fds"}), rates=(6, 80),
        knobs={"file_descriptors": 48, "query_delay_s": 0.6},
    ),
    Case(
        name="memory", truth=frozenset({"memory"}), rates=(4, 60),
        knobs={"query_memory_bytes": 6_000_000, "query_delay_s": 0.6,
               "memory_limit_bytes": 220_000_000},
    ),
    Case(
        name="hot documents", truth=frozenset({"conflicts"}), rates=(1, 40), scenario="login",
        knobs={"v8_contexts": 64, "commit_delay_s": 0.05}, variant="hot",
    ),
    Case(
        name="query delay", truth=frozenset({"step:read_user"}), rates=(2, 4, 8),
        knobs={"query_delay_s": 0.4}, p95_max_ms=300,
    ),
    Case(name="no limit", truth=frozenset({NOTHING}), rates=(3, 6)),
    Case(
        name="injector: dear scenario", truth=frozenset({LIMITED}), rates=(40,), source=EXPENSIVE,
        scenario="expensive", alone=True,
    ),
    Case(
        name="injector: share of a core", truth=frozenset({LIMITED}), rates=(1500,), alone=True,
        injector_core=True,
    ),
    Case(
        name="injector: small bound", truth=frozenset({LIMITED}), rates=(3, 30),
        knobs={"query_delay_s": 0.5}, max_in_flight=5,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What one run said."""

    case: Case
    named: str
    claimed_per_s: float | None
    sentence: str

    @property
    def hit(self) -> bool:
        """It named what is true, and claimed no capacity where none can be."""
        limited = self.case.truth == {LIMITED}
        top = max(self.case.rates)
        return self.named in self.case.truth and not (limited and self.claimed_per_s == top)


def play(case: Case, hold_s: float) -> Outcome:
    """One run of the case, on a sandbox of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start_sandbox(**{"v8_contexts": 16, **case.knobs}) as sandbox,  # type: ignore[arg-type]
    ):
        if case.server_core:
            _bind(sandbox.pid, {0}, priority=-15)
        target = Target(urls=(sandbox.url,), user=sandbox.user, password=sandbox.password)
        dataset.load(target, users=USERS, variant=case.variant)
        live = handle.start(_plan(case, hold_s), target, Path(folder) / "run.sqlite")
        with _crowded(live.pid) if case.injector_core else contextlib.nullcontext():
            return _outcome(case, live.wait())


def _plan(case: Case, hold_s: float) -> Plan:
    named: dict[str, Any] = planned(case.scenario) if case.source is None else {
        "scenario": case.scenario, "scenario_source": case.source,
    }  # fmt: skip
    return Plan(
        **named,
        steps=tuple(Step(rate_per_s=rate, hold_s=hold_s) for rate in case.rates),
        stop_when_maxed_out=True,
        objective=Objective(response_p95_ms_max=case.p95_max_ms),
        last_user=case.last_user,
        max_in_flight=case.max_in_flight,
        drain_s=3.0,
        interval_s=0.5,
        read_timeout_s=10.0,
    )


def _outcome(case: Case, run: Run) -> Outcome:
    verdict = run.verdict or {}
    reasons = [r for s in run.steps() for r in (s.judgement or {}).get("reasons", ())]
    named = verdict.get("gave_out") or NOTHING
    if verdict.get("gave_out") is None:
        for kind in (LIMITED, NOT_VALID):
            named = kind if any(reason.startswith(kind) for reason in reasons) else named
            if named == kind:
                break
    words = str(verdict.get("sentence"))
    if named in (LIMITED, NOT_VALID):
        words = "; ".join(reasons)
    return Outcome(case, str(named), verdict.get("sustained_per_s"), words)


def _bind(pid: int, cores: set[int], priority: int = 0) -> None:
    """Bind all threads of a process; those it starts later inherit it.

    A priority above others' (negative) is given where that is allowed.
    """
    for thread in psutil.Process(pid).threads():
        os.sched_setaffinity(thread.id, cores)
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, thread.id, priority)
    with contextlib.suppress(OSError):  # where Linux shares the CPU out by sessions (autogroup)
        Path(f"/proc/{pid}/autogroup").write_text(str(priority))


@contextlib.contextmanager
def _crowded(runner_pid: int) -> Iterator[None]:
    """The injectors of the run share one core with two neighbours that never rest."""
    for child in psutil.Process(runner_pid).children(recursive=True):
        _bind(child.pid, {1})
    neighbours = [subprocess.Popen([sys.executable, "-c", BURNER]) for _ in range(2)]
    try:
        for neighbour in neighbours:
            _bind(neighbour.pid, {1})
        yield
    finally:
        for neighbour in neighbours:
            neighbour.kill()
            neighbour.wait()


def main() -> int:
    """All cases, and the table."""
    chosen = options(__doc__ or "", repeat=5, together=3, hold=9.0, only="")
    repeat, hold_s = (1, 6.0) if chosen.quick else (chosen.repeat, chosen.hold)
    wanted = [c for c in CASES if not chosen.only or c.name in chosen.only.split(",")]
    runs = [case for _ in range(repeat) for case in wanted]
    outcomes: list[Outcome] = []
    lock = threading.Lock()

    def one(case: Case) -> None:
        outcome = play(case, hold_s)
        with lock:
            outcomes.append(outcome)
            say(f"{'hit ' if outcome.hit else 'MISS'} {case.name}: {outcome.named} | "
                f"{outcome.sentence}")  # fmt: skip

    with ThreadPoolExecutor(1 if chosen.quick else int(chosen.together)) as pool:
        list(pool.map(one, [case for case in runs if not case.alone]))
    for case in (case for case in runs if case.alone):
        one(case)
    table(wanted, outcomes)
    return 0 if all(outcome.hit for outcome in outcomes) else 1


def table(cases: list[Case], outcomes: list[Outcome]) -> None:
    """What was named, by what was true."""
    say(f"\nSandbox (not ArangoDB).\n{'what was scarce':28}{'hits':8}named")
    for case in cases:
        mine = [outcome for outcome in outcomes if outcome.case is case]
        named = collections.Counter(outcome.named for outcome in mine)
        hits = sum(outcome.hit for outcome in mine)
        words = ", ".join(f"{name} {count}" for name, count in named.most_common())
        say(f"{case.name:28}{f'{hits}/{len(mine)}':8}{words}")


if __name__ == "__main__":
    sys.exit(main())
