"""A small database that the sandbox's tests share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from arangolab.sandbox import aql
from arangolab.sandbox.aql import QueryResult
from arangolab.sandbox.documents import operate
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.store import EDGE, Database, Server
from arangolab.sandbox.transaction import Transaction


def database(*documents: str, edges: tuple[str, ...] = ()) -> Database:
    """A new database with these collections."""
    made = Server().create_database("test")
    for name in documents:
        made.create_collection(name)
    for name in edges:
        made.create_collection(name, EDGE)
    return made


def fill(where: Database, collection: str, *documents: dict[str, Any]) -> None:
    """Insert and commit documents."""
    with Transaction(where, write=[collection]) as trx:
        for document in documents:
            treat(trx, "POST", collection, body=document)


def treat(
    trx: Transaction, method: str, name: str, key: str = "", body: Any = None, **options: Any
) -> dict[str, Any]:
    """Treat one document as a request would; what is told of it, the documents included."""
    return operate(trx, method, name, key, body, {"returnNew": True, "returnOld": True, **options})


def query(
    where: Database,
    text: str,
    binds: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
) -> QueryResult:
    """Run a query in a transaction of its own."""
    with Transaction(where, declared=False) as trx:
        return aql.execute(trx, text, binds or {}, options)


@contextlib.contextmanager
def refused(error_num: int, says: str | None = None) -> Iterator[None]:
    """Expect an ArangoError of this number, with these words (a pattern)."""
    with pytest.raises(ArangoError, match=says) as caught:
        yield
    assert caught.value.error_num == error_num, caught.value.message


def rows(where: Database, text: str, **binds: Any) -> list[Any]:
    """What a query returns."""
    return query(where, text, binds).rows
