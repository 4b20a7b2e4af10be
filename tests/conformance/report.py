"""The conformance report: what was reproduced, by group, and why the rest was not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

REPRODUCED = "reproduced"
REFUSED = "refused by name"
ON_PURPOSE = "otherwise on purpose"
VARIES = "random"
MISS = "another reply"
PROPERTY = "conformance"
"""Under which name pytest carries outcomes from its processes to the report."""
KINDS = (REPRODUCED, REFUSED, ON_PURPOSE, VARIES, MISS)


class Outcome(NamedTuple):
    """How one recording came out."""

    suite: str
    group: str
    name: str
    kind: str
    """One of ``KINDS``."""
    reason: str = ""
    """Of anything but ``REPRODUCED``."""


def markdown(outcomes: list[Outcome]) -> str:
    """The report as Markdown: a table for each suite, then each miss with its reason."""
    lines = ["# Conformance of the sandbox", ""]
    for suite in dict.fromkeys(outcome.suite for outcome in outcomes):
        lines += _suite(suite, [outcome for outcome in outcomes if outcome.suite == suite])
    return "\n".join(lines)


def _suite(suite: str, outcomes: list[Outcome]) -> list[str]:
    counted = Counter(outcome.kind for outcome in outcomes)
    lines = [f"## {suite}: {counted[REPRODUCED]} of {len(outcomes)} reproduced", ""]
    lines += [f"| group | {' | '.join(KINDS)} |", "|---|" + "---:|" * len(KINDS)]
    for group in sorted({outcome.group for outcome in outcomes}):
        here = Counter(outcome.kind for outcome in outcomes if outcome.group == group)
        lines.append(f"| {group} | {' | '.join(str(here[kind] or '') for kind in KINDS)} |")
    lines.append(f"| all | {' | '.join(str(counted[kind]) for kind in KINDS)} |")
    missed = [outcome for outcome in outcomes if outcome.kind != REPRODUCED]
    if missed:
        lines += ["", *(f"- **{o.name}** ({o.kind}): {o.reason}" for o in missed)]
    return [*lines, ""]


def write(outcomes: list[Outcome], path: Path) -> None:
    """Write the report; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(sorted(outcomes)), encoding="utf-8")
