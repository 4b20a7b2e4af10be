"""Index look-ups against full scans: whatever the data and the conditions, the same rows."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.sandbox import aql
from arangolab.sandbox.transaction import Transaction
from tests.sandbox.world import database, fill, query, treat

VALUES = st.sampled_from([None, False, True, -1, 0, 1, 1.5, 2, "", "a", "B", "b", [], [1], {}])
DOCUMENTS = st.lists(st.fixed_dictionaries({}, optional={"a": VALUES, "b": VALUES}), max_size=12)
CONDITIONS = st.lists(
    st.tuples(
        st.sampled_from(["d.a", "d.b"]),
        st.sampled_from(["==", "<", "<=", ">", ">=", "IN", "!="]),
        VALUES | st.lists(VALUES, max_size=3),
    ),
    min_size=1,
    max_size=3,
)
INDEXES = st.lists(
    st.tuples(st.sampled_from([("a",), ("b",), ("a", "b"), ("b", "a")]), st.booleans()),
    min_size=1,
    max_size=3,
)


@settings(max_examples=80, deadline=None)
@given(DOCUMENTS, DOCUMENTS, CONDITIONS, INDEXES, st.booleans())
def test_indexes_find_what_scans_find(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    conditions: list[tuple[str, str, Any]],
    indexes: list[tuple[tuple[str, ...], bool]],
    turned: bool,
) -> None:
    """Committed documents, documents changed since, and a transaction's own writes."""
    where = database("c")
    for fields, sparse in indexes:
        spec = {"type": "persistent", "fields": list(fields), "sparse": sparse}
        where.collection("c").ensure_index(spec)
    fill(where, "c", *({**d, "_key": str(i)} for i, d in enumerate(before)))
    terms = [_term(i, *condition, turned) for i, condition in enumerate(conditions)]
    text = "FOR d IN c {} FILTER {} SORT d._key RETURN d"
    condition = " AND ".join(terms)
    binds = {f"v{i}": value for i, (_, _, value) in enumerate(conditions)}
    with Transaction(where, write=["c"]) as trx:
        fill(where, "c", *({**d, "_key": f"other{i}"} for i, d in enumerate(after)))
        for i, document in enumerate(after):
            if i < len(before):
                treat(trx, "PUT", "c", str(i), document)
        found = [
            aql.execute(trx, text.format(options, condition), binds).rows
            for options in ("", "OPTIONS {disableIndex: true}")
        ]
    assert found[0] == found[1]
    with Transaction(where, declared=False) as trx:
        found = [
            aql.execute(trx, text.format(options, condition), binds).rows
            for options in ("", "OPTIONS {disableIndex: true}")
        ]
    assert found[0] == found[1]


def test_only_what_an_index_found_is_told_as_looked_up() -> None:
    """Documents that an index found count as look-ups once they are fetched, scanned ones never."""
    where = database("c")
    fill(where, "c", *({"a": number % 2} for number in range(6)))
    where.collection("c").ensure_index({"type": "persistent", "fields": ["a"]})
    counts = ("documentLookups", "scannedIndex", "scannedFull")
    for text, *told in (
        ("FOR d IN c FILTER d.a == 1 RETURN d", 3, 3, 0),
        ("FOR d IN c FILTER d.a == 1 LIMIT 2 RETURN d", 2, 2, 0),
        ("FOR d IN c OPTIONS {disableIndex: true} FILTER d.a == 1 RETURN d", 0, 0, 6),
    ):
        stats = query(where, text).extra["stats"]
        assert [stats[count] for count in counts] == told, text


def _term(number: int, path: str, operator: str, _value: Any, turned: bool) -> str:
    other = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)
    if turned and operator != "IN":
        return f"@v{number} {other} {path}"
    return f"{path} {operator} @v{number}"
