"""Type checks and conversions: TO_*, IS_*, TYPENAME; and what other families need of them."""

from __future__ import annotations

import json
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.registry import function, table
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.keys import check_key
from arangolab.sandbox.values import rank, tidy, to_number, truthy

_NAMES = ("null", "bool", "number", "string", "array", "object")


def plain(value: Any) -> Any:
    """The value with whole floats as integers, all the way down."""
    if type(value) is float:
        return tidy(value)
    if type(value) is list:
        return [plain(item) for item in value]
    if type(value) is dict:
        return {name: plain(item) for name, item in value.items()}
    return value


def to_json(value: Any) -> str:
    """Compact JSON text."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


@function("TO_STRING")
def to_string(value: Any) -> str:
    """Null is empty; arrays and objects become JSON."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if value is None:
        return ""
    return str(value) if kind is int else to_json(value)


def whole(value: Any) -> int:
    """A number argument cut to an integer."""
    return int(to_number(value))


def array(value: Any) -> list[Any]:
    """An array argument; BadArgument (1563) if it is none."""
    if type(value) is not list:
        raise BadArgument(1563)
    return value


def document(value: Any) -> dict[str, Any]:
    """An object argument; BadArgument if it is none."""
    if type(value) is not dict:
        raise BadArgument
    return value


@function("TO_ARRAY TO_LIST")
def to_array(value: Any) -> list[Any]:
    """Null is empty, an object its values, anything else an array of itself."""
    if value is None:
        return []
    if type(value) is list:
        return value
    return list(value.values()) if type(value) is dict else [value]


@function("IS_KEY")
def is_key(value: Any) -> bool:
    """Whether it could be a document key."""
    try:
        check_key(value)
    except ArangoError:
        return False
    return True


@function("TYPENAME")
def typename(value: Any) -> str:
    """The name of its type."""
    return _NAMES[rank(value)]


table(
    {
        "TO_BOOL": truthy,
        "TO_NUMBER": lambda value: tidy(to_number(value)),
        "IS_NULL": lambda value: value is None,
        "IS_BOOL": lambda value: type(value) is bool,
        "IS_NUMBER": lambda value: type(value) in (int, float),
        "IS_STRING": lambda value: type(value) is str,
        "IS_ARRAY IS_LIST": lambda value: type(value) is list,
        "IS_OBJECT IS_DOCUMENT": lambda value: type(value) is dict,
    }
)
