"""String functions."""

from __future__ import annotations

import json
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.convert import to_json, to_string, whole
from arangolab.sandbox.aql.functions.registry import function, table

_SPACE = " \t\n\v\f\r"


@function("CONCAT", least=1)
def concat(*parts: Any) -> str:
    """All parts one after the other; a single array gives its elements."""
    if len(parts) == 1 and type(parts[0]) is list:
        parts = tuple(parts[0])
    return "".join([to_string(part) for part in parts])


@function("CONCAT_SEPARATOR", least=2)
def concat_separator(separator: Any, *parts: Any) -> str:
    """Parts that are not null, with a separator between them."""
    if len(parts) == 1 and type(parts[0]) is list:
        parts = tuple(parts[0])
    return to_string(separator).join(to_string(part) for part in parts if part is not None)


@function("CONTAINS")
def contains(text: Any, search: Any, position: Any = False) -> Any:
    """Whether, or where, text has search in it."""
    found = to_string(text).find(to_string(search))
    return found if position else found >= 0


@function("FIND_FIRST")
def find_first(text: Any, search: Any, start: Any = 0, end: Any = None) -> int:
    """First position of search between start and end (included), -1 if none."""
    stop = None if end is None else whole(end) + 1
    return to_string(text).find(to_string(search), whole(start), stop)


@function("FIND_LAST")
def find_last(text: Any, search: Any, start: Any = 0, end: Any = None) -> int:
    """Last position of search between start and end (included), -1 if none."""
    stop = None if end is None else whole(end) + 1
    return to_string(text).rfind(to_string(search), whole(start), stop)


@function("RIGHT")
def right(text: Any, count: Any) -> str:
    """The last characters."""
    whole_text = to_string(text)
    return whole_text[max(len(whole_text) - max(whole(count), 0), 0) :]


@function("SUBSTRING")
def substring(text: Any, offset: Any, length: Any = None) -> str:
    """A part; a negative offset counts from the end."""
    whole_text, start = to_string(text), whole(offset)
    start = max(len(whole_text) + start, 0) if start < 0 else start
    end = None if length is None else start + max(whole(length), 0)
    return whole_text[start:end]


@function("TRIM")
def trim(text: Any, characters: Any = _SPACE) -> str:
    """Without these characters at both ends (0), the start (1) or the end (2)."""
    if type(characters) is int:
        whole_text = to_string(text)
        left = whole_text.lstrip(_SPACE) if characters != 2 else whole_text
        return left.rstrip(_SPACE) if characters != 1 else left
    return to_string(text).strip(to_string(characters))


@function("REPEAT")
def repeat(text: Any, count: Any, separator: Any = "") -> str:
    """Several times the same."""
    times = whole(count)
    if times < 0 or times * (len(to_string(text)) + 1) > 2**24:
        raise BadArgument
    return to_string(separator).join([to_string(text)] * times)


@function("SPLIT")
def split(text: Any, separators: Any = None, limit: Any = None) -> list[str]:
    """Parts between separators."""
    rest = to_string(text)
    if separators is None:
        return [rest]
    several = separators if type(separators) is list else [separators]
    marks = [to_string(mark) for mark in several]
    if "" in marks:
        parts = list(rest)
    else:
        for mark in marks[1:]:
            rest = rest.replace(mark, marks[0])
        parts = rest.split(marks[0]) if marks else [rest]
    return parts if limit is None else parts[: whole(limit)]


@function("STARTS_WITH")
def starts_with(text: Any, prefix: Any, least: Any = 1) -> bool:
    """Whether text begins with the prefix, or with ``least`` of several."""
    if type(prefix) is list:
        return sum(to_string(text).startswith(to_string(p)) for p in prefix) >= whole(least)
    return to_string(text).startswith(to_string(prefix))


@function("SUBSTITUTE")
def substitute(text: Any, search: Any, new: Any = "", limit: Any = None) -> str:
    """Text with parts replaced, each place once."""
    if type(search) is dict:
        limit = new if new != "" else None
        pairs = [(to_string(old), to_string(to)) for old, to in search.items()]
    elif type(search) is list:
        many = new if type(new) is list else [new] * len(search)
        pairs = [
            (to_string(old), to_string(many[i]) if i < len(many) else "")
            for i, old in enumerate(search)
        ]
    else:
        pairs = [(to_string(search), to_string(new))]
    return _replaced(to_string(text), pairs, -1 if limit is None else whole(limit))


def _replaced(text: str, pairs: list[tuple[str, str]], limit: int) -> str:
    found: list[str] = []
    at = 0
    while limit:
        places = [(text.find(old, at), -len(old), old, to) for old, to in pairs if old]
        places = [place for place in places if place[0] >= 0]
        if not places:
            break
        position, _, old, to = min(places)
        found += [text[at:position], to]
        at = position + len(old)
        limit -= 1
    return "".join([*found, text[at:]])


def _no_constant(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity are no JSON


@function("JSON_PARSE")
def json_parse(text: Any) -> Any:
    """From JSON; null if it is none."""
    if type(text) is not str:
        raise BadArgument
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadArgument from None


@function("LEVENSHTEIN_DISTANCE")
def levenshtein_distance(first: Any, second: Any) -> int:
    """How many characters must be changed, added or removed."""
    a, b = to_string(first), to_string(second)
    if len(a) * len(b) > 10**6:
        raise BadArgument
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


table(
    {
        "CHAR_LENGTH": lambda text: len(to_string(text)),
        "LEFT": lambda text, count: to_string(text)[: max(whole(count), 0)],
        "LOWER": lambda text: to_string(text).lower(),
        "UPPER": lambda text: to_string(text).upper(),
        "LTRIM": lambda text, characters=_SPACE: to_string(text).lstrip(to_string(characters)),
        "RTRIM": lambda text, characters=_SPACE: to_string(text).rstrip(to_string(characters)),
        "JSON_STRINGIFY": to_json,
    }
)
