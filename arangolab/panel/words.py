"""What the panel says, as HTML out of values."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from arangolab import units

IDLE: Final = "Nothing runs. Choose a rate and press Start."
NO_GRAPHS: Final = "The graphs appear here once a run has started."
_NO_DATA: Final = "404/1203"
"""HTTP status and errorNum of a collection that is not there."""
LOG_LINES: Final = 10
STEP_LINES: Final = 20
_COLOUR: Final = "color: var(--jp-ui-font-color1, inherit)"
_TABLE: Final = f"line-height: 1.4; margin: 0; {_COLOUR}"
_LEFT: Final = "text-align:left; padding-right:12px"
_FAINT: Final = "color: var(--jp-ui-font-color2, inherit)"


def header(server_name: str, url: str, sandbox: bool, notes: Iterable[str]) -> str:
    """Which server, and what is left out of it."""
    what = html.escape(f"{server_name} at {url}")
    said = "".join(f"<br><span style='{_FAINT}'>{html.escape(note)}</span>" for note in notes)
    warn = " Its figures say nothing about ArangoDB." if sandbox else ""
    text = f"<b>Server under test:</b> {what}.{warn}{said}"
    return f"<div style='line-height: 1.5; {_COLOUR}'>{text}</div>"


def not_met(url: str) -> str:
    """Which server cannot be used; why is told elsewhere."""
    text = f"<b>Server under test:</b> {html.escape(url)}, not usable so far. Start tries again."
    return f"<div style='line-height: 1.5; {_COLOUR}'>{text}</div>"


def stopped_earlier(file: str) -> str:
    """What became of the run of a panel whose place was taken."""
    return f"The run of the panel that was here before was stopped; it is recorded in {file}."


def finding(page: Path, notebook: Path, run_file: Path) -> str:
    """Where a finding is, and what each of its files is for."""
    return (
        f"A finding is in {page.parent.name}: {page.name} opens anywhere, without a network; "
        f"{notebook.name} is the same as a notebook; {run_file.name} is what was recorded."
    )


def taken_up(file: str) -> str:
    """That a run was found that goes on."""
    return f"A run goes on in {file}; it is shown from its beginning."


def lost(file: str = "", *, widgets: str = "sliders", detached: bool = False) -> str:
    """What to read where widgets should be; ``file``: of the run that was going on."""
    if not file:
        return state(f"No {widgets} here? Their kernel has ended. Run this cell again.")
    if detached:
        return state(
            f"No {widgets} here? Their kernel has ended, and the run goes on without it, into "
            f"{file}. Run this cell again to take it up."
        )
    return state(
        f"No {widgets} here? Their kernel has ended, and a run that was going on ended with it. "
        f"What it recorded is in {file}: "
        f'arangolab.five_graphs(arangolab.open_run("{file}")) draws it.'
    )


def no_picture(error: Exception) -> dict[str, str]:
    """In place of the graphs, when they could not be made, as a mime bundle."""
    text = (
        f"The graphs could not be drawn ({type(error).__name__}: {error}). The run file is whole."
    )
    return {"text/html": trouble(text), "text/plain": text}


def trouble(text: str) -> str:
    """A sentence about something that went wrong."""
    return (
        "<div role='alert' style='border-left: 4px solid var(--jp-error-color1, #d32f2f); "
        f"padding-left: 8px; {_COLOUR}'>{html.escape(text)}</div>"
    )


def state(text: str) -> str:
    """How things stand, in a sentence or two."""
    return f"<div role='status' style='line-height: 1.5; {_COLOUR}'>{html.escape(text)}</div>"


def running(
    now: Mapping[str, float], *, scenario: str, since_s: float, left: str, errors: int
) -> str:
    """What is running, since when, how long left, and how it goes.

    ``now``: the latest samples of the source injector, by name.
    """
    asked, started = now.get("rate_per_s", 0.0), now.get("started_per_s", 0.0)
    text = (
        f"{scenario} has been running for {units.seconds(since_s)}, {left}. "
        f"{units.number(asked)} per second asked for, {units.number(started)} started; "
        f"{now.get('in_flight', 0):.0f} in flight"
    )
    if "response_p95_ms" in now:
        text += f", response p95 {units.seconds(now['response_p95_ms'] / 1e3)}"
    text += f"; {_counted(errors)} so far.{_injectors(now)}"
    if now.get("shed_per_s"):
        text += " Arrivals are being shed: the bound on what is in flight is reached."
    return text


def _injectors(now: Mapping[str, float]) -> str:
    """What the injector itself takes."""
    used, processes = now.get("cpu_ratio"), now.get("processes", 1.0)
    if used is None:
        return ""
    who = "The injector" if processes <= 1 else f"The busiest of {processes:.0f} injectors"
    return f" {who} uses {units.percent(used)} of a core."


def draining(now: Mapping[str, float], *, scenario: str, errors: int) -> str:
    """That nothing new starts, and what is waited for."""
    return (
        f"{scenario} is stopping: nothing new starts, {now.get('in_flight', 0):.0f} in flight may "
        f"end (Stop: at once). {_counted(errors)} so far."
    )


def _counted(errors: int) -> str:
    return f"{errors:,} {'error' if errors == 1 else 'errors'}"


def steps(rows: Sequence[Any]) -> str:
    """The steps that were held, one row each, once there is more than one; else nothing."""
    judged = [step for step in rows if step.judgement]
    if len(rows) < 2 or not judged:
        return ""
    head = "".join(
        f"<th style='{_LEFT}'>{name}</th>"
        for name in ("rate", "ended well", "errors", "response p95", "in flight", "judgement")
    )
    cells = "".join(f"<tr>{_step_cells(step)}</tr>" for step in judged[-STEP_LINES:])
    return f"<b style='{_COLOUR}'>Steps</b><table style='{_TABLE}'><tr>{head}</tr>{cells}</table>"


def _step_cells(step: Any) -> str:
    judgement = step.judgement
    seen = judgement["observation"]
    span_s = seen["duration_s"] or float("nan")
    p95_ms = seen["response_p95_ms"]
    sign = "&#10003; sustained" if judgement["sustained"] else "&#10007; not sustained"
    if not judgement["valid"]:
        sign = "not valid"
    why = html.escape("; ".join(judgement["reasons"]))
    cells = (
        f"{units.number(step.rate_per_s)}/s",
        f"{units.number((seen['finished'] - seen['failed']) / span_s)}/s",
        units.percent(seen["error_ratio"]),
        "" if p95_ms is None else units.seconds(p95_ms / 1e3),
        "" if seen["in_flight_end"] is None else units.number(seen["in_flight_end"]),
        f"{sign}{': ' if why else ''}{why}",
    )
    return "".join(f"<td style='{_LEFT}'>{cell}</td>" for cell in cells)


def errors(rows: Sequence[tuple[int, str, str]], in_all: int | None = None) -> str:
    """Errors by kind: (count, kind, first message); nothing when there are none.

    ``in_all``: how many there are, where these are but the most frequent kinds.
    """
    if not rows:
        return ""
    cells = "".join(
        f"<tr><td style='text-align:right; padding-right:12px'>{count:,}</td>"
        f"<td style='{_LEFT}'>{html.escape(kind)}</td>"
        f"<td style='{_LEFT}'>{html.escape(message)}</td></tr>"
        for count, kind, message in rows
    )
    head = "<tr><th style='padding-right:12px'>count</th><th style='text-align:left'>kind</th>"
    head += "<th style='text-align:left'>first message</th></tr>"
    more = (in_all or 0) - sum(count for count, _, _ in rows)
    if more > 0:
        cells += f"<tr><td style='{_LEFT}'>{more:,}</td><td colspan='2'>of other kinds</td></tr>"
    table = f"<b style='{_COLOUR}'>Errors</b><table style='{_TABLE}'>{head}{cells}</table>"
    if any(kind.startswith(_NO_DATA) for _, kind, _ in rows):
        table += state("Try: load the data set first, arangolab.load(target) or arangolab load.")
    return table


def warnings(steps: Iterable[Any]) -> list[str]:
    """What the checks say of the last judged step."""
    judged = [step for step in steps if step.judgement]
    if not judged:
        return []
    return [
        f"{units.rate(judged[-1].rate_per_s)}: {w['text']}. Try: {w['hint']}"
        for w in judged[-1].judgement["warnings"]
    ]


def log(events: Sequence[tuple[float, str, str]], warned: Sequence[str]) -> str:
    """The last events, the newest first, and the warnings over them."""
    in_time = sorted(events, key=lambda event: event[0])
    said = "".join(
        f"<div style='line-height: 1.5'>&#9888; {html.escape(text)}</div>" for text in warned
    )
    lines = "".join(
        f"<tr><td style='text-align:right; padding-right:12px; white-space:nowrap'>"
        f"{max(0.0, t_s):.1f} s</td><td style='{_LEFT}'>{html.escape(text)}</td></tr>"
        for t_s, _, text in reversed(in_time[-LOG_LINES:])
    )
    table = f"<b>Events</b><table style='{_TABLE}'>{lines}</table>" if lines else ""
    return f"<div style='{_COLOUR}'>{said}{table}</div>"
