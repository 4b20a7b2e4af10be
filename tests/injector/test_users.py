"""Who is simulated, and who is simulated twice at once."""

from __future__ import annotations

from arangolab.injector.users import Users


def test_users_go_round() -> None:
    """Both ends included."""
    users = Users()
    assert [users.next(3, 5) for _ in range(7)] == [3, 4, 5, 3, 4, 5, 3]


def test_each_user_comes_once() -> None:
    """Then nobody does."""
    users = Users("once")
    assert [users.next(3, 5) for _ in range(5)] == [3, 4, 5, None, None]


def test_users_come_at_random() -> None:
    """All of them within the range, the same ones for the same seed."""
    drawn = [[users.next(1, 20) for _ in range(200)] for users in (Users("random", "a"),) * 1]
    again = Users("random", "a")
    assert [again.next(1, 20) for _ in range(200)] == drawn[0]
    assert set(drawn[0]) == set(range(1, 21))


def test_a_user_is_contested_until_all_of_its_scenarios_ended() -> None:
    """Also when the other one ended first."""
    users = Users()
    assert users.enter(1) is False
    assert not users.is_contested(1)
    assert users.enter(1) is True
    users.leave(1)
    assert users.is_contested(1)
    users.leave(1)
    assert not users.is_contested(1)
    assert users.enter(1) is False
