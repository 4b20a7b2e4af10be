"""A comparison, as text, as a page's table and as JSON."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from arangolab import units
from arangolab.comparison.outcome import Outcome, Word
from arangolab.comparison.subject import Difference, Subject

_LEFT: Final = " style='text-align:left;vertical-align:top;padding:2px 12px 2px 0'"
SANDBOX: Final = "Sandbox (not ArangoDB)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs side by side; the first is what the others are held against."""

    subjects: tuple[Subject, ...]
    differences: tuple[Difference, ...]
    """What differs around them."""
    outcomes: tuple[Outcome, ...]
    """Of each but the first."""

    @property
    def word(self) -> Word:
        """Of all: worse if one is worse, better if all are better, else it cannot be told."""
        words = [one.word for one in self.outcomes]
        if "worse" in words:
            return "worse"
        return "better" if set(words) == {"better"} else "cannot tell"

    @property
    def comparable(self) -> bool:
        """All of them could be compared."""
        return all(one.comparable for one in self.outcomes)

    @property
    def sentence(self) -> str:
        """The outcomes in words."""
        said = [
            f"{other.name} against {self.subjects[0].name}: {one.word}; {one.reason}."
            for other, one in zip(self.subjects[1:], self.outcomes, strict=True)
        ]
        return " ".join(([f"{SANDBOX}."] if self.subjects[0].sandbox else []) + said)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: word, comparable, sentence, differences, outcomes, runs."""
        return {
            "word": self.word,
            "comparable": self.comparable,
            "sentence": self.sentence,
            "differences": [asdict(one) for one in self.differences],
            "outcomes": [
                {"name": subject.name, **asdict(one)}
                for subject, one in zip(self.subjects[1:], self.outcomes, strict=True)
            ],
            "runs": [_run_dict(one) for one in self.subjects],
        }

    def tables(self) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
        """(heading, rows of cells) of each part; the first cell of a row says what it is."""
        names = ("", *(one.name for one in self.subjects))
        parts = (
            ("What differs around them", self._difference_rows()),
            ("Capacity", self._capacity_rows()),
            ("Response time at each rate: median, 95th percentile", self._step_rows()),
        )
        return tuple((heading, (names, *rows)) for heading, rows in parts if rows)

    def _difference_rows(self) -> list[tuple[str, ...]]:
        nothing = [("nothing", *("" for _ in self.subjects))]
        return [(one.name, *one.values) for one in self.differences] or nothing

    def _capacity_rows(self) -> list[tuple[str, ...]]:
        return [
            ("sustained", *(one.interval for one in self.subjects)),
            ("gave out first", *(one.gave_out or "nothing" for one in self.subjects)),
            ("verdict", *(one.verdict for one in self.subjects)),
            ("against the first", "", *(f"{o.word}: {o.reason}" for o in self.outcomes)),
        ]

    def _step_rows(self) -> list[tuple[str, ...]]:
        rates = sorted({step.rate_per_s for one in self.subjects for step in one.steps})
        return [
            (f"{units.number(round(rate, 2))}/s", *(_times(one, rate) for one in self.subjects))
            for rate in rates
        ]

    def __str__(self) -> str:
        lines = []
        for heading, rows in self.tables():
            lines += [heading, *_aligned(rows), ""]
        return "\n".join([*lines, self.sentence])

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.subjects)} runs: {self.word}>"

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{html.escape(self.sentence)}</b></p>"]
        for heading, rows in self.tables():
            head, *body = rows
            parts.append(
                f"<h4>{html.escape(heading)}</h4><table><tr>{_cells(head, 'th')}</tr>"
                + "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in body)
                + "</table>"
            )
        return "".join(parts)


def _run_dict(one: Subject) -> dict[str, Any]:
    told = asdict(one)
    del told["facts"]
    high = one.high_per_s
    return {
        **told,
        "objective": dict(one.objective),
        "high_per_s": None if math.isinf(high) else high,
        "facts": dict(one.facts),
    }


def _times(one: Subject, rate_per_s: float) -> str:
    found = [step for step in one.steps if step.rate_per_s == rate_per_s]
    if not found:
        return "-"
    step = found[-1]
    if step.response_p50_ms is None or step.response_p95_ms is None:
        return step.judgement
    p50, p95 = units.seconds(step.response_p50_ms / 1e3), units.seconds(step.response_p95_ms / 1e3)
    failed = f", {units.percent(step.error_ratio)} failed" if step.error_ratio else ""
    return f"{p50}, {p95}; {step.judgement}{failed}"


def _aligned(rows: Sequence[tuple[str, ...]], most: int = 60) -> list[str]:
    """The rows as columns; what is longer than ``most`` characters goes on below."""
    import textwrap

    lines = []
    wrapped = [[textwrap.wrap(cell, most) or [""] for cell in row] for row in rows]
    widths = [
        max(len(line) for cell in column for line in cell) for column in zip(*wrapped, strict=True)
    ]
    for row in wrapped:
        for number in range(max(len(cell) for cell in row)):
            cells = [cell[number] if number < len(cell) else "" for cell in row]
            lines.append("  ".join(f"{c:{w}}" for c, w in zip(cells, widths, strict=True)).rstrip())
    return lines


def _cells(row: Sequence[str], kind: str) -> str:
    return "".join(f"<{kind}{_LEFT}>{html.escape(cell)}</{kind}>" for cell in row)
