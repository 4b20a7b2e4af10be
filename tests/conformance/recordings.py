"""The recordings: where they are and what each holds."""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import quickjs

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("ARANGOLAB_GOLDEN", ROOT.parent / "shared" / "golden"))
"""By default a folder shared/golden beside the checkout."""
MISSING = f"no recordings of a real server in {FOLDER} (set ARANGOLAB_GOLDEN)"

_NEXT_REPLY = re.compile(r"\n\s*HTTP/1\.1 (\d+) [^\n]*\n(?:[^\n]+\n)*\n")
_PATH = re.compile(r"localhost:8529(?:/_db/[^/]+)?/(_\w+/\w+)")


class Exchange(NamedTuple):
    """A script of arangosh, and what the server replied to the requests that it logs."""

    name: str
    setup: str
    headers: dict[str, str]
    """Of the first reply."""
    replies: list[tuple[int, Any]]
    """Status and body of each, as JSON if it is that, None if it is empty."""
    group: str
    """The part of the API: _api/document."""


class Query(NamedTuple):
    """An AQL query and what the server returned."""

    name: str
    dataset: str
    """The example data that it needs, "" for none."""
    text: str
    binds: dict[str, Any]
    result: Any


def exchanges() -> list[Exchange]:
    """All recorded exchanges of all ``*-http.jsonl`` in the folder."""
    return [_exchange(record) for record in _records("*-http.jsonl")]


def queries() -> list[Query]:
    """All recorded queries of all ``*-aql.jsonl`` in the folder."""
    return [
        Query(
            record["name"],
            record.get("dataset") or "",
            record["query"],
            _binds(record.get("bindVars") or {}),
            record["result"],
        )
        for record in _records("*-aql.jsonl")
    ]


def _records(pattern: str) -> list[dict[str, Any]]:
    files = sorted(FOLDER.glob(pattern)) if FOLDER.is_dir() else []
    lines = [line for file in files for line in file.read_text(encoding="utf-8").split("\n")]
    return [json.loads(line) for line in lines if line.strip()]


def _exchange(record: dict[str, Any]) -> Exchange:
    path = _PATH.search(record.get("curl") or "")
    return Exchange(
        record["name"],
        record["setup"],
        {name.lower(): value for name, value in (record.get("headers") or {}).items()},
        _replies(int(record["status"]), record.get("body")),
        path.group(1) if path else "other",
    )


def _replies(status: int, body: Any) -> list[tuple[int, Any]]:
    """The replies in a recorded body: JSON, or the text of several, each after its headers."""
    if not isinstance(body, str):
        return [(status, body)]
    first, *more = _NEXT_REPLY.split(body)
    pairs = [(status, first), *zip(map(int, more[::2]), more[1::2], strict=True)]
    return [(code, _parsed(text.strip())) for code, text in pairs]


def _parsed(text: str) -> Any:
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return text or None


def _binds(given: str | dict[str, Any]) -> dict[str, Any]:
    """Bind variables; as text they are JSON, or an object as JavaScript has it."""
    if isinstance(given, str):
        text: str = quickjs.Context().eval(f"JSON.stringify(({given}))")
        given = json.loads(text)
    return dict(given)
