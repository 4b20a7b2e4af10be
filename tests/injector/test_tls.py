"""TLS: who is trusted, by either transport and by the kernel's own requests."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from arangolab.errors import AccessDenied, InputError, Unreachable
from arangolab.injector.protocol import Fatal
from arangolab.target import Target, connect
from tests.injector.drive import Drive, setup_for
from tests.injector.stub import Stub

Authority = tuple[ssl.SSLContext, Path]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """(a server's TLS context, the file with the certificate of who vouches for it)."""
    made = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.issue_cert("127.0.0.1").configure_cert(context)
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    return context, file


@pytest.mark.parametrize("transport", ["pooled", "grequests"])
@pytest.mark.slow
def test_a_server_that_the_file_vouches_for_is_used(authority: Authority, transport: str) -> None:
    """Logins over https, every one of them."""
    context, file = authority
    with Stub(tls=context) as stub:
        setup = setup_for(stub.url, "login", ca_file=str(file), transport=transport)
        with Drive(setup) as drive:
            drive.run(40, 0.5)
            assert drive.first_errors() == {}
            assert drive.total("finished") == 20


@pytest.mark.parametrize("transport", ["pooled", "grequests"])
def test_a_server_that_nobody_vouches_for_is_refused(authority: Authority, transport: str) -> None:
    """Before the run begins, in one sentence that names the certificate."""
    with (
        Stub(tls=authority[0]) as stub,
        Drive(setup_for(stub.url, transport=transport)) as drive,
    ):
        fatal = drive.await_a(Fatal)
        assert fatal.kind == "Unreachable"
        assert "certificate verify failed" in fatal.message


def test_the_kernel_trusts_the_same_file(authority: Authority) -> None:
    """With it the server is heard (and refuses us); without, what to try is said."""
    context, file = authority
    with Stub(tls=context) as stub:
        with pytest.raises(AccessDenied):
            connect(Target(urls=(stub.url,), ca_file=str(file)))
        with pytest.raises(Unreachable, match="cannot be trusted") as refused:
            connect(Target(urls=(stub.url,)))
        assert "--ca-file" in refused.value.hint


def test_a_certificate_file_that_is_not_there_is_named() -> None:
    """When the target is made, not in the middle of a run."""
    with pytest.raises(InputError, match=r"nobody\.pem"):
        Target(urls=("https://127.0.0.1:1",), ca_file="nobody.pem")
