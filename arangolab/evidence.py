"""What error messages say about the cause of failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """Errors that point to one cause."""

    cause: str
    """An indicator's name, or conflicts | server_gone | no_reply | test_itself."""
    label: str
    """As the subject of a sentence."""
    count: int
    first_s: float
    """When the first came."""
    message: str
    """What the first one said."""


@dataclass(frozen=True, slots=True)
class _Rule:
    cause: str
    label: str
    numbers: frozenset[int]
    """ArangoDB's errorNum values."""
    words: tuple[str, ...]
    """Parts of a message, in lower case."""


RULES: Final = (
    _Rule("v8_contexts", "V8 contexts", frozenset({4}), ("acquire v8 context",)),
    _Rule(
        "scheduler_queue",
        "the scheduler's queue",
        frozenset({21003, 21004}),
        ("queue is full", "queue time violated"),
    ),
    _Rule("open_fds", "file descriptors", frozenset(), ("too many open files",)),
    _Rule("memory", "memory", frozenset({3, 32}), ("out of memory", "more memory than allowed")),
    _Rule(
        "conflicts",
        "the test itself (hot documents: write-write conflicts)",
        frozenset({1200}),
        ("write-write conflict",),
    ),
    _Rule(
        "server_gone",
        "the server itself: it stopped answering, and",
        frozenset(),
        ("refused", "reset by peer", "closed connection", "connection aborted", "broken pipe"),
    ),
    _Rule("no_reply", "replies in time", frozenset({18, 28}), ("timed out", "timeout")),
)
TEST_ITSELF: Final = "test_itself"


def clues(errors: Iterable[Row]) -> tuple[Clue, ...]:
    """What the errors point to, the earliest first.

    ``errors``: rows as in the run file's table of that name.  Errors that point to nothing known
    are left out.
    """
    grouped: dict[str, list[tuple[Row, str]]] = {}
    for row in errors:
        cause, label = _cause(row)
        if cause:
            grouped.setdefault(cause, []).append((row, label))
    made = [_clue(cause, rows) for cause, rows in grouped.items()]
    return tuple(sorted(made, key=lambda clue: clue.first_s))


def _cause(row: Row) -> tuple[str, str]:
    if row.get("self_inflicted"):
        return TEST_ITSELF, "the test itself (a user driven twice at once)"
    number = int(row.get("error_num") or 0)
    message = str(row.get("first_message") or "").lower()
    by_number: Callable[[_Rule], bool] = lambda rule: number in rule.numbers  # noqa: E731
    by_words: Callable[[_Rule], bool] = lambda rule: any(w in message for w in rule.words)  # noqa: E731
    for matches in (by_number, by_words):
        for rule in RULES:
            if matches(rule):
                return rule.cause, rule.label
    return "", ""


def _clue(cause: str, rows: list[tuple[Row, str]]) -> Clue:
    first, label = min(rows, key=lambda pair: _first_s(pair[0]))
    return Clue(
        cause=cause,
        label=label,
        count=sum(int(row.get("count") or 0) for row, _ in rows),
        first_s=_first_s(first),
        message=str(first.get("first_message") or ""),
    )


def _first_s(row: Row) -> float:
    value = row.get("first_s")
    known = value is not None and value == value  # a table's NULL comes as nan
    return float(value) if known else 0.0  # type: ignore[arg-type]
