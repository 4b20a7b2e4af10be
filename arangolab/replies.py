"""What a server's reply, or the lack of one, means: the sentence a user reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from arangolab.errors import AccessDenied, NotArangoDB, TargetError, Unreachable


def json_object(url: str, user: str, reply: Any) -> dict[str, Any]:
    """The reply's JSON object; raises what the status stands for."""
    if reply.status_code in (401, 403) and _is_arangodb(reply):
        raise AccessDenied(
            f"The server at {url} refuses user {user!r}: {_message(reply)}.",
            hint="another --user, or the password in ARANGOLAB_PASSWORD.",
        )
    try:
        body = reply.json()
    except ValueError:
        raise not_arangodb(url, f"it answers {reply.status_code} without JSON") from None
    if not isinstance(body, dict):
        raise not_arangodb(url, "its replies are not JSON objects")
    if reply.status_code >= 400:
        if "errorNum" not in body:
            raise not_arangodb(url, f"it answers {reply.status_code}")
        raise TargetError(
            f"The server answers {reply.status_code}, error {body['errorNum']}: "
            f"{body.get('errorMessage', '')}."
        )
    return body


def _is_arangodb(reply: Any) -> bool:
    """Whether a refusal is ArangoDB's: by its headers, since some have no body."""
    named = reply.headers.get("server", "") + reply.headers.get("www-authenticate", "")
    return "arangodb" in named.lower() or b'"errorNum"' in reply.content


def _message(reply: Any) -> str:
    try:
        return str(reply.json()["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return "not authorized"


def not_arangodb(url: str, why: str) -> NotArangoDB:
    """The error that says so, and ``why``, a clause."""
    return NotArangoDB(
        f"What answers at {url} is not ArangoDB: {why}.",
        hint="the port of an ArangoDB server (8529 by default).",
    )


def no_reply(url: str, error: Exception) -> TargetError:
    """What kept a request (of the package requests) from being answered."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(
            f"{url} cannot be trusted or does not speak TLS ({_short(error)}).",
            hint="http:// instead of https://, a certificate this host trusts, or --ca-file.",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreachable(
            f"{url} cannot be reached in time.",
            hint="check the host and the port in --url, and firewalls between.",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return Unreachable(
            f"{url} accepts connections but does not answer in time.",
            hint=f"whether the server is overloaded, and whether it speaks {urlsplit(url).scheme}.",
        )
    return _unreachable(url, error)


def _unreachable(url: str, error: Exception) -> TargetError:
    text = str(error)
    if "refused" in text:
        return Unreachable(
            f"Nothing listens at {url}.",
            hint="start the server (arangolab sandbox starts one), or another --url.",
        )
    if "resolve" in text or "Name or service" in text:
        return Unreachable(f"There is no host as in {url}.", hint="check the host's name in --url.")
    if "RemoteDisconnected" in text or "reset" in text or "Broken pipe" in text:
        return Unreachable(
            f"{url} closed the connection without an answer.",
            hint="whether the server still runs, and whether it wants https:// or http://.",
        )
    if "BadStatusLine" in text or "HTTP/0.9" in text:
        return not_arangodb(url, "it does not speak HTTP")
    return Unreachable(f"{url} cannot be reached ({_short(error)}).", hint="check --url.")


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 120 else text[:119] + "…"
