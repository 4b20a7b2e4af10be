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

from arangolab.sandbox import metrics
from arangolab.sandbox.call import Call, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.routes import (
    admin,
    collection,
    document,
    graph,
    load,
    query,
    transaction,
    user,
)

Handler = Callable[..., Any]

vertex, edge = partial(document.graph_item, "vertex"), partial(document.graph_item, "edge")
page, brief, full = collection.page, collection.brief, collection.full
no_list: Handler = lambda _: []  # noqa: E731

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
    "/_api/foxx": {"GET": no_list},
    "/_api/tasks": {"GET": no_list},
    "/_admin/time": {"GET": lambda _: {"time": time.time()}},
    "/_admin/status": {"GET": admin.status},
    "/_admin/server/role": {"GET": lambda _: admin.ROLE},
    "/_admin/server/mode": {"GET": lambda _: {"mode": "default"}},
    "/_admin/server/availability": {"GET": admin.availability},
    "/_admin/options": {"GET": admin.options},
    "/_admin/log": {"GET": admin.log_entries},
    "/_admin/log/entries": {"GET": admin.log_entries},
    "/_admin/log/level": {"GET": admin.log_levels, "PUT": admin.log_levels},
    "/_admin/metrics": {"GET": admin.prometheus},
    "/_admin/metrics/v2": {"GET": admin.prometheus},
    "/_admin/statistics": {"GET": lambda c: metrics.statistics(c.app)},
    # users, databases
    "/_open/auth": {"POST": user.log_in},
    "/_open/auth/renew": {"POST": lambda c: plain({"jwt": c.app.auth.token_of(c.user)})},
    "/_api/user": {"GET": user.listed, "POST": user.create},
    "/_api/user/{}": {
        "GET": user.get,
        "PUT": user.change,
        "PATCH": user.change,
        "DELETE": user.remove,
    },
    "/_api/user/{}/database": {"GET": user.grants},
    "/_api/user/{}/database/{}": {"GET": user.granted, "PUT": user.grant, "DELETE": user.revoke},
    "/_api/user/{}/database/{}/{}": {"GET": user.granted, "PUT": user.grant, "DELETE": user.revoke},
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
    "/_api/collection/{}/count": {"GET": page(full, collection.counted)},
    "/_api/collection/{}/figures": {"GET": page(collection.figures, full, collection.counted)},
    "/_api/collection/{}/revision": {"GET": page(full, collection.revision)},
    "/_api/collection/{}/checksum": {
        "GET": page(brief, collection.revision, collection.checksum),
    },
    "/_api/collection/{}/load": {"PUT": page(brief, collection.counted)},
    "/_api/collection/{}/unload": {"PUT": page(brief)},
    "/_api/collection/{}/truncate": {"PUT": page(collection.truncate, brief)},
    "/_api/collection/{}/rename": {"PUT": page(collection.rename, brief)},
    "/_api/collection/{}/loadIndexesIntoMemory": {"PUT": page(collection.nothing)},
    "/_api/collection/{}/compact": {"PUT": page(collection.nothing)},
    "/_api/collection/{}/recalculateCount": {"PUT": page(collection.nothing)},
    "/_api/index": {"GET": collection.indexes, "POST": collection.create_index},
    "/_api/index/{}/{}": {"GET": collection.index, "DELETE": collection.drop_index},
    # documents
    "/_api/document": dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"), document.write),
    "/_api/document/{}": dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"), document.write),
    "/_api/document/{}/{}": {
        "GET": document.read,
        **dict.fromkeys(("PUT", "PATCH", "DELETE"), document.write),
    },
    "/_api/import": {"POST": load.load},
    "/_api/simple/all": {"PUT": query.by_example},
    "/_api/simple/by-example": {"PUT": query.by_example},
    "/_api/simple/first-example": {"PUT": query.first_example},
    # named graphs
    "/_api/gharial": {
        "GET": lambda c: {"graphs": [graph.shown(*one) for one in c.database.graphs.items()]},
        "POST": graph.create,
    },
    "/_api/gharial/{}": {"GET": graph.get, "DELETE": graph.drop},
    "/_api/gharial/{}/vertex": {"GET": graph.vertex_collections, "POST": graph.add_orphan},
    "/_api/gharial/{}/vertex/{}": {"POST": vertex, "DELETE": graph.remove_orphan},
    "/_api/gharial/{}/vertex/{}/{}": dict.fromkeys(("GET", "PUT", "PATCH", "DELETE"), vertex),
    "/_api/gharial/{}/edge": {"GET": graph.edge_collections, "POST": graph.define},
    "/_api/gharial/{}/edge/{}": {"POST": edge, "PUT": graph.define, "DELETE": graph.define},
    "/_api/gharial/{}/edge/{}/{}": dict.fromkeys(("GET", "PUT", "PATCH", "DELETE"), edge),
    "/_api/edges/{}": {"GET": document.edges},
    # queries, transactions
    "/_api/cursor": {"POST": query.run, "PUT": query.which, "DELETE": query.which},
    "/_api/cursor/{}": {"PUT": query.fetch, "POST": query.fetch, "DELETE": query.close},
    "/_api/cursor/{}/{}": {"POST": query.fetch},
    "/_api/query": {"POST": query.check},
    "/_api/explain": {"POST": query.explain},
    "/_api/query/properties": {"GET": lambda _: query.TRACKING, "PUT": query.unchanged},
    "/_api/query/current": {"GET": no_list},
    "/_api/query/slow": {"GET": no_list, "DELETE": lambda _: {}},
    "/_api/query/{}": {"DELETE": query.kill},
    "/_api/query-cache": {"DELETE": lambda _: {}},
    "/_api/query-cache/entries": {"GET": no_list},
    "/_api/query-cache/properties": {
        "GET": lambda _: plain(query.CACHE),
        "PUT": query.unchanged,
    },
    "/_api/transaction": {
        "GET": lambda c: {"transactions": c.app.streams.running(c.database)},
        "POST": transaction.execute,
    },
    "/_api/transaction/begin": {"POST": transaction.begin},
    "/_api/transaction/{}": dict.fromkeys(("GET", "PUT", "DELETE"), transaction.stream),
}


class Route(NamedTuple):
    """Where a path leads."""

    path: str
    """As it stands in the table."""
    handler: Handler | None
    """None: the path is known, the method is not."""
    words: tuple[str, ...]
    """What stands in the place of each {}."""


_SHAPES: dict[tuple[int, tuple[str, ...]], list[tuple[str, tuple[str, ...]]]] = {}
for _path in ROUTES:
    _pattern = tuple(_path.strip("/").split("/"))
    _SHAPES.setdefault((len(_pattern), _pattern[:2]), []).append((_path, _pattern))


def find(method: str, path: tuple[str, ...]) -> Route | None:
    """The route of a path; None if there is none.  HEAD is answered as GET."""
    known = None
    for name, pattern in _SHAPES.get((len(path), path[:2]), ()):
        if all(want in ("{}", got) for want, got in zip(pattern, path, strict=True)):
            words = tuple(got for want, got in zip(pattern, path, strict=True) if want == "{}")
            methods = ROUTES[name]
            handler = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
            known = Route(name, handler, words)
            if handler:
                break
    return known


def answer(call: Call, route: Route) -> Reply:
    """What the handler of a route replies; ArangoError, 405 if the method is another."""
    if route.handler is None:
        raise ArangoError(405)
    told = route.handler(call, *route.words)
    if isinstance(told, Reply):
        return told
    if type(told) is dict:
        told = {"error": False, "code": call.status, **told}
    return plain(told, call.status, call.headers)
