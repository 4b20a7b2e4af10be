"""What is compared: one run, out of its file or of a finding."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from arangolab import units
from arangolab.finding import summary
from arangolab.parameters import shown
from arangolab.runfile.reader import Run, open_run

Json = Mapping[str, Any]
LIMITED: Final = "injector-limited"
_PLAN: Final = {
    "user_order": "order of users",
    "first_user": "first user",
    "last_user": "last user",
    "processes": "injector processes",
    "max_in_flight": "scenarios in flight, at most",
    "transport": "transport",
    "warm_up_s": "warm-up (s)",
    "read_timeout_s": "time for a reply (s)",
    "seed": "seed",
}
_SERVER: Final = {
    "name": "server",
    "license": "licence",
    "role": "role",
    "local": "on the injector's host",
    "database": "database",
}
_HOST: Final = {"name": "host", "system": "system", "cores": "cores", "memory_bytes": "memory"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rate that was held."""

    rate_per_s: float
    judgement: str
    """sustained, not sustained, not valid."""
    response_p50_ms: float | None
    response_p95_ms: float | None
    error_ratio: float
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One run."""

    name: str
    title: str
    scenario: str
    """Name; a scenario of one's own with the begin of its source's hash."""
    params: Mapping[str, Any]
    """The scenario's parameters, all that are told of."""
    changed: tuple[str, ...]
    """Those of them that are not as they usually are."""
    objective: tuple[tuple[str, Any], ...]
    sandbox: bool
    searched: bool
    """Its capacity was searched for, and is an interval of confidence; False: a ramp's."""
    capacity_per_s: float | None
    low_per_s: float
    """Lower end of the capacity's interval: of a ramp the highest rate sustained; 0: none."""
    high_per_s: float
    """Upper end: of a ramp the first rate that was not sustained; inf: not reached."""
    trouble: str
    """Why nothing can be concluded from it; "" when something can."""
    verdict: str
    gave_out: str | None
    steps: tuple[Step, ...]
    facts: tuple[tuple[str, str], ...]
    """Environment and plan, in words, by name."""

    @property
    def interval(self) -> str:
        """``8 to 9/s``, ``8.2/s [7.9, 8.6]``, ``at least 8/s``, ``below 2/s``, ``not known``."""
        low, high = units.number(round(self.low_per_s, 2)), units.number(round(self.high_per_s, 2))
        if self.capacity_per_s is not None:
            return f"{units.number(round(self.capacity_per_s, 2))}/s [{low}, {high}]"
        if math.isinf(self.high_per_s):
            return f"at least {low}/s" if self.low_per_s else "not known"
        return f"{low} to {high}/s" if self.low_per_s else f"below {high}/s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A fact that is not the same in all of them."""

    name: str
    values: tuple[str, ...]
    """In the order of the subjects; "-" where it is not told."""


def subject(given: str | os.PathLike[str] | Run | Json) -> Subject:
    """What is to be compared, read; raises RunFileError, FindingError."""
    if isinstance(given, Mapping):
        return _of_summary(given, str(given["run_file"]["name"]))
    if isinstance(given, Run):
        return _of_summary(summary.of_run(given), given.path.name)
    path = Path(given)
    if path.suffix == ".ipynb":
        return _of_summary(summary.main_run(summary.read(path)), str(path))
    return _of_summary(summary.of_run(open_run(path)), str(path))


def differences(subjects: Sequence[Subject]) -> tuple[Difference, ...]:
    """Every fact that differs between any two of them."""
    told = [dict(one.facts) for one in subjects]
    names = dict.fromkeys(name for facts in told for name in facts)
    rows = [(name, tuple(facts.get(name, "-") for facts in told)) for name in names]
    return tuple(Difference(name=name, values=v) for name, v in rows if len(set(v)) > 1)


def _of_summary(told: Json, name: str) -> Subject:
    verdict, capacity = told.get("verdict") or {}, told["capacity"]
    found = capacity.get("search") or {}
    scenario, digest = told["scenario"]["name"], told["scenario"]["sha256"]
    low, high = found.get("low_per_s"), found.get("high_per_s")
    if not found:
        low, high = capacity.get("sustained_per_s"), capacity.get("failed_per_s")
    return Subject(
        name=name,
        title=told["title"],
        scenario=f"{scenario} ({digest[:8]})" if digest else scenario,
        params=told["scenario"].get("params") or {},
        changed=tuple(_changed(told["plan"])),
        objective=tuple(sorted(told["objective"].items())),
        sandbox=bool(told["environment"]["server"].get("sandbox")),
        searched=bool(found),
        capacity_per_s=found.get("capacity_per_s"),
        low_per_s=low or 0.0,
        high_per_s=math.inf if high is None else high,
        trouble=_trouble(told, verdict, found),
        verdict=found.get("sentence") or verdict.get("sentence") or told["ending"],
        gave_out=verdict.get("gave_out"),
        steps=tuple(_step(row) for row in told["steps"]),
        facts=tuple(_facts(told)),
    )


def _changed(plan: Json) -> Iterator[str]:
    """The parameters that are not as they usually are, by the names that a run is told them by."""
    yield from plan.get("scenario_changed", ())
    for part in plan.get("mix", ()):
        yield from (f"{part['name']}.{name}" for name in part.get("changed", ()))


def _trouble(told: Json, verdict: Json, found: Json) -> str:
    """Why the run must not be judged by."""
    if told["status"] in ("failed", "died", "running"):
        return str(told["ending"])
    if found.get("status") == "injector_limited":
        return f"{LIMITED}: {found.get('reason') or 'see its steps'}"
    if found.get("status") == "invalid":
        return str(found.get("reason") or "no step is valid")
    if found.get("status") == "stopped":
        return "the search was ended before its time"
    if found or verdict.get("believable"):
        return ""
    wrong = [row["because"] for row in told["steps"] if row["judgement"] == "not valid"]
    limited = [because for because in wrong if because.startswith(LIMITED)]
    return str((limited or wrong or ["no step was judged"])[0])


def _step(row: Json) -> Step:
    return Step(
        rate_per_s=row["rate_per_s"],
        judgement=row["judgement"],
        response_p50_ms=row["response_p50_ms"],
        response_p95_ms=row["response_p95_ms"],
        error_ratio=row["error_ratio"] or 0.0,
        because=row["because"],
    )


def _facts(told: Json) -> Iterator[tuple[str, str]]:
    environment, plan = told["environment"], told["plan"]
    server, host = environment["server"], environment["host"]
    yield from _named(_SERVER, server)
    for name, value in sorted((server.get("limits") or {}).items()):
        yield f"limit of {name}", _words(name, value)
    yield from _named(_HOST, host)
    for package, version in environment["versions"].items():
        yield package, str(version)
    yield "scenario", told["scenario"]["name"]
    if told["scenario"]["sha256"]:
        yield "scenario's source (SHA-256)", told["scenario"]["sha256"][:16]
    for name, value in (told["scenario"].get("params") or {}).items():
        yield f"parameter {name}", shown(value)
    yield "arrivals", str(told["scenario"].get("arrivals"))
    for name, value in told["objective"].items():
        yield f"objective: {name}", str(value)
    yield from _named(_PLAN, plan)


def _named(names: Mapping[str, str], facts: Json) -> Iterator[tuple[str, str]]:
    for key, name in names.items():
        if key in facts:
            yield name, _words(key, facts[key])


def _words(key: str, value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and key.endswith("_bytes"):
        return units.size(value)
    return units.number(value) if number else str(value)
