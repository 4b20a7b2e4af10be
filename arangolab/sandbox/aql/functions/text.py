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
from arangolab.sandbox.aql.functions.registry import table, text, unpacked, usable
from arangolab.sandbox.aql.operators import like_pattern, regex
from arangolab.sandbox.values import to_json, to_string

_END = 2**62
_SPACE = "\r\n \t"
_TRIMS = {1: str.lstrip, 2: str.rstrip}
_LETTERS = string.ascii_letters + string.digits
_SOUNDS = str.maketrans("AEIOUYBFPVCGJKQSXZDTLMNR", "000000111122222222334556")
_RANDOM = secrets.SystemRandom()


def _repeat(t: str, count: int, separator: str = "") -> str:
    if count < 0 or count * (len(t) + 1) > 2**24:
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
    return None if match is None else [match[0], *(group or "" for group in match.groups())]


def _levenshtein(a: str, b: str) -> int:
    """How many characters must be changed, added or removed."""
    if len(a) * len(b) > 10**6:
        raise BadArgument
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def _soundex(t: str) -> str:
    """The first letter, and how up to three more consonants sound."""
    letters = re.sub("(?!^)[HW]", "", re.sub("[^A-Z]", "", t.upper()))
    sounds = re.sub(r"(.)\1+", r"\1", letters.translate(_SOUNDS))
    return (letters[:1] + sounds[1:].replace("0", "") + "000")[:4] if letters else ""


def _crc32c(t: str) -> str:
    """CRC-32 with Castagnoli's polynomial, in hex."""
    crc = 0xFFFFFFFF
    for byte in t.encode():
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82F63B78 * (crc & 1)
    return f"{crc ^ 0xFFFFFFFF:X}"


def _fnv64(t: str) -> str:
    """FNV-1a of 64 bits, in hex."""
    found = 0xCBF29CE484222325
    for byte in t.encode():
        found = (found ^ byte) * 0x100000001B3 % 2**64
    return f"{found:X}"


def _address(number: Any) -> str:
    if type(number) not in (int, float):
        raise BadArgument
    return str(ipaddress.IPv4Address(int(number)))


def _hash(name: str) -> Callable[[str], str]:
    return lambda t: hashlib.new(name, t.encode(), usedforsecurity=False).hexdigest()


table("encodings", {f"{name}(s)": _hash(name) for name in ("MD5", "SHA1", "SHA256", "SHA512")})
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
        "JSON_PARSE(t)": orjson.loads,
        "JSON_STRINGIFY(v)": to_json,
        "LEFT(s, i)": lambda t, count: t[: max(count, 0)],
        "LEVENSHTEIN_DISTANCE(s, s)": _levenshtein,
        "LOWER(s)": str.lower,
        "LTRIM(s, s?)": lambda t, characters=_SPACE: t.lstrip(characters),
        "REPEAT(s, i, s?)": _repeat,
        "RIGHT(s, i)": lambda t, count: t[-count:] if count > 0 else "",
        "RTRIM(s, s?)": lambda t, characters=_SPACE: t.rstrip(characters),
        "SPLIT(s, v?, i?)": _split,
        "STARTS_WITH(s, v, i?)": lambda t, prefix, least=1: (
            sum(t.startswith(to_string(p)) for p in unpacked((prefix,))) >= least
        ),
        "SUBSTITUTE(s, v, v?, i?)": _substitute,
        "SOUNDEX(s)": _soundex,
        "SUBSTRING(s, i, i?)": lambda t, start, length=_END: t[start:][: max(length, 0)],
        "SUBSTRING_BYTES(s, i, i?)": lambda t, start, length=_END: t.encode()[start:][
            :length
        ].decode(),
        "TO_CHAR(i)": chr,
        "TRIM(s, v?)": lambda t, what=0: (
            t.strip(what) if type(what) is str else _TRIMS.get(what, str.strip)(t, _SPACE)
        ),
        "UPPER(s)": str.upper,
    },
)
table(
    "patterns",
    {
        "LIKE(s, s, b?)": lambda t, p, ignore_case=False: bool(
            like_pattern(p, ignore_case).fullmatch(t)
        ),
        "REGEX_MATCHES(s, s, b?)": _matches,
        "REGEX_REPLACE(s, s, s, b?)": _replace,
        "REGEX_SPLIT(s, s, b?, i?)": lambda t, pattern, ignore_case=False, limit=None: [
            part for part in regex(pattern, ignore_case).split(t) if part is not None
        ][:limit],
        "REGEX_TEST(s, s, b?)": lambda t, pattern, ignore_case=False: bool(
            regex(pattern, ignore_case).search(t)
        ),
    },
)
table(
    "encodings",
    {
        "CRC32(s)": _crc32c,
        "FNV64(s)": _fnv64,
        "IPV4_FROM_NUMBER(v)": _address,
        "IPV4_TO_NUMBER(t)": lambda t: int(ipaddress.IPv4Address(t)),
        "IS_IPV4(v)": usable(lambda t: ipaddress.IPv4Address(text(t))),
        "RANDOM_TOKEN(i)": lambda n: "".join(_RANDOM.choices(_LETTERS, k=min(n, 65_535))),
        "TO_BASE64(s)": lambda t: base64.b64encode(t.encode()).decode(),
        "TO_HEX(s)": lambda t: t.encode().hex(),
        "UUID()": lambda: str(uuid.uuid4()),
    },
)
