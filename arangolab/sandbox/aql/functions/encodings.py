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
from arangolab.sandbox.aql.functions.registry import function


@function("ENCODE_URI_COMPONENT", 1)
def encode_uri_component(text: Any) -> str:
    """Escaped for a URL."""
    return urllib.parse.quote(to_string(text), safe="-_.!~*'()")


@function("IPV4_FROM_NUMBER", 1)
def ipv4_from_number(value: Any) -> str:
    """Dotted address."""
    if type(value) not in (int, float) or not 0 <= value < 2**32:
        raise BadArgument
    return ".".join(str(int(value) >> shift & 255) for shift in (24, 16, 8, 0))


@function("IPV4_TO_NUMBER", 1)
def ipv4_to_number(text: Any) -> int:
    """Number of a dotted address."""
    if not is_ipv4(text):
        raise BadArgument
    a, b, c, d = (int(part) for part in text.split("."))
    return (a << 24) + (b << 16) + (c << 8) + d


@function("IS_IPV4", 1)
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


@function("MD5", 1)
def md5(text: Any) -> str:
    """MD5 in hex."""
    return hashlib.md5(to_string(text).encode(), usedforsecurity=False).hexdigest()


@function("SHA1", 1)
def sha1(text: Any) -> str:
    """SHA-1 in hex."""
    return hashlib.sha1(to_string(text).encode(), usedforsecurity=False).hexdigest()


@function("SHA256", 1)
def sha256(text: Any) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(to_string(text).encode()).hexdigest()


@function("SHA512", 1)
def sha512(text: Any) -> str:
    """SHA-512 in hex."""
    return hashlib.sha512(to_string(text).encode()).hexdigest()


@function("CRC32", 1)
def crc32(text: Any) -> str:
    """CRC-32 in hex."""
    return f"{zlib.crc32(to_string(text).encode()):x}"


@function("TO_BASE64", 1)
def to_base64(text: Any) -> str:
    """In base 64."""
    return base64.b64encode(to_string(text).encode()).decode()


@function("TO_HEX", 1)
def to_hex(text: Any) -> str:
    """Its bytes in hex."""
    return to_string(text).encode().hex()


@function("TO_CHAR", 1)
def to_char(codepoint: Any) -> str:
    """The character with this number."""
    number = whole(codepoint)
    if not 0 <= number < 0x110000:
        raise BadArgument
    return chr(number)


@function("RANDOM_TOKEN", 1)
def random_token(length: Any) -> str:
    """Random letters and digits."""
    count = whole(length)
    if not 0 <= count <= 65_535:
        raise BadArgument
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(count))


@function("UUID", 0)
def uuid_() -> str:
    """A new random identifier."""
    return str(uuid.uuid4())
