"""The graph of the blog series: users, groups, and who is a member of which.

User i (1..N) is a member of exactly ``i % 10`` groups; there is one group for ten users.  Where
the article and its own queries disagree, the queries' names hold: edges go from ``user/user_i``
to ``groups/group_j``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal

from arangolab import units
from arangolab.errors import DataSetError, InputError, TargetError
from arangolab.target import Target, api

Variant = Literal["spread", "hot"]
VARIANTS: Final = ("spread", "hot")
USERS_MIN: Final = 100
BATCH: Final = 2000
Progress = Callable[[int, int, str], None]
"""Called with (documents done, documents in all, what is being loaded)."""

_COLLECTIONS: Final = (("user", 2), ("groups", 2), ("userToGroups", 3))
_OURS: Final = {
    "user": {"count", "counter", "visits", "payload"},
    "groups": {"counter", "name"},
    "userToGroups": {"groupRelationNo"},
}
"""Fields that every document of ours has."""
_SHIFT: Final = 0.6180339887
_PAYLOAD: Final = "arangolab fills a user's document with this. " * 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """What is loaded."""

    users: int
    groups: int
    memberships: int
    """Edges from users to groups."""
    variant: str
    """spread: users in flight together share no group; hot: all share the same nine."""
    seconds: float
    """How long loading (or checking) took."""

    def __str__(self) -> str:
        return (
            f"{self.users:,} users, {self.groups:,} groups, {self.memberships:,} memberships "
            f"({self.variant}), in {units.seconds(self.seconds)}"
        )


def load(
    target: Target,
    *,
    users: int = 10_000,
    variant: str = "spread",
    progress: Progress | None = None,
) -> DataSet:
    """Load the graph by bulk import, replacing what is there, and check it.

    Raises InputError for sizes and variants that are none, DataSetError when what arrived is
    not what was sent, TargetError when the server cannot be used.
    """
    if users < USERS_MIN:
        raise InputError(
            f"{users} users are too few: at least {USERS_MIN} are needed, so that there are "
            "groups enough.",
            hint="--users 10000",
        )
    if variant not in VARIANTS:
        raise InputError(f"There is no variant {variant!r}.", hint=f"one of {', '.join(VARIANTS)}.")
    began_s = time.monotonic()
    _make_collections(target)
    total = users + groups_of(users) + sum(i % 10 for i in range(1, users + 1))
    done = 0
    for name, documents in _documents(users, variant):
        for batch in _batches(documents, BATCH):
            _import(target, name, batch)
            done += len(batch)
            if progress is not None:
                progress(done, total, name)
    index = {"type": "persistent", "fields": ["count"], "sparse": False, "unique": False}
    api(target, "POST", "/_api/index?collection=user", json=index)
    found = check(target)
    if (found.users, found.variant) != (users, variant):
        raise DataSetError(f"{found} were found after loading {users:,} users ({variant}).")
    return DataSet(
        users=users,
        groups=found.groups,
        memberships=found.memberships,
        variant=variant,
        seconds=time.monotonic() - began_s,
    )


def check(target: Target) -> DataSet:
    """What is loaded there, counted, and one traversal for each number of memberships.

    Raises DataSetError, saying what is missing, when it is not the graph described above.
    """
    began_s = time.monotonic()
    users, groups, memberships = (_count(target, name) for name, _ in _COLLECTIONS)
    expected = sum(i % 10 for i in range(1, users + 1))
    if users < USERS_MIN or groups != groups_of(users) or memberships != expected:
        raise DataSetError(
            f"The graph is not complete: {users:,} users, {groups:,} groups, "
            f"{memberships:,} memberships.",
            hint="arangolab load.",
        )
    _check_traversals(target, users)
    hot = _groups_of_user(target, 9) == {f"group_{j}" for j in range(1, 10)}
    hot = hot and _groups_of_user(target, 99) == {f"group_{j}" for j in range(1, 10)}
    return DataSet(
        users=users,
        groups=groups,
        memberships=memberships,
        variant="hot" if hot else "spread",
        seconds=time.monotonic() - began_s,
    )


def groups_of(users: int) -> int:
    """How many groups there are for so many users."""
    return users // 10


def memberships(user: int, groups: int, variant: str) -> list[int]:
    """Numbers of the groups the user is a member of: ``user % 10`` different ones.

    spread: each user's groups follow those of the user before, and each time round starts
    elsewhere (by the golden ratio), so that neither neighbours nor users half, a third or a
    quarter of the range apart are in the same groups; concurrent logins then rarely conflict.
    hot: groups 1 to ``user % 10``, as in the article, where all users meet in the same nine.
    """
    if variant == "hot":
        return list(range(1, user % 10 + 1))
    turn, place = divmod(9 * user, groups)
    start = place + turn * (int(_SHIFT * groups) | 1)
    return [(start + j) % groups + 1 for j in range(user % 10)]


def _documents(users: int, variant: str) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    groups = groups_of(users)
    yield "user", (_user(i) for i in range(1, users + 1))
    yield (
        "groups",
        (
            {"_key": f"group_{j}", "counter": 0, "name": f"group number {j}"}
            for j in range(1, groups + 1)
        ),
    )
    yield (
        "userToGroups",
        (
            _edge(i, number, group)
            for i in range(1, users + 1)
            for number, group in enumerate(memberships(i, groups, variant), 1)
        ),
    )


def _user(i: int) -> dict[str, Any]:
    return {
        "_key": f"user_{i}",
        "count": i,
        "counter": 0,
        "visits": 0,
        "lastseen": None,
        "name": f"user number {i}",
        "payload": _PAYLOAD,
    }


def _edge(user: int, number: int, group: int) -> dict[str, Any]:
    return {
        "_key": f"user_{user}-{number}",
        "_from": f"user/user_{user}",
        "_to": f"groups/group_{group}",
        "groupRelationNo": number,
        "name": f"user {user} is in group {group}",
    }


def _batches(documents: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    rest = iter(documents)
    while batch := list(islice(rest, size)):
        yield batch


def _make_collections(target: Target) -> None:
    """Empty collections, of the right kind; those of somebody else are left alone."""
    there = {c["name"]: c["type"] for c in api(target, "GET", "/_api/collection")["result"]}
    for name, kind in _COLLECTIONS:
        if name in there:
            _check_ours(target, name, right_kind=there[name] == kind)
    for name, kind in _COLLECTIONS:
        if name in there:
            api(target, "PUT", f"/_api/collection/{name}/truncate")
        else:
            api(target, "POST", "/_api/collection", json={"name": name, "type": kind})


def _check_ours(target: Target, name: str, *, right_kind: bool) -> None:
    """Raise DataSetError when emptying the collection would destroy other data."""
    query = f"FOR d IN {name} LIMIT 3 RETURN ATTRIBUTES(d)"
    found = api(target, "POST", "/_api/cursor", json={"query": query})["result"]
    if not right_kind or any(not set(fields) >= _OURS[name] for fields in found):
        raise DataSetError(
            f"The collection {name!r} in database {target.database!r} is not arangolab's; "
            "nothing was changed.",
            hint="--database with another one.",
        )


def _import(target: Target, name: str, batch: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(document) for document in batch).encode()
    said = api(
        target,
        "POST",
        f"/_api/import?collection={name}&type=documents&complete=true",
        data=lines,
        headers={"Content-Type": "application/json"},
    )
    if said.get("created") != len(batch):
        raise DataSetError(f"Of {len(batch)} documents for {name} {said.get('created')} arrived.")


def _count(target: Target, name: str) -> int:
    try:
        return int(api(target, "GET", f"/_api/collection/{name}/count")["count"])
    except TargetError as error:
        if "error 1203" not in str(error):
            raise
        raise DataSetError(
            f"There is no collection {name!r} at {target.url}.", hint="arangolab load."
        ) from error


def _check_traversals(target: Target, users: int) -> None:
    """One user for each number of memberships, from the end of the range."""
    for user in range(users - 9, users + 1):
        found = len(_groups_of_user(target, user))
        if found != user % 10:
            raise DataSetError(
                f"User {user} reaches {found} groups instead of {user % 10}.",
                hint="arangolab load.",
            )


def _groups_of_user(target: Target, user: int) -> set[str]:
    query = "FOR g IN 1..1 OUTBOUND @user userToGroups RETURN g._key"
    body = {"query": query, "bindVars": {"user": f"user/user_{user}"}}
    try:
        found = api(target, "POST", "/_api/cursor", json=body)["result"]
    except TargetError as error:
        if "error 1203" not in str(error):
            raise
        raise DataSetError(
            f"Edges lead to collections that are not there ({error}).", hint="arangolab load."
        ) from error
    return set(found) - {None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """What finished logins have counted up in the graph since it was loaded."""

    users: int
    """Sum of user.counter: one for each login."""
    groups: int
    """Sum of groups.counter: one for each membership of who logged in."""
    groups_expected: int
    """What that sum should be, going by the users' counters."""


def logins(target: Target) -> Logins:
    """Ask the server; raises TargetError."""
    users = "RETURN SUM(FOR u IN user RETURN u.counter)"
    groups = "RETURN SUM(FOR g IN groups RETURN g.counter)"
    expected = "RETURN SUM(FOR u IN user RETURN u.counter * (u.count % 10))"
    sums = [
        int(api(target, "POST", "/_api/cursor", json={"query": query})["result"][0] or 0)
        for query in (users, groups, expected)
    ]
    return Logins(users=sums[0], groups=sums[1], groups_expected=sums[2])
