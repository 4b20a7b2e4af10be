"""What a runner is told on its stdin: one JSON line, the only place a password travels in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from arangolab.plan import Plan
from arangolab.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run to be conducted."""

    plan: Plan
    target: Target
    path: Path
    """The run file to be written."""

    def to_line(self) -> bytes:
        """The order as one line of JSON."""
        target = {**self.target.to_dict(), "password": self.target.password}
        document = {"plan": self.plan.to_json(), "target": target, "path": str(self.path)}
        return json.dumps(document).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Order:
        """The order out of :meth:`to_line`'s line."""
        document = json.loads(line)
        target = document["target"]
        return cls(
            plan=Plan.from_json(document["plan"]),
            target=Target(**{**target, "urls": tuple(target["urls"])}),
            path=Path(document["path"]),
        )
