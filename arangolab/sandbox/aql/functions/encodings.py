"""Hashes, encodings, addresses and random identifiers."""

from __future__ import annotations

import base64
import hashlib
import secrets
import string
import urllib.parse
import uuid
import zlib
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.convert import to_string, whole
from arangolab.sandbox.aql.functions.registry import function, table


@function("IPV4_FROM_NUMBER")
def ipv4_from_number(value: Any) -> str:
    """Dotted address."""
    if type(value) not in (int, float) or not 0 <= value < 2**32:
        raise BadArgument
    return ".".join(str(int(value) >> shift & 255) for shift in (24, 16, 8, 0))


@function("IPV4_TO_NUMBER")
def ipv4_to_number(text: Any) -> int:
    """Number of a dotted address."""
    if not is_ipv4(text):
        raise BadArgument
    a, b, c, d = (int(part) for part in text.split("."))
    return (a << 24) + (b << 16) + (c << 8) + d


@function("IS_IPV4")
def is_ipv4(text: Any) -> bool:
    """Whether it is a dotted address."""
    if type(text) is not str:
        return False
    parts = text.split(".")
    return len(parts) == 4 and all(
        part.isascii() and part.isdigit() and len(part) < 4 and int(part) < 256
        and (part == "0" or part[0] != "0")
        for part in parts
    )  # fmt: skip


@function("MD5")
def md5(text: Any) -> str:
    """MD5 in hex."""
    return hashlib.md5(to_string(text).encode(), usedforsecurity=False).hexdigest()


@function("SHA1")
def sha1(text: Any) -> str:
    """SHA-1 in hex."""
    return hashlib.sha1(to_string(text).encode(), usedforsecurity=False).hexdigest()


@function("TO_CHAR")
def to_char(codepoint: Any) -> str:
    """The character with this number."""
    number = whole(codepoint)
    if not 0 <= number < 0x110000:
        raise BadArgument
    return chr(number)


@function("RANDOM_TOKEN")
def random_token(length: Any) -> str:
    """Random letters and digits."""
    count = whole(length)
    if not 0 <= count <= 65_535:
        raise BadArgument
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(count))


table(
    {
        "ENCODE_URI_COMPONENT": lambda text: urllib.parse.quote(to_string(text), safe="-_.!~*'()"),
        "SHA256": lambda text: hashlib.sha256(to_string(text).encode()).hexdigest(),
        "SHA512": lambda text: hashlib.sha512(to_string(text).encode()).hexdigest(),
        "CRC32": lambda text: f"{zlib.crc32(to_string(text).encode()):x}",
        "TO_BASE64": lambda text: base64.b64encode(to_string(text).encode()).decode(),
        "TO_HEX": lambda text: to_string(text).encode().hex(),
        "UUID": lambda: str(uuid.uuid4()),
    }
)
