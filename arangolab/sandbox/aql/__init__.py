"""AQL, as much of it as the sandbox knows; what it does not know is refused by name.

The way of a query: ``grammar`` (``aql.lark`` says what is AQL) -> lark's tree -> closures, each
made by the method that has the name of its tree (in ``expressions``, ``operations`` with
their ``access`` to indexes, and ``traverse``) -> frames, a list of variables per row.
"""

from __future__ import annotations

from arangolab.sandbox.aql.query import QueryResult, execute, explain, parse_check

__all__ = ["QueryResult", "execute", "explain", "parse_check"]
