"""A finding in figures: what a program reads of it, without its notebook being executed.

It stands in the notebook's metadata under ``arangolab`` (and in the page, as JSON):

    format        1
    arangolab     version of the package that made it
    made          ISO 8601 time
    kind          "run": made of a run; "notebook": a guided notebook that was executed
    title, conclusion
    parameters    of the notebook; {} for a run
    main          file name of the run that it is about (in a notebook: its search, else the
                  run that found a rate and a limit); null for none
    runs          a list of runs, in the order they began, each with
        run_file      {name, sha256, bytes}
        title, status, ending, started (ISO 8601), duration_s
        scenario      {name, sha256 of its source (null: it ships), arrivals, params: of the
                      scenario, all of them (of a mix: "login.count_groups")}
        objective     objective.Objective as a dict
        capacity      {sustained_per_s, failed_per_s, search}; search: search.Result as a dict, or
                      null for a run that was no search
        verdict       diagnosis.Verdict as a dict, or null
        steps         rate_per_s, achieved_per_s, ended_well_per_s, error_ratio,
                      response_p50_ms, response_p95_ms, in_flight, judgement, because
        totals        the run's summary: counts, times in milliseconds
        errors        kind, count, first_message
        environment   {server, host, versions}
        sources       what was measured how (metrics/quality.py)
        plan          plan.Plan as a dict: what it takes to run it again

Neither a password nor a token is ever in a run file, hence none is here.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from arangolab.errors import ArangolabError, FindingError
from arangolab.runfile.reader import Run, open_run

FORMAT: Final = 1
KEY: Final = "arangolab"
"""Its name in the notebook's metadata."""
Json = dict[str, Any]
_BOUNDS: Final = ("sustained_per_s", "failed_per_s")
_TOTALS: Final = (
    "intended", "started", "shed", "finished", "failed", "abandoned", "achieved_per_s",
    "lateness_p99_ms", "service_p50_ms", "service_p95_ms", "response_p50_ms", "response_p95_ms",
    "injector_cpu_ratio", "statsd_sent", "statsd_received",
)  # fmt: skip


def summarize(
    runs: Iterable[Run],
    *,
    kind: Literal["run", "notebook"],
    title: str,
    conclusion: str = "",
    parameters: Mapping[str, Any] | None = None,
) -> Json:
    """The finding's summary, as described above."""
    from arangolab import __version__

    found = sorted((of_run(run) for run in runs), key=lambda run: str(run["started"]))
    return {
        "format": FORMAT,
        "arangolab": __version__,
        "made": _iso(datetime.now(UTC).timestamp()),
        "kind": kind,
        "title": title,
        "conclusion": conclusion,
        "parameters": dict(parameters or {}),
        "main": _main_of(found),
        "runs": found,
    }


def of_run(run: Run) -> Json:
    """One run of a finding."""
    figures, plan, verdict = run.summary(), run.meta("plan", {}), run.verdict
    source = plan.get("scenario_source")
    steps = run.step_table().to_dict("records")
    made: Json = {
        "run_file": {
            "name": run.path.name,
            "sha256": sha256_of(run.path),
            "bytes": run.path.stat().st_size,
        },
        "title": run.title,
        "status": figures["status"],
        "ending": figures["ending"],
        "started": _iso(run.started_unix_s),
        "duration_s": figures["duration_s"],
        "scenario": {
            "name": figures["scenario"],
            "sha256": hashlib.sha256(source.encode()).hexdigest() if source else None,
            "arrivals": plan.get("arrivals"),
            "params": figures["params"],
        },
        "objective": plan.get("objective", {}),
        "capacity": {
            **{name: figures[name] for name in _BOUNDS},
            "search": run.meta("capacity"),
        },
        "verdict": verdict,
        "steps": [{str(name): value for name, value in step.items()} for step in steps],
        "totals": {name: figures[name] for name in _TOTALS},
        "errors": figures["errors"],
        "environment": {"server": run.server, "host": run.host, "versions": run.versions},
        "sources": run.sources().to_dict("records"),
        "plan": plan,
    }
    clean: Json = _finite(made)
    return clean


def read(notebook: Path) -> Json:
    """The summary in a finding's notebook; raises FindingError where there is none."""
    try:
        document = json.loads(notebook.read_text(encoding="utf-8"))
        found = document["metadata"][KEY]
        number = found["format"]
    except (OSError, ValueError) as error:
        raise FindingError(f"{notebook} cannot be read as a notebook ({error}).") from error
    except (KeyError, TypeError) as error:
        raise FindingError(
            f"{notebook} is not a finding: it has no summary in its metadata.",
            hint="a notebook that arangolab demo or arangolab export --format finding made.",
        ) from error
    if number > FORMAT:
        raise FindingError(
            f"{notebook} has the format {number}; this arangolab knows findings up to {FORMAT}.",
            hint="a newer arangolab.",
        )
    return dict(found)


def main_run(summary: Mapping[str, Any]) -> Json:
    """The run that the finding is about; raises FindingError when it is about none."""
    for run in summary["runs"]:
        if run["run_file"]["name"] == summary["main"]:
            return dict(run)
    raise FindingError("The finding is not about a run: none was made in it.")


def runs_since(folder: Path, since_unix_s: float) -> list[Run]:
    """The runs that began in the folder at that time or later."""
    found = []
    for file in sorted(folder.glob("*.sqlite")):
        try:
            run = open_run(file)
            if run.started_unix_s >= since_unix_s:
                found.append(run)
        except ArangolabError:
            continue
    return found


def sha256_of(file: Path) -> str:
    """The file's SHA-256 as 64 hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _main_of(runs: list[Json]) -> str | None:
    """The last search; else the last run that found a rate and a limit; else the last one."""
    searches = [run for run in runs if run["capacity"]["search"]]
    bounded = [run for run in runs if all(run["capacity"][k] for k in _BOUNDS)]
    chosen = searches or bounded or runs
    return chosen[-1]["run_file"]["name"] if chosen else None


def _iso(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds")


def _finite(value: Any) -> Any:
    """JSON has neither NaN nor infinity."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
