"""The graph: what is loaded, that it is checked, and how far users share groups."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab import dataset
from arangolab.errors import DataSetError, InputError
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target, api

NAMES = itertools.count(1)


@pytest.fixture
def target(sandbox: SandboxProcess) -> Iterator[Target]:
    """A database of its own, empty."""
    name = f"dataset-{next(NAMES)}"
    system = Target(urls=(sandbox.url,))
    api(system, "POST", "/_api/database", json={"name": name})
    yield Target(urls=(sandbox.url,), database=name)
    api(system, "DELETE", f"/_api/database/{name}")


def query(target: Target, text: str) -> list[object]:
    """The rows of an AQL query."""
    rows: list[object] = api(target, "POST", "/_api/cursor", json={"query": text})["result"]
    return rows


@pytest.mark.parametrize("variant", dataset.VARIANTS)
def test_what_is_loaded_is_found(target: Target, variant: str) -> None:
    """Load and check agree on sizes and on the variant."""
    loaded = dataset.load(target, users=230, variant=variant)
    assert (loaded.users, loaded.groups, loaded.memberships) == (230, 23, 23 * 45)
    found = dataset.check(target)
    assert (found.users, found.memberships, found.variant) == (230, 23 * 45, variant)


def test_loading_again_gives_the_same(target: Target) -> None:
    """Sizes may change and counters start from 0 again."""
    dataset.load(target, users=300, variant="hot")
    query(target, 'UPDATE "user_7" WITH {counter: 5} IN user RETURN 1')
    assert dataset.logins(target).users == 5
    dataset.load(target, users=120)
    assert dataset.check(target).users == 120
    assert dataset.logins(target) == dataset.Logins(users=0, groups=0, groups_expected=0)


def test_edges_lead_from_user_to_groups_and_a_traversal_finds_them(target: Target) -> None:
    """The article's slips are put right: user i reaches i % 10 groups over its edges."""
    dataset.load(target, users=100)
    counts = query(
        target,
        "FOR u IN user SORT u.count "
        "RETURN LENGTH(FOR g IN 1..1 OUTBOUND u userToGroups RETURN g._key)",
    )
    assert counts == [i % 10 for i in range(1, 101)]
    ends = query(
        target,
        'FOR e IN userToGroups FILTER e._from NOT LIKE "user/user_%" '
        'OR e._to NOT LIKE "groups/group_%" RETURN e',
    )
    assert ends == []


def test_counts_are_indexed(target: Target) -> None:
    """A scenario may look users up by number at any size."""
    dataset.load(target, users=100)
    fields = [i["fields"] for i in api(target, "GET", "/_api/index?collection=user")["indexes"]]
    assert ["count"] in fields


def test_progress_is_told_to_the_end(target: Target) -> None:
    """The last call says that all documents are there."""
    said: list[tuple[int, int, str]] = []
    dataset.load(target, users=100, progress=lambda *told: said.append(told))
    assert said[-1] == (560, 560, "userToGroups")
    assert [done for done, _, _ in said] == sorted(done for done, _, _ in said)


@pytest.mark.parametrize("users", [-1, 0, 99])
def test_too_few_users_are_refused(target: Target, users: int) -> None:
    """Below 100 there are not groups enough."""
    with pytest.raises(InputError, match="too few: at least 100"):
        dataset.load(target, users=users)


def test_an_unknown_variant_is_refused(target: Target) -> None:
    """The sentence lists those there are."""
    with pytest.raises(InputError, match=r"no variant 'cold'.*spread, hot"):
        dataset.load(target, users=100, variant="cold")


def test_check_says_what_is_missing(target: Target) -> None:
    """No collection, or documents removed: each has its sentence."""
    with pytest.raises(DataSetError, match="no collection 'user'"):
        dataset.check(target)
    dataset.load(target, users=100)
    query(target, 'REMOVE "user_100" IN user')
    with pytest.raises(DataSetError, match="99 users, 10 groups, 450 memberships"):
        dataset.check(target)


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("groups/group_0", "User 99 reaches 8 groups instead of 9"),
        ("group/group_1", "Edges lead to collections that are not there"),
    ],
)
def test_check_finds_edges_that_lead_nowhere(target: Target, to: str, sentence: str) -> None:
    """Counts alone would not show it; the second is the article's own slip."""
    dataset.load(target, users=100)
    query(target, f'UPDATE "user_99-1" WITH {{_to: "{to}"}} IN userToGroups')
    with pytest.raises(DataSetError, match=sentence):
        dataset.check(target)


def test_somebody_elses_documents_are_left_alone(target: Target) -> None:
    """A collection called user with other documents is not emptied."""
    api(target, "POST", "/_api/collection", json={"name": "user", "type": 2})
    query(target, 'INSERT {email: "x@example.com"} INTO user')
    with pytest.raises(DataSetError, match=r"'user'.*is not arangolab's; nothing was changed"):
        dataset.load(target, users=100)
    assert query(target, "RETURN LENGTH(user)") == [1]


def test_a_collection_of_the_wrong_kind_is_refused(target: Target) -> None:
    """Edges cannot go into a document collection."""
    api(target, "POST", "/_api/collection", json={"name": "userToGroups", "type": 2})
    with pytest.raises(DataSetError, match="'userToGroups'"):
        dataset.load(target, users=100)


SIZES = st.integers(min_value=100, max_value=200_000)


@given(users=SIZES, where=st.floats(0, 1), variant=st.sampled_from(dataset.VARIANTS))
def test_each_user_has_its_number_of_different_groups(
    users: int, where: float, variant: str
) -> None:
    """User i is in i % 10 groups, all of which exist."""
    user = 1 + int(where * (users - 1))
    groups = dataset.memberships(user, dataset.groups_of(users), variant)
    assert len(groups) == len(set(groups)) == user % 10
    assert set(groups) <= set(range(1, dataset.groups_of(users) + 1))


@pytest.mark.parametrize("users", [1_000, 10_000, 100_000])
def test_neighbours_share_no_group_when_spread(users: int) -> None:
    """Users who log in one after the other hardly ever meet: at the ends of rounds alone."""
    groups = dataset.groups_of(users)
    sets = [set(dataset.memberships(user, groups, "spread")) for user in range(1, users + 1)]
    meetings = sum(bool(sets[n] & sets[n + d]) for n in range(users - 5) for d in range(1, 6))
    assert meetings / (5 * users) < 8 / groups


def test_the_hot_groups_are_the_same_nine_for_all() -> None:
    """As in the article: groups 1 to i % 10."""
    assert dataset.memberships(123_459, 12_345, "hot") == list(range(1, 10))


@pytest.mark.parametrize("users", [1_000, 10_000, 100_000])
@pytest.mark.parametrize("parts", [2, 3, 4, 8])
def test_users_at_the_same_place_of_equal_parts_rarely_meet(users: int, parts: int) -> None:
    """Injector processes split the range evenly: users in flight together rarely conflict."""
    groups = dataset.groups_of(users)
    span = users // parts
    places = range(1, span + 1, max(1, span // 400))
    meetings = 0
    for place in places:
        together = [
            set(dataset.memberships(place + part * span, groups, "spread")) for part in range(parts)
        ]
        meetings += any(a & b for a, b in itertools.combinations(together, 2))
    by_chance = parts * (parts - 1) / 2 * 81 / groups
    assert meetings / len(places) <= max(0.05, by_chance)
