"""What went on around a held rate: the host's CPU, who took it, and its clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from arangolab import stats

ALL_RATIO: Final = 0.9
Point = tuple[float, str, str, float]
"""(time_s, source, name, value) of a sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Means over the judged part of a hold, in cores.  None: not observed."""

    cores: float
    """Cores of the runner's host."""
    busy_cores: float
    others_cores: float
    """Of the busy ones, by processes that belong neither to the test nor to the server."""
    steal_cores: float
    """Taken by the hypervisor for other machines."""
    iowait_cores: float
    server_cores: float | None
    """CPU of the server's process; None where it is on another host, or not to be seen."""
    server_cores_max: float | None
    """Cores that it may use (affinity, control group); None: not known."""
    clock_step_s: float
    """How far the wall clock was moved, against the monotonic one; negative: back."""

    @property
    def taken_ratio(self) -> float:
        """Share of the host's CPU that a neighbour took."""
        return (self.others_cores + self.steal_cores) / self.cores

    @property
    def server_had_all(self) -> bool:
        """Whether the server used (almost) all cores that it may use, neighbours or not."""
        used, most = self.server_cores, self.server_cores_max
        return used is not None and most is not None and used >= ALL_RATIO * most

    @property
    def idle_ratio(self) -> float:
        """Share of the host's CPU that was free."""
        used = self.busy_cores + self.steal_cores + self.iowait_cores
        return max(0.0, 1.0 - used / self.cores)


def surroundings(
    points: Iterable[Point], from_s: float, to_s: float, server_cores_max: float | None = None
) -> Surroundings | None:
    """What the samples of the sources host and proc tell of that time; None without any."""
    inside: dict[str, list[float]] = {}
    for time_s, source, name, value in sorted(points):
        if from_s <= time_s <= to_s and source in ("host", "proc"):
            inside.setdefault(f"{source}.{name}", []).append(value)
    cores, busy = inside.get("host.cores"), inside.get("host.cpu_busy_cores")
    if not cores or not busy:
        return None
    return Surroundings(
        cores=cores[-1],
        busy_cores=stats.mean(busy),
        others_cores=_mean(inside, "host.cpu_others_cores"),
        steal_cores=_mean(inside, "host.cpu_steal_cores"),
        iowait_cores=_mean(inside, "host.cpu_iowait_cores"),
        server_cores=_server(inside),
        server_cores_max=server_cores_max,
        clock_step_s=_step_s(inside.get("host.clock_offset_s", [])),
    )


def _mean(inside: dict[str, list[float]], name: str) -> float:
    values = inside.get(name)
    return stats.mean(values) if values else 0.0


def _server(inside: dict[str, list[float]]) -> float | None:
    if "proc.cpu_user_cores" not in inside:
        return None
    return _mean(inside, "proc.cpu_user_cores") + _mean(inside, "proc.cpu_system_cores")


def _step_s(offsets: Sequence[float]) -> float:
    """The offset's way from the first sample to the one that is farthest from it."""
    ways = [offset - offsets[0] for offset in offsets]
    return max(ways, key=abs, default=0.0)
