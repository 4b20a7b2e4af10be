"""Object functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.convert import array, document, to_string
from arangolab.sandbox.aql.functions.registry import function, table
from arangolab.sandbox.keys import is_document_id
from arangolab.sandbox.values import equal, truthy


@function("ATTRIBUTES KEYS")
def attributes(value: Any, remove_internal: Any = False, sort: Any = False) -> list[str]:
    """The names of the attributes."""
    internal = truthy(remove_internal)
    found = [name for name in document(value) if not (internal and name.startswith("_"))]
    return sorted(found) if truthy(sort) else found


@function("VALUES")
def values_(value: Any, remove_internal: Any = False) -> list[Any]:
    """The values of the attributes."""
    return [document(value)[name] for name in attributes(value, remove_internal)]


def _names(names: tuple[Any, ...]) -> set[str]:
    several = names[0] if len(names) == 1 and type(names[0]) is list else names
    return {to_string(name) for name in several}


def _only(value: Any, names: set[str], *, wanted: bool, deep: bool) -> dict[str, Any]:
    """An object with only (``wanted``) or without some attributes, ``deep`` down or not."""
    return {
        name: _only(item, names, wanted=wanted, deep=deep) if deep and type(item) is dict else item
        for name, item in document(value).items()
        if (name in names) == wanted
    }


def _filter(*, wanted: bool, deep: bool) -> Callable[..., Any]:
    return lambda value, name, *more: _only(value, _names((name, *more)), wanted=wanted, deep=deep)


@function("MERGE", least=1)
def merge(*objects: Any) -> dict[str, Any]:
    """All attributes; the later value wins."""
    several = objects[0] if len(objects) == 1 and type(objects[0]) is list else objects
    made: dict[str, Any] = {}
    for value in several:
        made.update(document(value))
    return made


@function("MERGE_RECURSIVE", least=1)
def merge_recursive(*objects: Any) -> dict[str, Any]:
    """All attributes, inner objects merged too."""
    several = objects[0] if len(objects) == 1 and type(objects[0]) is list else objects
    made: dict[str, Any] = {}
    for value in several:
        for name, item in document(value).items():
            before = made.get(name)
            both = type(before) is dict and type(item) is dict
            made[name] = merge_recursive(before, item) if both else item
    return made


@function("MATCHES")
def matches(value: Any, examples: Any, index: Any = False) -> Any:
    """Whether, or which of several, example fits the object."""
    if type(value) is not dict:
        return -1 if truthy(index) else False
    several = examples if type(examples) is list else [examples]
    for position, example in enumerate(several):
        if all(name in value and equal(value[name], x) for name, x in document(example).items()):
            return position if truthy(index) else True
    return -1 if truthy(index) else False


@function("TRANSLATE")
def translate(value: Any, lookup: Any, default: Any = None) -> Any:
    """What an object says for a value; else the default, or the value itself."""
    name = to_string(value)
    if name in document(lookup):
        return lookup[name]
    return value if default is None else default


@function("VALUE")
def value_at(value: Any, path: Any) -> Any:
    """The value at a path of names and positions."""
    for part in array(path):
        if type(value) is dict and type(part) is str:
            value = value.get(part)
        elif type(value) is list and type(part) is int and -len(value) <= part < len(value):
            value = value[part]
        else:
            return None
    return value


@function("ZIP")
def zip_(names: Any, values: Any) -> dict[str, Any]:
    """An object out of names and values."""
    if len(array(names)) != len(array(values)):
        raise BadArgument
    return {to_string(name): value for name, value in zip(names, values, strict=True)}


def _identifier(value: Any) -> list[str]:
    if type(value) is dict:
        value = value.get("_id")
    if not is_document_id(value):
        raise BadArgument
    return value.split("/", 1)  # type: ignore[no-any-return]


@function("PARSE_IDENTIFIER")
def parse_identifier(value: Any) -> dict[str, str]:
    """Collection and key of an _id."""
    collection, key = _identifier(value)
    return {"collection": collection, "key": key}


@function("IS_SAME_COLLECTION", coll=True)
def is_same_collection(collection: Any, value: Any) -> bool:
    """Whether a document is of that collection."""
    return _identifier(value)[0] == to_string(collection)


table(
    {
        "KEEP": _filter(wanted=True, deep=False),
        "KEEP_RECURSIVE": _filter(wanted=True, deep=True),
        "UNSET": _filter(wanted=False, deep=False),
        "UNSET_RECURSIVE": _filter(wanted=False, deep=True),
        "ENTRIES": lambda value: [[name, item] for name, item in document(value).items()],
        "HAS": lambda value, name: type(value) is dict and to_string(name) in value,
        "PARSE_COLLECTION": lambda value: _identifier(value)[0],
        "PARSE_KEY": lambda value: _identifier(value)[1],
    }
)
