"""ArangoDB's errors: number, words and HTTP status.

``ArangoError(1202)`` fills message and status from the table; both can be given instead.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

T = TypeVar("T")
Said = str | tuple[object, ...]
"""A message, or what stands for each %s of the known one."""

_TABLE: Final = {
    400: """10 bad parameter; 17 type error; 28 locked; 400 bad parameter;
        600 invalid JSON object; 1204 parameter 'collection' not found;
        1205 illegal document identifier; 1208 illegal name; 1218 collection type invalid;
        1221 illegal document key; 1222 unexpected document key; 1227 invalid document type;
        1229 database name invalid; 1233 edge attribute missing or invalid; 1501 syntax error;
        1502 query is empty; 1504 number out of range;
        1511 variable '%s' is assigned multiple times; 1524 too much nesting or too many objects;
        1539 invalid/unknown options attribute used; 1540 usage of unknown function '%s()';
        1541 invalid number of arguments for function '%s()', expected number of arguments: %s;
        1542 invalid argument type in call to function '%s()'; 1543 invalid regex value;
        1550 invalid structure of bind parameters;
        1551 no value specified for declared bind parameter '%s';
        1552 bind parameter '%s' was not declared in the query;
        1553 bind parameter '%s' has an invalid value or type; 1562 division by zero;
        1563 array expected; 1569 FAIL(%s) called; 1572 invalid date value;
        1575 query options must be readable at query compile time;
        1579 access after data-modification; 1652 unregistered collection used in transaction;
        1653 disallowed operation inside transaction; 1700 invalid user name;
        1920 multi use of edge collection in edge def;
        1921 edge collection already used in edge def; 1922 missing graph name;
        1923 malformed edge definition; 1927 collection not a vertex collection;
        1928 collection is not in list of orphan collections;
        1929 collection already used in edge def; 1938 collection used in orphans;
        1943 malformed orphan list; 1944 Collection: '%s' is not an EdgeCollection""",
    401: "401 unauthorized",
    403: "11 forbidden; 1004 read only; 1230 operation only allowed in system database",
    404: """404 unknown path; 1202 document not found; 1203 collection or view not found;
        1212 index not found; 1228 database not found; 1582 user function '%s()' not found;
        1600 cursor not found; 1655 transaction not found; 1703 user not found;
        1924 graph '%s' not found; 1930 edge collection not used in graph;
        1947 referenced %s collection '%s' is not part of the graph;
        1949 the given collection is not part of the graph""",
    405: "405 method not supported",
    409: """1200 conflict; 1207 duplicate name; 1210 unique constraint violated;
        1702 duplicate user; 1925 graph already exists""",
    410: "1500 query killed",
    412: "21004 queue time violated",
    500: """4 internal error; 18 lock timeout; 32 resource limit exceeded;
        1574 invalid aggregate expression; 1650 internal transaction error""",
    501: "9 not implemented",
    503: "21003 queue is full",
}
"""Number and message of each error, by the HTTP status of its reply."""
_KNOWN: Final = {
    int(number): (status, " ".join(message))
    for status, row in _TABLE.items()
    for number, *message in (entry.split() for entry in row.split(";"))
}


class ArangoError(Exception):
    """One of ArangoDB's errors, on its way to an HTTP reply or into a JavaScript transaction."""

    def __init__(self, error_num: int, said: Said = "", status: int = 0, **details: Any) -> None:
        """``details``: further fields of the reply, such as _key and _rev of a conflict."""
        unknown = (error_num if 400 <= error_num < 600 else 500, "internal error")
        known_status, known_message = _KNOWN.get(error_num, unknown)
        self.error_num = error_num
        self.message = known_message % said if isinstance(said, tuple) else said or known_message
        self.status = status or known_status
        self.details = details
        super().__init__(self.message)

    def to_dict(self) -> dict[str, Any]:
        """The body of the reply."""
        told = {"code": self.status, "error": True, "errorMessage": self.message}
        return {**told, "errorNum": self.error_num, **self.details}


def check(right: T | None, error_num: int, said: Said = "", status: int = 0) -> T:
    """What is ``right``; ArangoError if it is not."""
    if not right:
        raise ArangoError(error_num, said, status)
    return right
