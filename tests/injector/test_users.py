"""Who is simulated, and who is simulated twice at once."""

from __future__ import annotations

from arangolab.injector.users import Users


def test_users_go_round() -> None:
    """Both ends included."""
    users = Users()
    assert [users.next(3, 5) for _ in range(7)] == [3, 4, 5, 3, 4, 5, 3]


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
