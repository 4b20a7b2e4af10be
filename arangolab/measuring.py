"""What is measured beside the run itself, and where else its figures go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from arangolab.errors import InputError

PERCENTILES: Final = (50.0, 95.0, 99.0)
MOST_PERCENTILES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """Sources besides the usual ones (injector, statsd, /proc, the server's own metrics)."""

    percentiles: tuple[float, ...] = PERCENTILES
    """Of the timings that come by statsd: above 0 and below 100."""
    process_group: bool = False
    """Watch the server's whole process group, such as a cluster's on one host."""
    statsd_to: str = ""
    """HOST:PORT of a further statsd server that gets all lines too."""
    statsd_prefix: str = ""
    """What the names begin with there, its dot included."""
    collectd: bool = False
    """Start this host's collectd for the run."""
    collectd_files: str = ""
    """Folder of the RRD or CSV files of a collectd that runs anyway; read at the run's end."""
    collectd_listen: str = ""
    """HOST:PORT on which to listen for the network plugin of a collectd elsewhere.

    Of several hosts one is the server's, of several processes one the server: see
    arangolab.metrics.collectd.watched.
    """

    def faults(self) -> list[str]:
        """Everything wrong with it, each as a clause."""
        found = []
        odd = [p for p in self.percentiles if not (math.isfinite(p) and 0 < p < 100)]
        if odd:
            found.append(f"a percentile of {odd[0]:g}, which is not between 0 and 100")
        if len(self.percentiles) > MOST_PERCENTILES:
            found.append(f"more than {MOST_PERCENTILES} percentiles")
        for text in (self.statsd_to, self.collectd_listen):
            try:
                if text:
                    address_of(text)
            except InputError as error:
                found.append(error.what.rstrip("."))
        return found


def taken_in(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with those of Measuring (``collectd=True``, ...) put together as ``measuring``.

    Raises InputError when both are given.
    """
    own = {one.name for one in fields(Measuring)}
    asked = {name: value for name, value in options.items() if name in own}
    rest = {name: value for name, value in options.items() if name not in own}
    if not asked:
        return rest
    if "measuring" in rest:
        raise InputError(f"Both measuring and {next(iter(asked))} are given.", hint="one of them.")
    if "percentiles" in asked:
        asked["percentiles"] = tuple(float(percent) for percent in asked["percentiles"])
    return {**rest, "measuring": Measuring(**asked)}


def parse_percentiles(text: str) -> tuple[float, ...]:
    """``"50, 95, 99.9"`` as numbers; raises InputError."""
    try:
        return tuple(float(word) for word in text.split(",") if word.strip())
    except ValueError:
        raise InputError(
            f"The percentiles {text!r} are not numbers with commas between.", hint="50,95,99.9"
        ) from None


def folder_of(text: str) -> str:
    """The whole path of a folder ("" for none); raises InputError when it is not there."""
    if text and not Path(text).is_dir():
        raise InputError(f"There is no folder {text}.", hint="/var/lib/collectd/rrd, or another.")
    return str(Path(text).resolve()) if text else ""


def address_of(text: str) -> tuple[str, int]:
    """``HOST:PORT`` (an IPv6 address in brackets) as (host, port).

    Raises InputError when it is not of that form.
    """
    host, colon, port = text.rpartition(":")
    good = bool(colon and host) and port.isdecimal() and 0 < int(port) < 65536
    bare = host.removeprefix("[").removesuffix("]")
    if not good or (":" in bare and not host.startswith("[")):
        raise InputError(f"{text!r} is not of the form HOST:PORT.", hint="127.0.0.1:8125")
    return bare, int(port)


def percentile_name(percent: float) -> str:
    """``p95``, ``p99_9``."""
    return "p" + f"{percent:g}".replace(".", "_")
