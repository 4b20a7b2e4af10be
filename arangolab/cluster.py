"""What each server of a cluster uses: coordinators and DB-Servers, or the one server there is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from arangolab.errors import TargetError
from arangolab.metrics.arango.growth import Growth
from arangolab.metrics.arango.page import Page, from_text
from arangolab.target import Target, api, request

if TYPE_CHECKING:
    import pandas as pd

COORDINATOR: Final = "COORDINATOR"
_ROLES: Final = {"Coordinator": "coordinator", "DBServer": "DB-Server"}
"""Roles as the cluster's health has them; agents are left out."""
_SHOWN: Final = (
    "requests_per_s", "cpu_user_cores", "cpu_system_cores", "threads", "open_fds", "rss_bytes",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A server of the cluster."""

    name: str
    """As people call it: DBServer0001."""
    role: str
    """coordinator, DB-Server, or single server."""
    server_id: str
    """PRMR-...; empty for the server that is asked itself."""


@dataclass(frozen=True, slots=True)
class Look:
    """The metrics of all members at one moment."""

    at_s: float
    """Monotonic time."""
    pages: Mapping[Member, Page]


def members(target: Target) -> tuple[Member, ...]:
    """The target's coordinators and DB-Servers; for a server without a cluster, itself.

    Raises TargetError when the cluster does not tell.
    """
    role = str(api(target, "GET", "/_admin/server/role").get("role", ""))
    if role != COORDINATOR:
        return (Member(name=target.url, role="single server", server_id=""),)
    reply = request(target, "GET", "/_admin/cluster/health", database="")
    health = reply.json().get("Health") if reply.status_code == 200 else None
    if not isinstance(health, Mapping):
        raise TargetError(
            f"The cluster at {target.url} does not tell its servers (HTTP {reply.status_code}).",
            hint="a user who may administrate the database _system.",
        )
    found = [
        Member(
            name=str(facts.get("ShortName", name)), role=_ROLES[facts["Role"]], server_id=str(name)
        )
        for name, facts in health.items()
        if facts.get("Role") in _ROLES and facts.get("Status") == "GOOD"
    ]
    return tuple(sorted(found, key=lambda member: (member.role, member.name)))


def look(target: Target) -> Look:
    """Ask every member for its metrics, now; one that does not tell has an empty page."""
    pages: dict[Member, Page] = {}
    for member in members(target):
        params = {"serverId": member.server_id} if member.server_id else None
        reply = request(target, "GET", "/_admin/metrics/v2", database="", params=params)
        pages[member] = from_text(reply.text) if reply.status_code == 200 else Page()
    return Look(time.monotonic(), pages)


def between(before: Look, after: Look) -> pd.DataFrame:
    """One row a member, of what it used between the two: rates and CPU as means, levels at the end.

    Columns: server, role, requests_per_s, cpu_user_cores, cpu_system_cores, threads, open_fds,
    rss_bytes; missing what a member does not tell.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for member, page in after.pages.items():
        growth = Growth()
        growth.samples(before.pages.get(member, Page()), before.at_s)
        told = {sample.name: sample.value for sample in growth.samples(page, after.at_s)}
        known = {name: told.get(name) for name in _SHOWN}
        rows.append({"server": member.name, "role": member.role, **known})
    return pd.DataFrame(rows, columns=["server", "role", *_SHOWN])
