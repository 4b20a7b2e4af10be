"""The server's log, as ``/_admin/log/entries`` shows it: the last messages, in memory."""

from __future__ import annotations

import collections
import itertools
import time
from collections.abc import Mapping
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError

LEVELS: Final = ("FATAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE")
TOPICS: Final = ("general", "requests", "threads", "v8")
_KEPT: Final = 2048


class Log:
    """Messages of all threads."""

    def __init__(self) -> None:
        self.levels = dict.fromkeys(TOPICS, "INFO")
        self._numbers = itertools.count(1)
        self._messages: collections.deque[dict[str, Any]] = collections.deque(maxlen=_KEPT)

    def write(self, level: str, topic: str, message: str) -> None:
        """Keep a message, unless its topic's level is below."""
        if LEVELS.index(level) <= LEVELS.index(self.levels[topic]):
            date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            told = {"topic": topic, "level": level, "date": date, "message": message}
            self._messages.append({"id": next(self._numbers), **told})

    def set_levels(self, asked: Mapping[str, Any]) -> None:
        """Change levels by topic ("all" for every one); ArangoError 10."""
        for topic, level in asked.items():
            if str(level).upper() not in LEVELS or topic not in (*TOPICS, "all"):
                raise ArangoError(10, f"unknown topic or log level: '{topic}': '{level}'")
            changed = TOPICS if topic == "all" else (topic,)
            self.levels.update(dict.fromkeys(changed, str(level).upper()))

    def entries(self, query: Mapping[str, str]) -> dict[str, Any]:
        """What ``upto``, ``level``, ``start``, ``search``, ``sort``, ``size``, ``offset`` ask for.

        ArangoError 400.
        """
        last = _asked(query, "upto", "TRACE", LEVELS)
        only = _asked(query, "level", "", LEVELS) if "level" in query else None
        start, word = _asked(query, "start", "0"), query.get("search", "").lower()
        found = [
            one
            for one in list(self._messages)
            if (place := LEVELS.index(one["level"])) <= last and only in (None, place)
            if one["id"] >= start and word in one["message"].lower()
        ]
        if query.get("sort", "asc").lower() == "desc":
            found.reverse()
        offset, size = _asked(query, "offset", "0"), _asked(query, "size", str(_KEPT))
        return {"total": len(found), "messages": found[offset : offset + size]}


def _asked(
    query: Mapping[str, str], name: str, usual: str, words: tuple[str, ...] | None = None
) -> int:
    """A number of the query, or the place of a word; ArangoError 400."""
    said = query.get(name, usual).upper()
    if words and said in words:
        return words.index(said)
    if not said.isdigit() or (words and int(said) >= len(words)):
        kind = "log level" if words else "number"
        raise ArangoError(400, f"unknown '{name}' {kind}: '{said}'")
    return int(said)
