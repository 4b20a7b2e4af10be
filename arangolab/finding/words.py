"""What a finding says of its run, as Markdown: pure functions of what was recorded."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from arangolab import units
from arangolab.parameters import told
from arangolab.runfile.reader import Run

_SMALL_PRINT: Final = ("left_out", "warning", "error")


def verdict(run: Run) -> str:
    """The verdict's sentence, its evidence, and what to mind; how the run ended where none is."""
    found = run.verdict
    if not found:
        return f"{run.ending} No verdict was come to."
    lines = [f"**{_text(found['sentence'])}**", ""]
    lines += [f"* {_text(line)}" for line in [*found["evidence"], *found["warnings"]]]
    if not found["believable"]:
        lines += ["", "Not every step that decided was valid: mind the warnings."]
    if run.server.get("sandbox"):
        lines += ["", "This is about the sandbox, whose limits are set by its options; it is not "]
        lines[-1] += "a figure about ArangoDB."
    return "\n".join(lines)


def made_with(run: Run) -> str:
    """A table: server, host, versions, load, and how well the injector did."""
    server, host, plan, figures = run.server, run.host, run.plan, run.summary()
    began = datetime.fromtimestamp(run.started_unix_s, UTC)
    rows = {
        "run": f"{run.title}, {began:%Y-%m-%d %H:%M} UTC, {units.seconds(run.duration_s)}",
        "ending": run.ending,
        "server": ", ".join(_server(server)),
        "host": f"{host.get('system')} on {host.get('machine')}, {host.get('cores')} cores, "
        f"{units.size(host.get('memory_bytes') or 0)} of memory",
        "versions": ", ".join(f"{name} {number}" for name, number in run.versions.items()),
        "load": f"{plan.called}, {plan.arrivals} arrivals, users {plan.first_user} to "
        f"{plan.last_user}, {plan.processes} injector process(es), at most "
        f"{plan.max_in_flight} in flight",
        **({"parameters": told(plan.params)} if plan.params else {}),
        "sustained means": str(plan.objective),
        "injector": _injector(figures),
        "statsd": f"{figures['statsd_sent']:,} lines sent, {figures['statsd_received']:,} received",
    }
    return _table(rows.items())


def small_print(run: Run) -> str:
    """What was left out, warned of or went wrong, each once, when it was said first."""
    seen: dict[str, float] = {}
    for row in run.events().to_dict("records"):
        if row["kind"] in _SMALL_PRINT:
            seen.setdefault(str(row["text"]), float(row["time_s"]))
    if not seen:
        return "Nothing was left out, and nothing warned of."
    return "\n".join(f"* {units.seconds(at_s)}: {_text(text)}" for text, at_s in seen.items())


def again(notebook: str, file: str, sha256: str) -> str:
    """How somebody else runs it again, and which file this was read from."""
    return (
        "With arangolab installed (`pip install arangolab`) and a server to try:\n\n"
        f"```\narangolab rerun {notebook} --url http://127.0.0.1:8529\n```\n\n"
        "That plays the same scenario at the same rates, and makes a finding of it. "
        f"`arangolab compare` puts both side by side. The run file is `{file}` (an SQLite "
        f"database; SHA-256 `{sha256}`)."
    )


def _server(facts: dict[str, Any]) -> list[str]:
    said = [str(facts.get("name", "unknown"))]
    if facts.get("license"):
        said.append(f"{facts['license']} license")
    if facts.get("role"):
        said.append(f"role {facts['role']}")
    return [*said, *map(str, facts.get("urls", []))]


def _injector(figures: dict[str, Any]) -> str:
    used, late_ms = figures["injector_cpu_ratio"], figures["lateness_p99_ms"]
    said = []
    if used is not None:
        said.append(f"{units.percent(used)} of a core at most")
    if late_ms is not None:
        said.append(f"{units.seconds(late_ms / 1e3)} late at most (99th percentile)")
    return ", ".join(said) or "not told"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {name} | {_text(text).replace('|', '&#124;')} |" for name, text in rows]
    return "\n".join(["| made with | |", "|---|---|", *lines])


def _text(text: object) -> str:
    """What a server or a user said is shown, never interpreted."""
    return html.escape(str(text), quote=False).replace("\n", " ")
