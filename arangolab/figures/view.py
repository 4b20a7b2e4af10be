"""What a figure needs to know of a run, whatever kind of object the run is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]


class RunLike(Protocol):
    """What runfile.reader.Run has and figures use."""

    @property
    def title(self) -> str:
        """What stands over the figures."""

    @property
    def server(self) -> Mapping[str, Any]:
        """Facts of the server: sandbox, local, limits."""

    @property
    def verdict(self) -> Mapping[str, Any] | None:
        """diagnosis.Verdict as a dict."""

    def samples(self, from_s: float = ..., to_s: float = ...) -> pd.DataFrame:
        """Columns time_s, source, name, value, unit, of a time span."""

    def steps(self) -> Iterable[Any]:
        """Rows with number, rate_per_s, from_s, to_s, judgement."""

    def events(self) -> Any:
        """Rows (or a table) with time_s (or t_s), kind, text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMark:
    """A rate that was held."""

    rate_per_s: float
    from_s: float
    to_s: float | None
    judgement: Row | None

    @property
    def failed(self) -> bool:
        """Validly judged, and not sustained."""
        return bool(self.judgement and self.judgement["valid"] and not self.judgement["sustained"])

    @property
    def not_valid(self) -> bool:
        """The test itself was not sound."""
        return bool(self.judgement and not self.judgement["valid"])


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMark:
    """Something that happened."""

    time_s: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A run without its samples."""

    title: str
    subtitle: str
    """The verdict's sentence; empty while there is none."""
    server: Row
    steps: tuple[StepMark, ...]
    events: tuple[EventMark, ...]

    @property
    def limits(self) -> Row:
        """The server's limits, as far as known."""
        return self.server.get("limits") or {}


def view_of(run: RunLike) -> View:
    """The run's marks and words; the word sandbox is put into the title where it is missing."""
    server = run.server or {}
    return View(
        title=titled(run.title, bool(server.get("sandbox"))),
        subtitle=str((run.verdict or {}).get("sentence") or ""),
        server=server,
        steps=step_marks(run.steps()),
        events=event_marks(run.events()),
    )


def titled(title: str, sandbox: bool) -> str:
    """The title, with "sandbox" in it when the server is one."""
    text = title or "Run"
    return text if not sandbox or "sandbox" in text.lower() else f"{text} (sandbox)"


def step_marks(steps: Iterable[Any]) -> tuple[StepMark, ...]:
    """Steps out of dataclasses or dicts."""
    rows = (_row(step) for step in steps)
    return tuple(
        StepMark(
            rate_per_s=float(row["rate_per_s"]),
            from_s=float(row["from_s"]),
            to_s=_number(row.get("to_s")),
            judgement=row.get("judgement"),
        )
        for row in rows
    )


def event_marks(events: Any) -> tuple[EventMark, ...]:
    """Events out of a DataFrame, dataclasses or dicts."""
    rows = events.to_dict("records") if hasattr(events, "to_dict") else map(_row, events)
    return tuple(
        EventMark(
            time_s=float(row["time_s"] if "time_s" in row else row["t_s"]),
            kind=str(row["kind"]),
            text=str(row["text"]),
        )
        for row in rows
    )


def _row(item: Any) -> Row:
    if is_dataclass(item) and not isinstance(item, type):
        return asdict(item)
    return dict(item)


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
