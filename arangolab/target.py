"""Which ArangoDB: its address, who we are there, and what it says of itself."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from arangolab import showing
from arangolab.errors import InputError, NoSuchDatabase, TargetError
from arangolab.replies import json_object, no_reply, not_arangodb

DEFAULT_URL: Final = "http://127.0.0.1:8529"
CONNECT_TIMEOUT_S: Final = 5.0
REPLY_TIMEOUT_S: Final = 60.0
CHECK_TIMEOUT_S: Final = 15.0
"""How long :func:`connect` waits for each reply."""
SANDBOX_HEADER: Final = "x-arangolab-sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An ArangoDB server and who we are there."""

    urls: tuple[str, ...] = (DEFAULT_URL,)
    """Base URL; several of them are a cluster's coordinators."""
    user: str = "root"
    """User name; empty where the server has authentication off."""
    password: str = field(default="", repr=False)
    """The user's password; never stored or shown."""
    database: str = "_system"
    """Name of the database."""
    ca_file: str | None = None
    """A file of certificates to trust instead of this host's, for https."""
    server: Server | None = field(default=None, compare=False, repr=False)
    """What the server said of itself when it was connected to; None: it was not asked."""

    def __post_init__(self) -> None:
        if not self.urls:
            raise InputError("No URL is given.", hint=f"--url {DEFAULT_URL}")
        for url in self.urls:
            _check_url(url)
        if self.ca_file is not None and not Path(self.ca_file).is_file():
            raise InputError(
                f"There is no certificate file {self.ca_file}.",
                hint="the path of a PEM file with the authority's certificate.",
            )

    @classmethod
    def from_environment(
        cls,
        url: str | None = None,
        user: str | None = None,
        database: str | None = None,
        password: str | None = None,
        ca_file: str | None = None,
    ) -> Target:
        """What is not given comes from ARANGOLAB_URL, _USER, _DATABASE, _PASSWORD and _CA_FILE.

        ARANGOLAB_PASSWORD_FILE names a file that holds the password.  A URL may list several
        coordinators, separated by commas.
        """
        env = os.environ
        where = url or env.get("ARANGOLAB_URL") or DEFAULT_URL
        return cls(
            urls=tuple(part.strip().rstrip("/") for part in where.split(",") if part.strip()),
            user=env.get("ARANGOLAB_USER", "root") if user is None else user,
            password=_password_from(env) if password is None else password,
            database=database or env.get("ARANGOLAB_DATABASE") or "_system",
            ca_file=ca_file or env.get("ARANGOLAB_CA_FILE") or None,
        )

    @property
    def url(self) -> str:
        """The first URL."""
        return self.urls[0]

    def __repr__(self) -> str:
        said = f": {self.server.name}, {self.server.role}" if self.server else ""
        user = self.user or "nobody"
        return f"<Target {', '.join(self.urls)}, database {self.database}, user {user}{said}>"

    def _repr_html_(self) -> str:
        said = self.server
        rows = [
            ("URL", ", ".join(self.urls)),
            ("server", said.name if said else "not asked yet"),
            *([("role", said.role)] if said else []),
            ("database", self.database),
            ("user", self.user or "none: without authentication"),
            *(("note", note) for note in (said.notes if said else ())),
        ]
        return showing.table(rows)

    def to_dict(self) -> dict[str, Any]:
        """What may be stored: neither the password nor what the server said."""
        return {
            "urls": list(self.urls),
            "user": self.user,
            "database": self.database,
            "ca_file": self.ca_file,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a server says of itself, and what is known of its process."""

    version: str
    license: str
    role: str
    """SINGLE, COORDINATOR, ..."""
    sandbox: bool
    """It is arangolab's embedded server, not ArangoDB."""
    local: bool
    """It runs on this host."""
    pid: int | None
    """Its process, where that can be known."""
    notes: tuple[str, ...]
    """What could not be had, each in a sentence."""

    @property
    def name(self) -> str:
        """``ArangoDB 3.12.10`` or ``the sandbox (speaks ArangoDB 3.12.10)``."""
        if self.sandbox:
            return f"the embedded sandbox (speaks ArangoDB {self.version})"
        return f"ArangoDB {self.version}"


def connect(target: Target) -> Server:
    """Check that the target can be used, and say what it is.

    Raises Unreachable, NotArangoDB, AccessDenied, NoSuchDatabase or another TargetError.
    """
    reply = request(
        target, "GET", "/_api/version?details=true", database="", timeout_s=CHECK_TIMEOUT_S
    )
    facts = json_object(target.url, target.user, reply)
    if facts.get("server") != "arango" or "version" not in facts:
        raise not_arangodb(target.url, "its version reply is not ArangoDB's")
    current = request(target, "GET", "/_api/database/current", timeout_s=CHECK_TIMEOUT_S)
    if current.status_code == 404:
        raise NoSuchDatabase(
            f"The server at {target.url} has no database {target.database!r}.",
            hint="--database with one that exists.",
        )
    json_object(target.url, target.user, current)
    sandbox = SANDBOX_HEADER in reply.headers
    pid, local, notes = _process(target)
    return Server(
        version=str(facts["version"]),
        license=str(facts.get("license", "")),
        role=_role(target),
        sandbox=sandbox,
        local=local,
        pid=pid,
        notes=notes,
    )


def api(target: Target, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
    """One request to the target's database; the reply's JSON object.

    ``kwargs`` as for requests.request (json, data, params).  Raises TargetError, with ArangoDB's
    own message, when the reply is an error.
    """
    reply = request(target, method, path, **kwargs)
    return json_object(target.url, target.user, reply)


def request(
    target: Target,
    method: str,
    path: str,
    *,
    database: str | None = None,
    timeout_s: float = REPLY_TIMEOUT_S,
    **kwargs: Any,
) -> Any:
    """One request; the reply, whatever its status.  ``database=""``: outside of any.

    Raises Unreachable when there is none, NotArangoDB when it is not HTTP.
    """
    import requests

    name = target.database if database is None else database
    base = f"{target.url}/_db/{quote(name, safe='')}" if name else target.url
    session = requests.Session()
    session.trust_env = False
    session.verify = target.ca_file or True
    if target.user:
        credentials = b64encode(f"{target.user}:{target.password}".encode()).decode()
        session.headers["Authorization"] = f"Basic {credentials}"
    timeout = (CONNECT_TIMEOUT_S, timeout_s)
    try:
        with session:
            return session.request(
                method, base + path, timeout=timeout, allow_redirects=False, **kwargs
            )
    except requests.RequestException as error:
        raise no_reply(target.url, error) from error


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        good = good and not (parts.query or parts.fragment or set(url) & set(" \t\n"))
        inside = bool(parts.username or parts.password)
    except ValueError:
        good, inside = False, False
    if not good:
        raise InputError(f"{url!r} is not a server's URL.", hint=f"--url {DEFAULT_URL}")
    if inside:
        raise InputError(
            "A URL must not hold a user or a password.", hint="--user, and ARANGOLAB_PASSWORD."
        )


def _password_from(env: Mapping[str, str]) -> str:
    if "ARANGOLAB_PASSWORD" in env:
        return env["ARANGOLAB_PASSWORD"]
    file = env.get("ARANGOLAB_PASSWORD_FILE")
    return read_password(Path(file)) if file else ""


def read_password(path: Path) -> str:
    """The password in the file (its first line); raises InputError when it cannot be read."""
    try:
        return (path.read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The password file {path} cannot be read ({_reason(error)}).", hint="check the path."
        ) from error


def _role(target: Target) -> str:
    try:
        return str(api(target, "GET", "/_admin/server/role").get("role", "unknown"))
    except TargetError:
        return "unknown"


def _process(target: Target) -> tuple[int | None, bool, tuple[str, ...]]:
    """(pid, whether the server is local, what could not be known)."""
    from arangolab.listening import listener_pid, this_host

    parts = urlsplit(target.url)
    if not this_host(parts.hostname or ""):
        note = "The server is on another host: its /proc is left out."
        return None, False, (note,)
    pid = listener_pid(parts.port or (443 if parts.scheme == "https" else 80))
    if pid is None:
        note = (
            "The server's process cannot be told (another user's, or one of several): "
            "its /proc is left out."
        )
        return None, True, (note,)
    return pid, True, ()


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or "it is not text")
