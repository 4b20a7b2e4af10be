"""Texts: parts, patterns, JSON, hashes, encodings and addresses."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import secrets
import string
import urllib.parse
import uuid
from collections.abc import Callable
from typing import Any

import orjson

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.registry import table, unpacked
from arangolab.sandbox.aql.operators import like_pattern, regex
from arangolab.sandbox.values import to_json, to_string

_END = 2**62
_SPACE = "\r\n \t"
_TRIMS = {1: str.lstrip, 2: str.rstrip}
_LETTERS = string.ascii_letters + string.digits


def _repeat(t: str, count: int, separator: str = "") -> str:
    if count < 0 or count * (len(t) + len(separator)) > 2**24:
        raise BadArgument
    return separator.join([t] * count)


def _split(t: str, separators: Any = None, limit: int | None = None) -> list[str]:
    if separators is None:
        return [t]
    marks = [to_string(mark) for mark in unpacked((separators,))]
    pattern = "|".join(map(re.escape, marks))
    return (list(t) if "" in marks else re.split(pattern, t))[:limit]


def _substitute(t: str, search: Any, new: Any = None, limit: int | None = None) -> str:
    """Text with parts replaced, each place once; of two at one place the longer one."""
    if type(search) is dict:
        pairs, limit = search, limit if new is None else int(new)
    else:
        olds = unpacked((search,))
        news = [*new, *[None] * len(olds)] if type(new) is list else [new] * len(olds)
        pairs = dict(zip(map(to_string, olds), news, strict=False))
    longest = sorted(filter(None, pairs), key=len, reverse=True)
    if limit == 0 or not longest:
        return t
    pattern = "|".join(map(re.escape, longest))
    return re.sub(pattern, lambda m: to_string(pairs[m[0]]), t, count=max(limit or 0, 0))


def _replace(t: str, pattern: str, new: str, ignore_case: bool = False) -> str:
    template = re.sub(r"\$(\d)", r"\\g<\1>", new.replace("\\", "\\\\"))
    return regex(pattern, ignore_case).sub(template, t)


def _matches(t: str, pattern: str, ignore_case: bool = False) -> list[str] | None:
    match = regex(pattern, ignore_case).fullmatch(t)
    return None if match is None else [match[0], *match.groups("")]


def _hash(name: str) -> Callable[[str], str]:
    return lambda t: hashlib.new(name, t.encode(), usedforsecurity=False).hexdigest()


table(
    "strings",
    {
        "CHAR_LENGTH(s)": len,
        "CONCAT(v, v*)": lambda *parts: "".join(map(to_string, unpacked(parts))),
        "CONCAT_SEPARATOR(s, v, v*)": lambda separator, *parts: separator.join(
            to_string(part) for part in unpacked(parts) if part is not None
        ),
        "CONTAINS(s, s, b?)": lambda t, s, where=False: t.find(s) if where else s in t,
        "ENCODE_URI_COMPONENT(s)": lambda t: urllib.parse.quote(t, safe="-_.!~*'()"),
        "FIND_FIRST(s, s, i?, i?)": lambda t, s, start=0, end=_END: t.find(s, start, end + 1),
        "FIND_LAST(s, s, i?, i?)": lambda t, s, start=0, end=_END: t.rfind(s, start, end + 1),
        "JSON_PARSE(v)": orjson.loads,
        "JSON_STRINGIFY(v)": to_json,
        "LEFT(s, i)": lambda t, count: t[: max(count, 0)],
        "LIKE(s, s, b?)": lambda t, p, ignore_case=False: bool(
            like_pattern(p, ignore_case).fullmatch(t)
        ),
        "LOWER(s)": str.lower,
        "LTRIM(s, s?)": lambda t, characters=_SPACE: t.lstrip(characters),
        "REGEX_MATCHES(s, s, b?)": _matches,
        "REGEX_REPLACE(s, s, s, b?)": _replace,
        "REGEX_SPLIT(s, s, b?, i?)": lambda t, pattern, ignore_case=False, limit=None: [
            part for part in regex(pattern, ignore_case).split(t) if part is not None
        ][:limit],
        "REGEX_TEST(s, s, b?)": lambda t, pattern, ignore_case=False: bool(
            regex(pattern, ignore_case).search(t)
        ),
        "REPEAT(s, i, s?)": _repeat,
        "RIGHT(s, i)": lambda t, count: t[-count:] if count > 0 else "",
        "RTRIM(s, s?)": lambda t, characters=_SPACE: t.rstrip(characters),
        "SPLIT(s, v?, i?)": _split,
        "STARTS_WITH(s, v, i?)": lambda t, prefix, least=1: (
            sum(t.startswith(to_string(p)) for p in unpacked((prefix,))) >= least
        ),
        "SUBSTITUTE(s, v, v?, i?)": _substitute,
        "SUBSTRING(s, i, i?)": lambda t, start, length=_END: t[start:][: max(length, 0)],
        "SUBSTRING_BYTES(s, i, i?)": lambda t, start, length=_END: t.encode()[start:][
            :length
        ].decode(),
        "TRIM(s, v?)": lambda t, what=0: (
            t.strip(what) if type(what) is str else _TRIMS.get(what, str.strip)(t, _SPACE)
        ),
        "UPPER(s)": str.upper,
    },
)
table("encodings", {f"{name}(s)": _hash(name) for name in ("MD5", "SHA1", "SHA256", "SHA512")})
table(
    "encodings",
    {
        "IPV4_FROM_NUMBER(v)": lambda number: str(ipaddress.IPv4Address(int(number + 0))),
        "IPV4_TO_NUMBER(v)": lambda t: int(ipaddress.IPv4Address(t + "")),
        "RANDOM_TOKEN(i)": lambda n: "".join(secrets.choice(_LETTERS) for _ in range(n % 2**16)),
        "TO_BASE64(s)": lambda t: base64.b64encode(t.encode()).decode(),
        "TO_HEX(s)": lambda t: t.encode().hex(),
        "UUID()": lambda: str(uuid.uuid4()),
    },
)
table("encodings", {"IS_IPV4(v)": lambda t: bool(ipaddress.IPv4Address(t + ""))}, False)
