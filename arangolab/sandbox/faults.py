"""ArangoDB's errors: number, words and HTTP status.

``ArangoError(1202)`` fills message and status from the table; both can be given instead.
``to_dict()`` is the error envelope that ArangoDB sends.
"""

from __future__ import annotations

from typing import Any

# errorNum: (HTTP status, message)
_TABLE: dict[int, tuple[int, str]] = {
    4: (500, "internal error"),
    9: (501, "not implemented"),
    10: (400, "bad parameter"),
    11: (403, "forbidden"),
    17: (400, "type error"),
    18: (500, "lock timeout"),
    21: (410, "request canceled"),
    28: (400, "locked"),
    32: (500, "resource limit exceeded"),
    400: (400, "bad parameter"),
    401: (401, "unauthorized"),
    404: (404, "unknown path"),
    405: (405, "method not supported"),
    600: (400, "invalid JSON object"),
    1200: (409, "conflict"),
    1202: (404, "document not found"),
    1203: (404, "collection or view not found"),
    1204: (400, "parameter 'collection' not found"),
    1205: (400, "illegal document identifier"),
    1207: (409, "duplicate name"),
    1208: (400, "illegal name"),
    1210: (409, "unique constraint violated"),
    1212: (404, "index not found"),
    1218: (400, "collection type invalid"),
    1221: (400, "illegal document key"),
    1222: (400, "unexpected document key"),
    1225: (404, "view not found"),
    1227: (400, "invalid document type"),
    1228: (404, "database not found"),
    1229: (400, "database name invalid"),
    1230: (403, "operation only allowed in system database"),
    1232: (503, "waiting for edge collection"),
    1233: (400, "edge attribute missing or invalid"),
    1500: (410, "query killed"),
    1501: (400, "syntax error"),
    1502: (400, "query is empty"),
    1503: (400, "runtime error '%s'"),
    1504: (400, "number out of range"),
    1505: (400, "invalid geo coordinate value"),
    1510: (400, "variable name '%s' has an invalid format"),
    1511: (400, "variable '%s' is assigned multiple times"),
    1512: (400, "unknown variable '%s'"),
    1521: (500, "unable to read-lock collection %s"),
    1522: (400, "too many collections/shards"),
    1524: (400, "too much nesting or too many objects"),
    1539: (400, "invalid/unknown options attribute used"),
    1540: (400, "usage of unknown function '%s()'"),
    1541: (400, "invalid number of arguments for function '%s()'"),
    1542: (400, "invalid argument type in call to function '%s()'"),
    1543: (400, "invalid regex value"),
    1550: (400, "invalid structure of bind parameters"),
    1551: (400, "no value specified for declared bind parameter '%s'"),
    1552: (400, "bind parameter '%s' was not declared in the query"),
    1553: (400, "bind parameter '%s' has an invalid value or type"),
    1560: (400, "invalid arithmetic value"),
    1562: (400, "division by zero"),
    1563: (400, "array expected"),
    1568: (500, "collection '%s' used as expression operand"),
    1569: (400, "FAIL(%s) called"),
    1570: (404, "no suitable geo index found for geo restriction on '%s'"),
    1572: (400, "invalid date value"),
    1573: (400, "multi-modify query"),
    1574: (500, "invalid aggregate expression"),
    1575: (400, "query options must be readable at query compile time"),
    1577: (400, "could not use index hint"),
    1578: (400, "disallowed dynamic call to '%s'"),
    1579: (400, "access after data-modification"),
    1582: (404, "user function '%s()' not found"),
    1591: (404, "query ID not found"),
    1593: (500, "%s"),
    1594: (500, "%s"),
    1600: (404, "cursor not found"),
    1601: (409, "cursor is busy"),
    1650: (500, "internal transaction error"),
    1651: (400, "nested transactions detected"),
    1652: (400, "unregistered collection used in transaction"),
    1653: (400, "disallowed operation inside transaction"),
    1654: (410, "transaction aborted"),
    1655: (404, "transaction not found"),
    1702: (409, "duplicate user"),
    1703: (404, "user not found"),
    1920: (400, "multi use of edge collection in edge def"),
    1921: (400, "edge collection already used in edge def"),
    1922: (400, "missing graph name"),
    1923: (400, "malformed edge definition"),
    1924: (404, "graph '%s' not found"),
    1925: (409, "graph already exists"),
    1927: (400, "collection not a vertex collection"),
    1928: (400, "collection is not in list of orphan collections"),
    1929: (400, "collection already used in edge def"),
    1930: (404, "edge collection not used in graph"),
    1938: (400, "collection used in orphans"),
    1943: (400, "malformed orphan list"),
    1944: (400, "Collection: '%s' is not an EdgeCollection"),
    1947: (400, "referenced %s collection '%s' is not part of the graph"),
    1949: (404, "the given collection is not part of the graph"),
    21003: (503, "queue is full"),
    21004: (412, "queue time violated"),
}


class ArangoError(Exception):
    """One of ArangoDB's errors, on its way to an HTTP reply or into a JavaScript transaction."""

    def __init__(
        self,
        error_num: int,
        message: str = "",
        status: int = 0,
        details: dict[str, Any] | None = None,
    ) -> None:
        known_status, known_message = _TABLE.get(error_num, (500, "internal error"))
        self.error_num = error_num
        """ArangoDB's errorNum."""
        self.message = message or known_message
        """What ArangoDB says."""
        self.status = status or known_status
        """The HTTP status of the reply."""
        self.details = details or {}
        """Further fields of the reply, such as _key and _rev of a conflict."""
        super().__init__(self.message)

    def to_dict(self) -> dict[str, Any]:
        """The body of the reply: code, error, errorMessage, errorNum and the details."""
        return {
            "code": self.status,
            "error": True,
            "errorMessage": self.message,
            "errorNum": self.error_num,
            **self.details,
        }


def fault(error_num: int, *words: object, after: str = "") -> ArangoError:
    """The error with its table message filled with ``words``, ``after`` appended."""
    message = _TABLE[error_num][1]
    return ArangoError(error_num, (message % words if words else message) + after)


def unknown_collection(name: str) -> ArangoError:
    """1203 as ArangoDB words it."""
    return ArangoError(1203, f"collection or view not found: {name}")
