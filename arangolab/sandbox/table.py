"""The table of routes: method and path to handler.

    @route("GET", "/_api/collection/{}/count")
    def count(call: Call) -> Reply: ...      # call.words == (name,)

A path may stand behind ``/_db/{database}``.  ``{}`` takes one segment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arangolab.sandbox.http import Reply

if TYPE_CHECKING:
    from arangolab.sandbox.call import Call

Answer = Callable[["Call"], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table."""

    method: str
    pattern: tuple[str, ...]
    """Segments of the path; {} takes any."""
    answer: Answer
    open: bool
    """Whether it answers without credentials."""
    system: bool
    """Whether it belongs to the database _system only."""

    def match(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """What stands in the place of each {}, None if the path is another."""
        words = []
        for want, got in zip(self.pattern, path, strict=True):
            if want == "{}":
                words.append(got)
            elif want != got:
                return None
        return tuple(words)


_ROUTES: dict[tuple[int, tuple[str, ...]], list[Route]] = {}


def route(
    method: str, path: str, *, is_open: bool = False, system: bool = False
) -> Callable[[Answer], Answer]:
    """Enter a handler into the table."""

    def enter(answer: Answer) -> Answer:
        pattern = tuple(path.strip("/").split("/"))
        made = Route(method, pattern, answer, is_open, system)
        _ROUTES.setdefault((len(pattern), pattern[:2]), []).append(made)
        return answer

    return enter


def find(method: str, path: tuple[str, ...]) -> tuple[Route, tuple[str, ...]] | bool:
    """The route and the words in its path; else whether the path is known to another method."""
    known = False
    for candidate in _ROUTES.get((len(path), path[:2]), ()):
        words = candidate.match(path)
        if words is not None:
            if candidate.method == method or (method == "HEAD" and candidate.method == "GET"):
                return candidate, words
            known = True
    return known
