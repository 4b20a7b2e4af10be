"""collectd's binary network protocol, as its network plugin sends it.

Source: "Binary protocol" in collectd's documentation, and network.c of collectd 5.12: parts of a
type and a length (16 bit each, big endian, header included); strings end in NUL; times in
"cdtime", units of 2^-30 s; gauges are little-endian doubles, all else big-endian 64 bit.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from arangolab.metrics.collectd.names import Identifier
from arangolab.metrics.collectd.typesdb import DataSource, Kind, Types
from arangolab.metrics.collectd.values import Reading

PORT: Final = 25826
_HOST, _TIME, _PLUGIN, _PLUGIN_INSTANCE, _TYPE, _TYPE_INSTANCE, _VALUES = range(7)
_INTERVAL, _TIME_HIRES, _INTERVAL_HIRES = 7, 8, 9
_SIGNED, _ENCRYPTED = 0x0200, 0x0210
_CDTIME_PER_S: Final = float(1 << 30)
_HEAD: Final = struct.Struct(">HH")
_NUMBER: Final = struct.Struct(">Q")
_KINDS: Final[dict[int, tuple[Kind, str]]] = {
    0: ("counter", ">Q"),
    1: ("gauge", "<d"),
    2: ("derive", ">q"),
    3: ("absolute", ">Q"),
}
_WORDS: Final = {
    _HOST: "host",
    _PLUGIN: "plugin",
    _PLUGIN_INSTANCE: "plugin_instance",
    _TYPE: "type",
    _TYPE_INSTANCE: "type_instance",
}


@dataclass(slots=True)
class Packet:
    """What a packet said."""

    readings: list[Reading] = field(default_factory=list)
    bad: int = 0
    """Parts that could not be understood; what follows a lying length is lost with it."""
    refused: str = ""
    """signed or encrypted, when the packet was (in part); its secret is not known here."""


def parse(data: bytes, types: Types) -> Packet:
    """Read a packet; never raises."""
    found = Packet()
    words = dict.fromkeys(_WORDS.values(), "")
    time_unix_s = 0.0
    for number, body in _parts(data, found):
        if number in _WORDS:
            words[_WORDS[number]] = body.rstrip(b"\0").decode("utf-8", "replace")
        elif number in (_TIME, _TIME_HIRES) and len(body) == _NUMBER.size:
            (raw,) = _NUMBER.unpack(body)
            time_unix_s = raw / _CDTIME_PER_S if number == _TIME_HIRES else float(raw)
        elif number == _VALUES:
            values = _values(body)
            if values is None:
                found.bad += 1
                continue
            identifier = Identifier(**words)
            names = _names(types.get(identifier.type, ()), len(values))
            found.readings += [
                Reading(identifier, name, kind, time_unix_s, value)
                for name, (kind, value) in zip(names, values, strict=True)
            ]
        elif number == _SIGNED:
            found.refused = "signed"  # the values follow in the clear; who sent them is not proven
        elif number == _ENCRYPTED:
            found.refused = "encrypted"
    if found.refused:
        found.readings.clear()
    return found


def _parts(data: bytes, found: Packet) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            found.bad += 1
            return
        number, length = _HEAD.unpack_from(data, at)
        if length < _HEAD.size or at + length > len(data):
            found.bad += 1
            return
        yield number, data[at + _HEAD.size : at + length]
        at += length


def _values(body: bytes) -> list[tuple[Kind, float]] | None:
    """(kind, value) of each; None when the part is not what it says."""
    if len(body) < 2:
        return None
    count = int.from_bytes(body[:2], "big")
    if len(body) != 2 + 9 * count:
        return None
    values = []
    for n in range(count):
        kind = _KINDS.get(body[2 + n])
        if kind is None:
            return None
        at = 2 + count + 8 * n
        (value,) = struct.unpack(kind[1], body[at : at + 8])
        values.append((kind[0], float(value)))
    return values


def _names(sources: tuple[DataSource, ...], count: int) -> list[str]:
    """The data sources' names are not sent: they stand in types.db."""
    if len(sources) == count:
        return [source.name for source in sources]
    return ["value"] if count == 1 else [str(n) for n in range(count)]
