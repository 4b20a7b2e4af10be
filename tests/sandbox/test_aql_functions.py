"""AQL's functions, each as call -> value; every function in the table has at least one row."""

# ruff: noqa: E501 - a table's row stays on one line

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from typing import Any

import pytest

from arangolab.sandbox.aql import patterns
from arangolab.sandbox.aql.functions import FUNCTIONS, dates
from arangolab.sandbox.faults import ArangoError
from tests.sandbox.world import database, fill, query, refused, rows

CALLS: list[tuple[str, Any]] = [
    # types
    ("TO_BOOL('')", False),
    ("JSON_PARSE('NaN')", None),
    ("TO_NUMBER('0x')", 0),
    ("TO_NUMBER('2.50')", 2.5),
    ("TO_STRING([1, {a: 'x'}, null])", '[1,{"a":"x"},null]'),
    ("TO_STRING(2.0)", "2"),
    ("TO_ARRAY({a: 1})", [1]),
    ("IS_NULL(null)", True),
    ("IS_BOOL(0)", False),
    ("IS_NUMBER(1.5)", True),
    ("IS_STRING('')", True),
    ("IS_ARRAY([])", True),
    ("IS_OBJECT({})", True),
    ("[IS_DATESTRING('2020-02-30'), IS_DATESTRING('2020-13-01'), IS_DATESTRING(0)]", [True, False, False]),
    ("TYPENAME(1..2)", "array"),
    # strings
    ("CHAR_LENGTH('äö')", 2),
    ("CONCAT('a', null, 1, [2])", "a1[2]"),
    ("CONCAT(['a', 'b'])", "ab"),
    ("CONCAT_SEPARATOR('-', 'a', null, 'b')", "a-b"),
    ("CONTAINS('abc', 'c', true)", 2),
    ("FIND_FIRST('abab', 'b', 2)", 3),
    ("FIND_LAST('abab', 'a')", 2),
    ("[FIND_FIRST('aa', 'a', -1), FIND_FIRST('a', ''), CONTAINS('a', ''), CONTAINS('a', '', true)]", [-1, -1, False, -1]),
    ("SPLIT('a-b', '-', -1)", None),
    ("LEFT('abc', 2)", "ab"),
    ("RIGHT('abc', 2)", "bc"),
    ("RIGHT('abc', 0)", ""),
    ("SUBSTRING('abcd', -3, 2)", "bc"),
    ("LOWER('ÄB')", "äb"),
    ("UPPER('äb')", "ÄB"),
    ("TRIM(' a ', 1)", "a "),
    ("LTRIM('xxa', 'x')", "a"),
    ("RTRIM('axx', 'x')", "a"),
    ("REPEAT('a', 3, '-')", "a-a-a"),
    ("REVERSE('abc')", "cba"),
    ("SPLIT('a-b-c', '-', 2)", ["a", "b"]),
    ("SPLIT('abc', '')", ["a", "b", "c"]),
    ("STARTS_WITH('abc', ['x', 'ab'])", True),
    ("SUBSTITUTE('a b a', 'a', 'x', 1)", "x b a"),
    ("SUBSTITUTE('ab', {a: 'b', b: 'a'})", "ba"),
    ("ENCODE_URI_COMPONENT('a b/c')", "a%20b%2Fc"),
    ("JSON_STRINGIFY({a: [1, 'x']})", '{"a":[1,"x"]}'),
    ("JSON_PARSE('{\"a\": 1}')", {"a": 1}),
    ("IPV4_FROM_NUMBER(1)", "0.0.0.1"),
    ("IPV4_TO_NUMBER('0.0.1.0')", 256),
    ("IS_IPV4('1.2.3.04')", False),
    ("MD5('a')", "0cc175b9c0f1b6a831c399e269772661"),
    ("SHA1('a')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    ("LENGTH(SHA256('a'))", 64),
    ("LENGTH(SHA512('a'))", 128),
    ("TO_BASE64('ABC.')", "QUJDLg=="),
    ("TO_HEX('a')", "61"),
    ("SUBSTRING_BYTES('aäb', 1, 2)", "ä"),
    ("SUBSTRING_BYTES('aäb', 2)", None),
    ("LENGTH(UUID())", 36),
    ("LIKE('aXc', 'a_C', true)", True),
    ("LIKE('a%', 'a\\\\%')", True),
    ("LIKE('a*b\\n[x]?', 'a*_%[x]?')", True),
    ("LIKE('abx', 'a%b')", False),
    ("REPEAT('a', 30000) LIKE REPEAT('%a', 30, '%b')", False),
    ("REGEX_TEST('foobar', '^F', true)", True),
    ("REGEX_MATCHES('2020-05', '(\\\\d+)-(\\\\d+)')", ["2020-05", "2020", "05"]),
    ("REGEX_REPLACE('a1b2', '\\\\d', '#')", "a#b#"),
    ("REGEX_SPLIT('a1b2c', '\\\\d')", ["a", "b", "c"]),
    # numbers
    ("ABS(-5)", 5),
    ("CEIL(1.2)", 2),
    ("FLOOR(-1.2)", -2),
    ("[FLOOR(1e300) == 1e300, PRODUCT(1..50) > 1e64, LENGTH(TO_STRING(FLOOR(1e300)))]", [True, True, 6]),
    ("EXP2(3)", 8),
    ("VARIANCE_POPULATION([1, 3]) + STDDEV_POPULATION([1, 3])", 2),
    ("RANGE(1.5, 3.5)", [1, 2, 3]),
    ("ROUND(2.5)", 3),
    ("ROUND(-2.5)", -2),
    ("SQRT(9)", 3),
    ("SQRT(-1)", None),
    ("POW(2, 10)", 1024),
    ("POW(0, -1)", None),
    ("EXP(0)", 1),
    ("LOG(1)", 0),
    ("LOG2(8)", 3),
    ("LOG10(1000)", 3),
    ("LOG(0)", None),
    ("SIN(0) + COS(0) + TAN(0) + ASIN(0) + ATAN(0) + ATAN2(0, 1)", 1),
    ("ROUND(ACOS(-1) * 1000)", 3142),
    ("ROUND(DEGREES(PI()))", 180),
    ("RADIANS(180) == PI()", True),
    ("RAND() < 1", True),
    ("MIN([3, null, 1])", 1),
    ("MAX(['a', 3])", "a"),
    ("MAX([])", None),
    ("SUM([1, null, 2.5])", 3.5),
    ("PRODUCT([2, 3])", 6),
    ("AVERAGE([1, 2])", 1.5),
    ("AVG([])", None),
    ("MEDIAN([4, 1, 2, 3])", 2.5),
    ("VARIANCE([1, 3, 6, 5, 2])", 3.44),
    ("VARIANCE_SAMPLE([1, 2, 3])", 1),
    ("STDDEV([1, 1])", 0),
    ("STDDEV_SAMPLE([1, 3, 2])", 1),
    # arrays
    ("LENGTH({a: 1, b: 2})", 2),
    ("COUNT([1, 2])", 2),
    ("LENGTH(null)", 0),
    ("COUNT_DISTINCT([1, 1.0, '1'])", 2),
    ("COUNT_UNIQUE([1, 1.0, '1'])", 2),
    ("RANGE(1, 2, 0.5)", [1, 1.5, 2]),
    ("RANGE(3, 1)", [3, 2, 1]),
    ("RANGE(1, 3, -1)", []),
    ("FIRST([7, 8])", 7),
    ("LAST([7, 8])", 8),
    ("NTH([7, 8], 1)", 8),
    ("APPEND([1], [1, 2], true)", [1, 2]),
    ("APPEND(null, [1])", [1]),
    ("PUSH([1], 1)", [1, 1]),
    ("PUSH([1], 1, true)", [1]),
    ("UNSHIFT([1], 0)", [0, 1]),
    ("POP([1, 2])", [1]),
    ("SHIFT([1, 2])", [2]),
    ("SLICE([1, 2, 3, 4], 1, 2)", [2, 3]),
    ("SLICE([1, 2, 3, 4], -2)", [3, 4]),
    ("REVERSE([1, 2])", [2, 1]),
    ("SORTED([3, 'a', null, 1])", [None, 1, 3, "a"]),
    ("SORTED_UNIQUE([2, 1, 2])", [1, 2]),
    ("UNIQUE([2, 1, 2, true, 1.0])", [2, 1, True]),
    ("UNION([1], [1], [2])", [1, 1, 2]),
    ("UNION_DISTINCT([1, 2], [2, 3])", [3, 2, 1]),
    ("SORTED(INTERSECTION([1, 2], [2, 3]))", [2]),
    ("SORTED(MINUS([1, 2, 3], [2]))", [1, 3]),
    ("OUTERSECTION([1, 2], [2, 3])", [3, 1]),
    ("FLATTEN([1, [2, [3]]])", [1, 2, [3]]),
    ("INTERLEAVE([1, 2], [3])", [1, 3, 2]),
    ("POSITION([1, 2], 2)", True),
    ("REMOVE_NTH([1, 2, 3], -1)", [1, 2]),
    ("REMOVE_VALUE([1, 2, 1], 1)", [2]),
    ("REMOVE_VALUES([1, 2, 3], [1, 3])", [2]),
    ("IN_RANGE(3, 1, 3, true, false)", False),
    ("JACCARD([1, 2, 2], [2, 3])", 0.3333333333333333),
    ("[JACCARD([], []), JACCARD([1], [])]", [1, 0]),
    ("CONTAINS_ARRAY([1], 1)", True),
    ("APPEND([1], null)", [1]),
    ("REMOVE_VALUE([1, 2, 1, 1], 1, 2)", [2, 1]),
    ("REPLACE_NTH([1, 2], 1, 9)", [1, 9]),
    ("REPLACE_NTH([1, 2], -5, 9)", [9, 2]),
    ("REPLACE_NTH([1, 2], 4, 9, 0)", [1, 2, 0, 0, 9]),
    ("REPLACE_NTH([1, 2], 4, 9)", None),
    ("NOT_NULL(null, 2)", 2),
    # objects
    ("ATTRIBUTES({b: 1, a: 2, _key: 'x'}, true, true)", ["a", "b"]),
    ("KEYS({a: 1})", ["a"]),
    ("VALUES({a: 1, _key: 'x'}, true)", [1]),
    ("ENTRIES({a: 1})", [["a", 1]]),
    ("HAS({a: null}, 'a')", True),
    ("KEEP({a: 1, b: 2, c: 3}, 'a', ['x', 'b'])", {"a": 1, "b": 2}),
    ("[MATCHES({a: 1}, {a: 1, b: null}), MATCHES({a: 1}, [{a: 2}])]", [True, False]),
    ("[MATCHES({a: 1}, [{a: 2}, {}], true), MATCHES({a: 1}, [{a: 2}], true)]", [1, -1]),
    ("VALUE({a: [{b: 1}]}, ['a', 0, 'b'])", 1),
    ("VALUE({a: 1}, ['a', 'b'])", None),
    ("UNSET({a: 1, b: 2}, ['a'])", {"b": 2}),
    ("UNSET_RECURSIVE({a: {b: 1, c: 2}}, 'b')", {"a": {"c": 2}}),
    ("KEEP_RECURSIVE({a: {a: 1, b: 2}}, 'a')", {"a": {"a": 1}}),
    ("MERGE({a: {x: 1}}, {a: {y: 2}})", {"a": {"y": 2}}),
    ("MERGE_RECURSIVE({a: {x: 1}}, {a: {y: 2}})", {"a": {"x": 1, "y": 2}}),
    ("TRANSLATE('x', {x: 1})", 1),
    ("ZIP(['a', 'b'], [1, 2])", {"a": 1, "b": 2}),
    ("PARSE_IDENTIFIER('c/k')", {"collection": "c", "key": "k"}),
    ("PARSE_COLLECTION('c/k')", "c"),
    ("PARSE_KEY({_id: 'c/k'})", "k"),
    ("IS_SAME_COLLECTION('c', 'c/k')", True),
    # the database
    ("DOCUMENT('c/k').n", 5),
    ("DOCUMENT('c/x')", None),
    ("[DOCUMENT('d', 'c/k'), DOCUMENT(c, 'c/k').n, DOCUMENT(c, ['k', 'x'])[*].n]", [None, 5, [5]]),
    ("DOCUMENT(['c/k', 'c/x'])[*]._key", ["k"]),
    ("COLLECTION_COUNT('c')", 1),
    ("COLLECTION_COUNT(c)", 1),
    ("CURRENT_DATABASE()", "test"),
    ("VERSION() LIKE '3.12%'", True),
    ("SLEEP(0)", None),
    # dates
    ("DATE_NOW() > DATE_TIMESTAMP('2020-01-01')", True),
    ("DATE_TIMESTAMP('1970-01-01T00:00:01+01:00')", -3599000),
    ("DATE_TIMESTAMP(1970, 1, 1, 0, 0, 1, 5)", 1005),
    ("DATE_ISO8601(0)", "1970-01-01T00:00:00.000Z"),
    ("DATE_ISO8601('2020-2-3 04:05')", "2020-02-03T04:05:00.000Z"),
    ("DATE_ISO8601('2015-02-31T10:00:00.5+01:00')", "2015-03-03T09:00:00.500Z"),
    ("[DATE_ISO8601(2016, 14, 32, 26), DATE_ISO8601(2016, 12, -1)]", ["2017-03-05T02:00:00.000Z", None]),
    ("DATE_TIMESTAMP('2014-05-07Z')", 1399420800000),
    ("DATE_YEAR(0)", 1970),
    ("DATE_YEAR('2019-12-31T23:30:00Z', 'Europe/Berlin')", 2020),
    ("DATE_UTCTOLOCAL('2020-07-01T00:00:00Z', 'America/New_York')", "2020-06-30T20:00:00.000"),
    ("DATE_UTCTOLOCAL('2020-01-01', 'Europe/London')", "2020-01-01T00:00:00.000Z"),
    ("DATE_LOCALTOUTC('2020-07-01', 'Europe/Berlin')", "2020-06-30T22:00:00.000Z"),
    ("DATE_COMPARE('1985-04-04', '2015-04-04T08:00', 'months', 'days')", True),
    ("DATE_COMPARE('1985-04-04', '2015-05-04', 'm')", False),
    ("DATE_ROUND('2000-04-10T11:39:29Z', 15, 'minutes')", "2000-04-10T11:30:00.000Z"),
    ("DATE_ROUND('2000-04-10T11:39:29Z', 1, 'day', 'Asia/Tokyo')", "2000-04-09T15:00:00.000Z"),
    ("DATE_ADD('2023-03-25T23:00:00Z', 1, 'day', 'Europe/Berlin')", "2023-03-26T22:00:00.000Z"),
    ("DATE_ADD('2020-01-31', 1, 'm')", "2020-03-02T00:00:00.000Z"),
    ("DATE_DIFF('2023-03-25T23:00Z', '2023-03-26T23:00Z', 'h', 'Europe/Berlin')", 25),
    ("DATE_DIFF(0, 0, 'h', true, 'Asia/Kolkata', 'UTC')", -5.5),
    ("DATE_DIFF('2020-01-01', '2020-01-02T12:00', 'd')", 2),
    ("DATE_MONTH('2020-08-29')", 8),
    ("DATE_DAY('2020-08-29')", 29),
    ("DATE_HOUR('2020-08-29T12:34:56.789')", 12),
    ("DATE_MINUTE('2020-08-29T12:34:56.789')", 34),
    ("DATE_SECOND('2020-08-29T12:34:56.789')", 56),
    ("DATE_MILLISECOND('2020-08-29T12:34:56.789')", 789),
    ("DATE_DAYOFWEEK('2026-11-22')", 0),
    ("DATE_DAYOFYEAR('2020-12-31')", 366),
    ("DATE_ISOWEEK('2021-01-01')", 53),
    ("DATE_ISOWEEKYEAR('2021-01-01').year", 2020),
    ("DATE_LEAPYEAR('1900-01-01')", False),
    ("DATE_QUARTER('2020-08-29')", 3),
    ("DATE_DAYS_IN_MONTH('2023-02-01')", 28),
    ("DATE_ADD('2020-01-01', 1, 'month')", "2020-02-01T00:00:00.000Z"),
    ("DATE_SUBTRACT('2020-01-01', 1, 'y')", "2019-01-01T00:00:00.000Z"),
    ("DATE_DIFF('2020-01-01', '2020-01-02T12:00', 'd', true)", 1.5),
    ("DATE_TRUNC('2020-08-29T12:34:56', 'month')", "2020-08-01T00:00:00.000Z"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), CALLS)
def test_functions(text: str, value: Any) -> None:
    """A call has the value that ArangoDB gives it."""
    where = database("c")
    fill(where, "c", {"_key": "k", "n": 5})
    result = query(where, f"RETURN {text}")
    assert result.rows[0] == (pytest.approx(value) if type(value) is float else value)
    assert type(result.rows[0]) is type(value)


def test_every_function_has_a_row() -> None:
    """A function without a test is not offered."""
    called = set(re.findall(r"[A-Z][A-Z0-9_]+(?=\()", " ".join(text for text, _ in CALLS)))
    assert FUNCTIONS.keys() - called <= {"FAIL"}


@pytest.mark.parametrize(
    ("call", "warnings"),
    [("SQRT(-1)", []), ("POW(0, -1)", []), ("SUM('a')", [1563]), ("SUM(['a'])", [1542]),
     ("DATE_YEAR('x')", [1572]), ("DATE_TRUNC(0, 'week')", [1572]), ("KEEP(1, 'a')", [1542]), ("RANGE(1, 2, 0)", [1542]), ("REGEX_TEST('a', '(')", [1543]),
     ("REGEX_TEST('a', REPEAT('a', 10001))", [1543])],
)  # fmt: skip
def test_null_with_a_warning(call: str, warnings: list[int]) -> None:
    """What cannot be used gives null and a warning; what is not defined gives null alone."""
    result = query(database(), f"RETURN {call}")
    assert result.rows == [None]
    assert [warning["code"] for warning in result.extra["warnings"]] == warnings


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("SOUNDEX('a')", 1540),
        ("GEO_DISTANCE([1, 2], [3, 4])", 1540),
        ("MINHASH([1], 5)", 1540),
        ("RANDOM_TOKEN(8)", 1540),
        ("DATE_FORMAT(0, '%yyyy')", 1540),
        ("NGRAM_SIMILARITY('a', 'b', 1)", 1540),
        ("DATE_ADD(0, 'P1D')", 1541),
    ],
)
def test_what_is_not_offered_is_refused_by_name(call: str, number: int) -> None:
    """A function, or an argument, that is not offered: an error names it."""
    with refused(number, re.escape(call.partition("(")[0])):
        rows(database(), f"RETURN {call}")


def test_utc_needs_no_zone_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates in UTC are told on a host without a database of time zones."""

    def none(name: str) -> None:
        raise LookupError(name)

    monkeypatch.setattr(dates, "ZoneInfo", none)
    assert rows(database(), "RETURN DATE_ISO8601(0)") == ["1970-01-01T00:00:00.000Z"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "", "../UTC", "utc"])
def test_an_unknown_time_zone_is_an_error(zone: str) -> None:
    """It is named; nothing is taken for UTC."""
    with refused(10, f"'{re.escape(zone)}' is no known time zone"):
        rows(database(), "RETURN DATE_YEAR(0, @zone)", zone=zone)


@pytest.mark.parametrize(
    "call",
    [
        "REGEX_TEST(@given, '(a|aa)+$')",
        "@given =~ '(a|aa)+$'",
        "REGEX_REPLACE(@given, '(a|aa)+$', 'x')",
        "REGEX_SPLIT(@given, '(a|aa)+$')",
    ],
)
def test_a_pattern_that_never_ends_is_stopped(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends its own query with an error, and others go on meanwhile."""
    monkeypatch.setattr(patterns, "_LIMIT_S", 0.1)
    asked = threading.Thread(target=lambda: refusals.append(refusal(call)))
    refusals: list[ArangoError] = []
    asked.start()
    turns = 0
    while asked.is_alive():
        turns += 1
        time.sleep(0.001)
    assert [error.error_num for error in refusals] == [1500]
    assert "a pattern took more than 0.1 s" in refusals[0].message
    assert turns > 5


def refusal(call: str) -> ArangoError:
    """The error of a call on a long text."""
    with pytest.raises(ArangoError) as caught:
        rows(database(), f"RETURN {call}", given="a" * 3000 + "!")
    return caught.value


ODD: list[Any] = [
    None, True, -1, 3, 2.5, 1e300, -1e300, 10**18, "", "abc", "c/k", "2020-01-01", "%", "(", "day",
    "P1Y", [], [1, 2], ["a", None, [1]], [{"a": 1}], {}, {"a": 1}, {"_id": "c/k", "_key": "k"},
]  # fmt: skip


def test_no_argument_crashes_a_function() -> None:
    """Whatever a function is given, it gives a value, a warning or an ArangoError."""
    where = database("c")
    choice = random.Random(7)  # noqa: S311
    for name, function in FUNCTIONS.items():
        for count in range(function.least, min(function.most, 4) + 1):
            binds = [f"p{i}" for i in range(count)]
            text = f"RETURN {name}({', '.join('@' + bind for bind in binds)})"
            for _ in range(0 if name == "SLEEP" else 25):
                with contextlib.suppress(ArangoError):
                    rows(where, text, **{bind: choice.choice(ODD) for bind in binds})


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        ("COUNT(1)", 3),
        ("MIN(x)", 1),
        ("MAX(x)", 3),
        ("SUM(x)", 6),
        ("AVERAGE(x)", 2),
        ("UNIQUE(x % 2)", [1, 0]),
        ("SORTED_UNIQUE(x % 2)", [0, 1]),
        ("PUSH(x)", [1, 2, 3]),
        ("COUNT_DISTINCT(x % 2)", 2),
        ("VARIANCE_SAMPLE(x)", 1),
        ("STDDEV_SAMPLE(x)", 1),
    ],
)
def test_aggregates(aggregate: str, value: Any) -> None:
    """COLLECT AGGREGATE reduces each group."""
    text = f"FOR x IN 1..3 COLLECT AGGREGATE v = {aggregate} RETURN v"
    assert rows(database(), text) == [value]
