"""The API: a module for each part, whose handlers say by ``@route("METHODS /path/{}")`` where.

A path may stand behind ``/_db/{database}``; what is entered nowhere is an unknown path.
"""

from arangolab.sandbox.call import find
from arangolab.sandbox.routes import admin, collection, document, graph, query, user

__all__ = ["admin", "collection", "document", "find", "graph", "query", "user"]
