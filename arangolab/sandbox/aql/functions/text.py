"""Texts: parts, patterns, JSON, hashes, encodings and addresses."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import itertools
import re
import urllib.parse
import uuid
from functools import partial
from typing import Any, Final

import orjson

from arangolab.sandbox.aql import patterns
from arangolab.sandbox.aql.functions.registry import Call, table, unpacked
from arangolab.sandbox.faults import check
from arangolab.sandbox.values import to_json, to_string

_END = 2**62
_SPACE = "\r\n \t"
_TRIMS = {1: str.lstrip, 2: str.rstrip}


def _texts(*values: Any) -> list[str]:
    """The values, or the elements of a single array, as texts; without nulls."""
    return [to_string(value) for value in unpacked(values) if value is not None]


def _repeat(t: str, count: int, separator: str = "") -> str:
    check(0 <= count * len(t + separator) <= 2**24, 1542)
    return separator.join([t] * count)


def _find(how: Any, t: str, search: str, start: int = 0, end: int = _END) -> int:
    return int(how(t, search, start, end + 1)) if search and start >= 0 else -1


def _split(t: str, separators: Any = None, limit: int | None = None) -> list[str]:
    if separators is None:
        return [t]
    marks = _texts(separators)
    parts = list(t) if "" in marks else re.split("|".join(map(re.escape, marks)), t)
    return list(itertools.islice(parts, limit))


def _substitute(t: str, search: Any, new: Any = None, limit: int | None = None) -> str:
    """Text with parts replaced, each place once; of two at one place the longer one."""
    if type(search) is dict:
        pairs, limit = search, limit if new is None else int(new)
    else:
        olds = _texts(search)
        news = new[: len(olds)] if type(new) is list else [new] * len(olds)
        pairs = dict(itertools.zip_longest(olds, news))
    longest = sorted(filter(None, pairs), key=len, reverse=True)
    if limit == 0 or not longest:
        return t
    pattern = "|".join(map(re.escape, longest))
    return re.sub(pattern, lambda m: to_string(pairs[m[0]]), t, count=max(limit or 0, 0))


def _replace(t: str, pattern: str, new: str, ignore_case: bool = False) -> str:
    template = re.sub(r"\$(\d)", r"\\g<\1>", new.replace("\\", "\\\\"))
    return str(patterns.apply("sub", pattern, ignore_case, template, t))


def _matches(t: str, pattern: str, ignore_case: bool = False) -> list[str] | None:
    match = patterns.apply("fullmatch", pattern, ignore_case, t)
    return None if match is None else [match[0], *match.groups("")]


def _pieces(t: str, pattern: str, ignore_case: bool = False, limit: int | None = None) -> list[str]:
    found = patterns.apply("split", pattern, ignore_case, t)
    return [piece for piece in found if piece is not None][:limit]


def _hash(name: str, t: str) -> str:
    return hashlib.new(name, t.encode(), usedforsecurity=False).hexdigest()


ROWS: Final[dict[str, Call]] = {
    "CHAR_LENGTH s": len,
    "CONCAT v v*": lambda *parts: "".join(_texts(*parts)),
    "CONCAT_SEPARATOR s v v*": lambda separator, *parts: separator.join(_texts(*parts)),
    "CONTAINS s s b?": lambda t, s, at=False: _find(str.find, t, s) if at else s != "" and s in t,
    "ENCODE_URI_COMPONENT s": lambda t: urllib.parse.quote(t, safe="-_.!~*'()"),
    "FIND_FIRST s s i? i?": partial(_find, str.find),
    "FIND_LAST s s i? i?": partial(_find, str.rfind),
    "JSON_PARSE v": orjson.loads,
    "JSON_STRINGIFY v": to_json,
    "LEFT s i": lambda t, count: t[: max(count, 0)],
    "LIKE s s b?": patterns.like,
    "LOWER s": str.lower,
    "LTRIM s s?": lambda t, characters=_SPACE: t.lstrip(characters),
    "REGEX_MATCHES s s b?": _matches,
    "REGEX_REPLACE s s s b?": _replace,
    "REGEX_SPLIT s s b? i?": _pieces,
    "REGEX_TEST s s b?": patterns.found,
    "REPEAT s i s?": _repeat,
    "RIGHT s i": lambda t, count: t[-count:] if count > 0 else "",
    "RTRIM s s?": lambda t, characters=_SPACE: t.rstrip(characters),
    "SPLIT s v? i?": _split,
    "STARTS_WITH s v i?": lambda t, v, least=1: sum(map(t.startswith, _texts(v))) >= least,
    "SUBSTITUTE s v v? i?": _substitute,
    "SUBSTRING s i i?": lambda t, start, length=_END: t[start:][: max(length, 0)],
    "SUBSTRING_BYTES s i i?": lambda t, i, length=_END: t.encode()[i:][:length].decode(),
    "TRIM s v?": lambda t, h=0: _TRIMS.get(h, str.strip)(t, h if type(h) is str else _SPACE),
    "UPPER s": str.upper,
    "IPV4_FROM_NUMBER v": lambda number: str(ipaddress.IPv4Address(int(number + 0))),
    "IPV4_TO_NUMBER v": lambda t: int(ipaddress.IPv4Address(t + "")),
    "IS_IPV4 v": lambda t: bool(ipaddress.IPv4Address(t + "")),
    **{f"{h} s": lambda t, h=h: _hash(h, t) for h in ("MD5", "SHA1", "SHA256", "SHA512")},
    "TO_BASE64 s": lambda t: base64.b64encode(t.encode()).decode(),
    "TO_HEX s": lambda t: t.encode().hex(),
    "UUID": lambda: str(uuid.uuid4()),
}
table("texts", ROWS)
