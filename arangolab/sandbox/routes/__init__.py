"""The API: which handler answers where.

Each module enters its handlers by ``@route("METHODS /path/{}")``.  A path may stand behind
``/_db/{database}``; what is entered nowhere is an unknown path.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from arangolab.sandbox.call import ROUTES, Call, Handler, check, plain
from arangolab.sandbox.http import Reply
from arangolab.sandbox.routes import admin, collection, document, graph, load, query, user

MODULES: Final = (admin, collection, document, graph, load, query, user)
OPEN: Final = {"/_open/auth", "/_admin/server/availability"}
"""What answers without credentials."""
SYSTEM: Final = {"/_api/database", "/_api/database/{}", "/_api/endpoint"}
"""What belongs to the database _system only."""


class Route(NamedTuple):
    """A path of the table, its handler (None for another method), what stands in place of {}."""

    path: str
    handler: Handler | None
    words: tuple[str, ...]


_SHAPES: dict[tuple[int, tuple[str, ...]], list[tuple[str, dict[int, str]]]] = {}
"""By number of segments and the first two: paths, and what else they must have where."""
for _path in ROUTES:
    _segments = tuple(_path.strip("/").split("/"))
    _more = {at: word for at, word in enumerate(_segments) if at > 1 and word != "{}"}
    _SHAPES.setdefault((len(_segments), _segments[:2]), []).append((_path, _more))


def find(method: str, path: tuple[str, ...]) -> Route | None:
    """The route of a path; None if there is none.  HEAD is answered as GET."""
    known, method = None, "GET" if method == "HEAD" else method
    for name, more in _SHAPES.get((len(path), path[:2]), ()):
        if not more or all(path[at] == word for at, word in more.items()):
            words = tuple(word for at, word in enumerate(path) if at > 1 and at not in more)
            known = Route(name, ROUTES[name].get(method), words)
            if known.handler:
                break
    return known


def answer(call: Call, route: Route) -> Reply:
    """What the handler of a route replies; ArangoError, 405 if the method is another."""
    check(route.handler, 405)
    told = route.handler(call, *route.words)  # type: ignore[misc]
    if type(told) is Reply:
        return told
    if type(told) is dict:
        told = {"error": False, "code": call.status, **told}
    return plain(told, call.status, call.headers)
