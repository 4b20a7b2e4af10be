"""Recordings are read in whatever form they come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import recordings

CURL = "curl 'http://localhost:8529/_db/_system/_api/cursor'"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of recordings."""
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    return tmp_path


def written(path: Path, **record: Any) -> None:
    """Write one recording."""
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")


def test_replies_are_told_apart(folder: Path) -> None:
    """Of several in one body, each has its status; what is no JSON stays text."""
    body = '{"a": 1}\n\nHTTP/1.1 404 Not Found\ncontent-type: application/json\n\n{"b": 2}\n'
    written(folder / "a-http.jsonl", name="n", setup="s", curl=CURL, status=201, body=body)
    written(folder / "b-http.jsonl", name="m", setup="s", curl="", status=200, body="[not JSON")
    first, second = recordings.exchanges()
    assert first.replies == [(201, {"a": 1}), (404, {"b": 2})]
    assert (first.group, second.group) == ("_api/cursor", "other")
    assert second.replies == [(200, "[not JSON")]


@pytest.mark.parametrize("given", [{"a": [1]}, '{"a": [1]}', "{a: [1], }"])
def test_bind_variables(folder: Path, given: Any) -> None:
    """They are an object, JSON, or as a script has them."""
    written(folder / "a-aql.jsonl", name="n", query="RETURN @a", bindVars=given, result=[[1]])
    assert [query.binds for query in recordings.queries()] == [{"a": [1]}]
