"""The table of routes: which handler answers where.

A path may stand behind ``/_db/{database}``; each ``{}`` takes one segment, which the handler is
given behind the call.  A dict that a handler returns is sent with error and code in front, any
other value as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from arangolab.sandbox import aql, metrics
from arangolab.sandbox.call import Call, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.routes import admin, collection, graph, load, query, transaction, user
from arangolab.sandbox.routes.collection import brief, count, full, page
from arangolab.sandbox.routes.document import document, edges, graph_item

Handler = Callable[..., Any]


def _all(handler: Handler, *methods: str) -> dict[str, Handler]:
    """The same handler for several methods."""
    return dict.fromkeys(methods, handler)


_done: Handler = lambda _call, _collection: {"result": True}  # noqa: E731
_revision: Handler = lambda _, c: {"revision": c.revision}  # noqa: E731
_none: Handler = lambda _: []  # noqa: E731
_no_result: Handler = lambda _: {"result": []}  # noqa: E731
_vertex, _edge = partial(graph_item, "vertex"), partial(graph_item, "edge")

OPEN: Final = {"/_open/auth", "/_admin/server/availability"}
"""What answers without credentials."""
SYSTEM: Final = {"/_api/database", "/_api/database/{}", "/_api/endpoint", "/_admin/options"}
"""What belongs to the database _system only."""

ROUTES: Final[dict[str, dict[str, Handler]]] = {
    # the server about itself
    "/_api/version": {"GET": admin.version},
    "/_admin/version": {"GET": admin.version},
    "/_admin/database/target-version": {"GET": admin.target_version},
    "/_api/engine": {"GET": lambda _: plain(admin.ENGINE)},
    "/_api/endpoint": {"GET": lambda c: [{"endpoint": c.app.http.url}] if c.app.http else []},
    "/_api/foxx": {"GET": _none},
    "/_api/tasks": {"GET": _none},
    "/_api/view": {"GET": _no_result},
    "/_api/analyzer": {"GET": _no_result},
    "/_api/aqlfunction": {"GET": _no_result},
    "/_admin/time": {"GET": lambda _: {"time": time.time()}},
    "/_admin/status": {"GET": admin.status},
    "/_admin/server/role": {"GET": lambda _: {"role": "SINGLE", "mode": "default", "errorNum": 0}},
    "/_admin/server/mode": {"GET": lambda _: {"mode": "default"}},
    "/_admin/server/availability": {"GET": admin.availability},
    "/_admin/options": {"GET": admin.options},
    "/_admin/log": {"GET": lambda c: plain(c.app.log.entries(c.request.query))},
    "/_admin/log/entries": {"GET": lambda c: plain(c.app.log.entries(c.request.query))},
    "/_admin/log/level": _all(admin.log_levels, "GET", "PUT"),
    "/_admin/metrics": {"GET": admin.prometheus},
    "/_admin/metrics/v2": {"GET": admin.prometheus},
    "/_admin/statistics": {"GET": lambda c: metrics.statistics(c.app)},
    # users, databases
    "/_open/auth": {"POST": user.log_in},
    "/_open/auth/renew": {"POST": lambda c: plain({"jwt": c.app.auth.token(c.user)})},
    "/_api/user": {"GET": user.users, "POST": user.create},
    "/_api/user/{}": {
        **_all(user.user, "GET", "PUT", "PATCH"),
        "POST": user.verify,
        "DELETE": user.remove,
    },
    "/_api/user/{}/database": {"GET": user.grants},
    "/_api/user/{}/database/{}": _all(user.grant, "GET", "PUT", "DELETE"),
    "/_api/user/{}/database/{}/{}": _all(user.grant, "GET", "PUT", "DELETE"),
    "/_api/database": {
        "GET": lambda c: {"result": list(c.store.databases)},
        "POST": user.create_database,
    },
    "/_api/database/user": {"GET": user.own_databases},
    "/_api/database/current": {"GET": user.database},
    "/_api/database/{}": {"DELETE": user.drop_database},
    # collections, indexes
    "/_api/collection": {"GET": collection.listed, "POST": collection.create},
    "/_api/collection/{}": {
        "GET": lambda c, name: brief(c, c.collection(name)),
        "DELETE": collection.drop,
    },
    "/_api/collection/{}/properties": {"GET": page(full), "PUT": page(collection.change, full)},
    "/_api/collection/{}/count": {"GET": page(full, count)},
    "/_api/collection/{}/figures": {"GET": page(collection.figures, full, count)},
    "/_api/collection/{}/revision": {"GET": page(full, _revision)},
    "/_api/collection/{}/checksum": {"GET": page(brief, _revision, collection.checksum)},
    "/_api/collection/{}/load": {"PUT": page(brief, count)},
    "/_api/collection/{}/unload": {"PUT": page(brief)},
    "/_api/collection/{}/truncate": {"PUT": page(collection.truncate, brief)},
    "/_api/collection/{}/rename": {"PUT": page(collection.rename, brief)},
    "/_api/collection/{}/loadIndexesIntoMemory": {"PUT": page(_done)},
    "/_api/collection/{}/compact": {"PUT": page(brief)},
    "/_api/collection/{}/recalculateCount": {"PUT": page(_done, count)},
    "/_api/index": {"GET": collection.indexes, "POST": collection.create_index},
    "/_api/index/{}/{}": _all(collection.index, "GET", "DELETE"),
    # documents
    "/_api/document": _all(document, "POST", "PUT", "PATCH", "DELETE"),
    "/_api/document/{}": _all(document, "POST", "PUT", "PATCH", "DELETE"),
    "/_api/document/{}/{}": _all(document, "GET", "PUT", "PATCH", "DELETE"),
    "/_api/import": {"POST": load.load},
    "/_api/simple/all": {"PUT": query.by_example},
    "/_api/simple/by-example": {"PUT": query.by_example},
    "/_api/simple/first-example": {"PUT": query.first_example},
    # named graphs
    "/_api/gharial": {
        "GET": lambda c: {"graphs": [graph.shown(*one) for one in c.database.graphs.items()]},
        "POST": graph.create,
    },
    "/_api/gharial/{}": {
        "GET": lambda c, name: {"graph": graph.shown(name, graph.graph_of(c, name))},
        "DELETE": graph.drop,
    },
    "/_api/gharial/{}/vertex": {
        "GET": lambda c, name: {"collections": sorted(graph.vertices_of(graph.graph_of(c, name)))},
        "POST": graph.add_orphan,
    },
    "/_api/gharial/{}/vertex/{}": {"POST": _vertex, "DELETE": graph.remove_orphan},
    "/_api/gharial/{}/vertex/{}/{}": _all(_vertex, "GET", "PUT", "PATCH", "DELETE"),
    "/_api/gharial/{}/edge": {
        "GET": lambda c, name: {"collections": sorted(graph.edges_of(graph.graph_of(c, name)))},
        "POST": graph.define,
    },
    "/_api/gharial/{}/edge/{}": {"POST": _edge, **_all(graph.define, "PUT", "DELETE")},
    "/_api/gharial/{}/edge/{}/{}": _all(_edge, "GET", "PUT", "PATCH", "DELETE"),
    "/_api/edges/{}": {"GET": edges},
    # queries, transactions
    "/_api/cursor": {"POST": query.run, **_all(query.which, "PUT", "DELETE")},
    "/_api/cursor/{}": {**_all(query.fetch, "PUT", "POST"), "DELETE": query.close},
    "/_api/cursor/{}/{}": {"POST": query.fetch},
    "/_api/query": {"POST": lambda c: aql.parse_check(query.query_of(c.object())[0])},
    "/_api/explain": {"POST": query.explain},
    "/_api/query/properties": {"GET": lambda _: query.TRACKING, "PUT": query.unchanged},
    "/_api/query/current": {"GET": _none},
    "/_api/query/slow": {"GET": _none, "DELETE": lambda _: {}},
    "/_api/query/{}": {"DELETE": query.kill},
    "/_api/query-cache": {"DELETE": lambda _: {}},
    "/_api/query-cache/entries": {"GET": _none},
    "/_api/query-plan-cache": {"GET": _none, "DELETE": lambda _: {}},
    "/_api/query-cache/properties": {
        "GET": lambda _: plain(query.CACHE),
        "PUT": query.unchanged,
    },
    "/_api/transaction": {
        "GET": lambda c: {"transactions": c.app.streams.running(c.database)},
        "POST": transaction.execute,
    },
    "/_api/transaction/begin": {"POST": transaction.begin},
    "/_api/transaction/{}": _all(transaction.stream, "GET", "PUT", "DELETE"),
}


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
        for at, word in more.items():
            if path[at] != word:
                break
        else:
            words = path[2:]
            if more:
                words = tuple(word for at, word in enumerate(words, 2) if at not in more)
            known = Route(name, ROUTES[name].get(method), words)
            if known.handler:
                break
    return known


def answer(call: Call, route: Route) -> Reply:
    """What the handler of a route replies; ArangoError, 405 if the method is another."""
    if route.handler is None:
        raise ArangoError(405)
    told = route.handler(call, *route.words)
    if type(told) is Reply:
        return told
    if type(told) is dict:
        told = {"error": False, "code": call.status, **told}
    return plain(told, call.status, call.headers)
