"""pyArango over the injector's transport, opened once a process."""

from __future__ import annotations

from typing import Any, Final

import gevent.ssl
from pyArango.connection import Connection
from pyArango.database import Database
from pyArango.theExceptions import pyArangoException

from arangolab.errors import AccessDenied, NoSuchDatabase, NotArangoDB, TargetError, Unreachable
from arangolab.injector.credentials import Credentials
from arangolab.injector.failure import NOT_TRUSTED, NoReply, Refused
from arangolab.injector.pooled import Pooled
from arangolab.injector.protocol import Setup
from arangolab.injector.transport import Transport

_FIRST_CONNECT_S: Final = 5.0
"""An address at which nobody answers is told of soon; once the run is on, patience is needed."""


class _Connection(Connection):  # type: ignore[misc]
    """pyArango's connection, with the transport in place of its own session."""

    def __init__(self, transport: Transport, urls: tuple[str, ...], user: str, password: str):
        self._transport = transport
        super().__init__(arangoURL=list(urls), username=user, password=password)

    def create_aikido_session(self, *_: Any, **__: Any) -> Any:
        return self._transport

    def reportStart(self, name: str) -> None:  # noqa: N802
        """Nothing: steps are timed by the session, not on the shared connection."""

    def reportItem(self) -> None:  # noqa: N802
        """Nothing."""


class _Database(Database):  # type: ignore[misc]
    """pyArango's database without Foxx, which ArangoDB 4 no longer has."""

    graphs: dict[str, Any]

    def reload(self) -> None:
        self.reloadCollections()
        try:
            self.reloadGraphs()
        except (pyArangoException, NoReply, KeyError):
            self.graphs = {}


def connect(setup: Setup) -> tuple[Any, Transport]:
    """(pyArango's database, its transport), logged in and with its collections listed.

    Raises TargetError when that cannot be had.
    """
    transport = _transport(setup)
    urls = tuple(url.rstrip("/") for url in setup.urls)
    try:
        if setup.user:
            transport.auth = (setup.user, "")
            transport.credentials = Credentials(transport, urls, setup.user, setup.password)
            transport.credentials.log_in()
        connection = _Connection(transport, urls, setup.user, "")
        transport.major = _major(connection.getVersion())
        if not connection.hasDatabase(setup.database):
            raise NoSuchDatabase(
                f"The server at {urls[0]} has no database {setup.database!r}, or user "
                f"{setup.user!r} may not use it.",
                hint="check the database's name.",
            )
        database = _Database(connection, setup.database)
        transport.give_connections(setup.connect_timeout_s)
        return database, transport
    except NoReply as error:
        raise _unreachable(urls[0], error) from error
    except Refused as error:
        raise AccessDenied(
            f"The server at {urls[0]} refused user {setup.user!r}: {error}.",
            hint="check --user and ARANGOLAB_PASSWORD.",
        ) from error
    except (pyArangoException, KeyError, TypeError, AttributeError) as error:
        raise NotArangoDB(
            f"The server at {urls[0]} does not answer like ArangoDB "
            f"({type(error).__name__}: {error}).",
            hint="check that the URL is that of an ArangoDB server.",
        ) from error


def _major(facts: Any) -> int:
    number = str(facts.get("version", "")).split(".", 1)[0]
    return int(number) if number.isdecimal() else 0


def _transport(setup: Setup) -> Transport:
    timeouts_s = {
        "connect_timeout_s": min(setup.connect_timeout_s, _FIRST_CONNECT_S),
        "read_timeout_s": setup.read_timeout_s,
    }
    if setup.transport == "grequests":
        from arangolab.injector.unpooled import Unpooled

        return Unpooled(ca_file=setup.ca_file, **timeouts_s)
    tls = gevent.ssl.create_default_context(cafile=setup.ca_file) if setup.ca_file else None
    return Pooled(limit=setup.max_in_flight + 2, tls=tls, **timeouts_s)


def _unreachable(url: str, error: NoReply) -> TargetError:
    if error.status:
        return NotArangoDB(
            f"The server at {url} does not answer like ArangoDB ({error}).",
            hint="check that the URL is that of an ArangoDB server.",
        )
    if error.reason == NOT_TRUSTED:
        return Unreachable(
            f"The server's certificate cannot be trusted ({error}).",
            hint="a certificate this host trusts, or --ca-file.",
        )
    return Unreachable(
        f"Nothing usable answers at {url} ({error.reason}).",
        hint="start the server, or check --url.",
    )
