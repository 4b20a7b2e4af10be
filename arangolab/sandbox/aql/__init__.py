"""AQL, as much of it as the sandbox knows.

    execute(trx, text, bind_vars, options)  -> QueryResult(rows, extra)
    explain(database, text, bind_vars)      -> {"plan": {...}, "warnings": [], "stats": {...}}
    parse_check(text)                       -> {"bindVars", "collections", "ast", "parsed"}
    collections_of(text, bind_vars)         -> (read, write) sets of collection names

All raise ArangoError with ArangoDB's numbers: 1501 syntax, 1502 empty, 1203 collection, 1540
function, 1541 number of arguments, 1551/1552/1553 bind parameters, 1579 read after write.
What the sandbox does not know is refused by name.  Options: fullCount, failOnWarning, maxRuntime
(seconds), memoryLimit (bytes, of the result); others change nothing.

The way of a query: grammar (``aql.lark`` says what is AQL) -> lark's tree -> plan, a closure made
by the method that has the name of the tree (expressions; pipeline with its access to indexes,
modify, traverse, paths) -> frames, one list of variables per row.
"""

from __future__ import annotations

from arangolab.sandbox.aql.run import (
    QueryResult,
    collections_of,
    execute,
    explain,
    parse_check,
)

__all__ = ["QueryResult", "collections_of", "execute", "explain", "parse_check"]
