"""The blog's transport by its name: a connection for each request, and the same honesty."""

from __future__ import annotations

import pytest

from tests.injector.drive import Drive, setup_for
from tests.injector.stub import Stub
from tests.injector.test_transport import ECHO


def test_each_request_has_a_connection_of_its_own() -> None:
    """Twenty logins are forty requests, hence forty connections and those of the log-in."""
    with Stub() as stub, Drive(setup_for(stub.url, "login", transport="grequests")) as drive:
        drive.run(40, 0.5)
        assert drive.errors() == {}
        assert drive.total("finished") == 20
        assert drive.total("connections_opened") == stub.connections >= 40


def test_what_was_cut_off_is_never_sent_again() -> None:
    """No retry of requests' own: the server received as many transactions as were begun."""
    with Stub() as stub, Drive(setup_for(stub.url, "login", transport="grequests")) as drive:
        stub.cut = 10
        drive.run(40, 0.5)
        assert stub.requests["transaction"] == 20
        assert drive.errors() == {"no reply transaction": 10}


@pytest.mark.slow
def test_no_greenlet_gets_anothers_reply() -> None:
    """Each reply echoes what its request said."""
    with Stub() as stub:
        stub.delay_s = 0.02
        setup = setup_for(stub.url, "echo", ECHO, transport="grequests")
        with Drive(setup) as drive:
            drive.run(60, 0.5)
            assert drive.errors() == {}
            assert drive.total("finished") == 30


def test_a_server_that_is_gone_and_one_that_never_answers() -> None:
    """In the same words as with the other transport."""
    with Stub() as stub:
        setup = setup_for(stub.url, transport="grequests", read_timeout_s=0.3)
        with Drive(setup) as drive:
            stub.delay_s = 1.0
            drive.run(20, 0.1)
            assert drive.errors() == {"read timeout read_user": 2}
