"""A scenario's parameters: what there are, what they may be, and what a run gives them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Final, Literal

from arangolab.errors import InputError

Value = int | float | bool | str
Kind = Literal["int", "float", "bool", "str"]
_IS: Final[dict[Kind, str]] = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
}
_YES: Final = frozenset({"true", "yes", "on", "1"})
_NO: Final = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a scenario."""

    name: str
    kind: Kind
    default: Value
    choices: tuple[Value, ...] = ()
    """What it may be; (): whatever is of its kind."""

    def taken(self, given: object) -> Value:
        """``given`` as the scenario gets it; a text is read as the command line has it.

        Raises ValueError for what it cannot be.
        """
        value = _read(self.kind, given) if isinstance(given, str) else _made(self.kind, given)
        if self.choices and value not in self.choices:
            raise ValueError
        return value

    @property
    def is_words(self) -> str:
        """``a whole number``, ``hot or cold``."""
        if not self.choices:
            return _IS[self.kind]
        *others, last = map(shown, self.choices)
        return f"{', '.join(others)} or {last}" if others else last

    def __str__(self) -> str:
        return f"{self.name} ({self.is_words}, {shown(self.default) or 'empty'} unless told)"


def settled(
    scenario: str, known: Sequence[Parameter], given: Mapping[str, object]
) -> dict[str, Value]:
    """The value of each parameter: as given, else its default.

    Raises InputError for a name that is none of them, and for a value that one cannot have.
    """
    by_name = {one.name: one for one in known}
    for name in given:
        if name not in by_name:
            raise InputError(
                f"The scenario {scenario} has no parameter {name!r}.",
                hint=f"{', '.join(map(str, known))}." if known else "none: it takes no parameters.",
            )
    return {
        name: _checked(scenario, one, given[name]) if name in given else one.default
        for name, one in by_name.items()
    }


def changed(known: Iterable[Parameter], values: Mapping[str, Value]) -> tuple[str, ...]:
    """The names of those that are not as they usually are."""
    return tuple(one.name for one in known if values[one.name] != one.default)


def assignments(pairs: Iterable[str]) -> dict[str, str]:
    """``["depth=2", "mode=hot"]`` as names and texts.

    Raises InputError for what is not of that form, and for a name that comes twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        name = name.strip()
        if not sign or not all(part.isidentifier() for part in name.split(".")):
            raise InputError(
                f"--param {pair!r} is not of the form NAME=VALUE.", hint="--param depth=2"
            )
        if name in found:
            raise InputError(f"The parameter {name} is given twice.", hint="one of them.")
        found[name] = text.strip()
    return found


def shown(value: Value) -> str:
    """The value as the command line takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def told(values: Mapping[str, Value]) -> str:
    """``depth=2, mode=hot``."""
    return ", ".join(f"{name}={shown(value)}" for name, value in values.items())


def _checked(scenario: str, known: Parameter, given: object) -> Value:
    try:
        return known.taken(given)
    except (ValueError, OverflowError):
        raise InputError(
            f"The parameter {known.name} of {scenario} cannot be {given!r}: it is "
            f"{known.is_words}.",
            hint=f"{known.name}={shown(known.default)}, as it is unless told.",
        ) from None


def _read(kind: Kind, text: str) -> Value:
    if kind == "str":
        return text
    word = text.strip().lower()
    if kind == "bool":
        if word not in _YES | _NO:
            raise ValueError
        return word in _YES
    return int(word) if kind == "int" else _finite(float(word))


def _made(kind: Kind, given: object) -> Value:
    """What is no text, as a value of the kind: no number is made of a truth, none is rounded."""
    if kind == "bool" and isinstance(given, bool):
        return given
    if isinstance(given, bool) or kind in ("bool", "str"):
        raise ValueError
    if kind == "int" and isinstance(given, Integral):
        return int(given)
    if kind == "float" and isinstance(given, Real):
        return _finite(float(given))
    raise ValueError


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError
    return value
