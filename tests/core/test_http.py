from __future__ import annotations

import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from datetime import timedelta

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.core import http
from apps.core.errors import OutcomeUnknown, TryLater
from tests.core.conftest import say


def test_call_reaches_an_allowed_pair(peer):
    with http.client("peer") as client:
        assert client.get(f"{peer.url}/x").text == "hello"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://0x7f.1/",
        "http://93.184.215.14/",
    ],
)
def test_guard_refuses(url, settings):
    settings.OUTBOUND_ALLOW = []
    with http.client("peer") as client, pytest.raises(http.AddressRefused) as refused:
        client.get(url)
    assert not http.was_sent(refused.value)


def test_guard_refuses_another_port_of_an_allowed_host(peer, settings):
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{peer.port + 1}"]
    with http.client("peer") as client, pytest.raises(http.AddressRefused):
        client.get(peer.url)
    assert peer.calls == []


def test_kept_connection_does_not_outlive_its_permission(peer, settings):
    with http.client("peer") as client:
        client.get(peer.url)
        settings.OUTBOUND_ALLOW = []
        with pytest.raises(http.AddressRefused):
            client.get(peer.url)


def test_name_is_resolved_once_and_kept_in_host(peer, settings, monkeypatch):
    """A name that answers differently the second time gains nothing: there is no second time."""
    answers, asked = ["127.0.0.1", "10.0.0.1"], []
    real = socket.getaddrinfo

    def rebinding(host, *args, **kwargs):
        if host != "rebind.test":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real(answers.pop(0), *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    settings.OUTBOUND_ALLOW = [f"rebind.test:{peer.port}"]
    with http.client("peer") as client:
        client.get(f"http://rebind.test:{peer.port}/")
    assert asked == ["rebind.test"]
    assert peer.calls[0][2]["Host"] == f"rebind.test:{peer.port}"


def test_private_answers_are_dropped_from_a_mixed_name(settings, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, **kwargs: [e for a in ("127.0.0.1", "10.0.0.9") for e in real(a, port, **kwargs)],
    )
    settings.OUTBOUND_ALLOW = []
    with http.client("peer") as client, pytest.raises(http.AddressRefused):
        client.get("https://mixed.test/")


def test_name_without_address_was_never_sent():
    with http.client("peer") as client, pytest.raises(httpx2.ConnectError) as error:
        client.get("https://nothing.invalid/")
    assert not http.was_sent(error.value)


def test_look_up_that_hangs_ends_in_time(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(3) or [])
    started = time.monotonic()
    with http.client("peer", timeout=0.3) as client, pytest.raises(httpx2.ConnectTimeout):
        client.get("https://slow.test/")
    assert time.monotonic() - started < 1


def test_tls_and_host_keep_the_name_while_connecting_to_the_address(settings, tmp_path, monkeypatch):
    certificate = make_certificate("bakery.test", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    named: list[str | None] = []
    context.sni_callback = lambda sock, name, ctx: named.append(name)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")

    thread = threading.Thread(target=serve)
    thread.start()
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1", *a, **k))
    settings.OUTBOUND_ALLOW = [f"bakery.test:{port}"]
    http._tls().load_verify_locations(certificate)
    with http.client("tls") as client:
        assert client.get(f"https://bakery.test:{port}/").text == "hi"
    thread.join()
    listener.close()
    assert named == ["bakery.test"]


def make_certificate(name: str, folder):
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_redirect_is_not_followed(peer):
    peer.answer = lambda handler: say(handler, b"", 302, Location="/elsewhere")
    with http.client("peer") as client:
        assert client.get(peer.url).status_code == 302
    assert len(peer.calls) == 1


def test_followed_redirect_meets_the_guard_again(peer):
    peer.answer = lambda handler: say(handler, b"", 302, Location="https://169.254.169.254/")
    with http.client("peer", follow_redirects=True) as client, pytest.raises(http.AddressRefused):
        client.get(peer.url)


def test_environment_proxy_is_not_used(peer, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with http.client("peer") as client:
        assert client.get(peer.url).status_code == 200


# -- limits


def test_answer_above_the_limit_is_refused(peer):
    peer.answer = lambda handler: say(handler, b"x" * 5000)
    with http.client("peer", max_bytes=4999) as client, pytest.raises(http.AnswerTooLarge) as error:
        client.get(peer.url)
    assert http.was_sent(error.value)


def test_answer_at_the_limit_is_taken(peer):
    peer.answer = lambda handler: say(handler, b"x" * 5000)
    with http.client("peer", max_bytes=5000) as client:
        assert len(client.get(peer.url).content) == 5000


def test_packed_answer_is_unpacked(peer):
    peer.answer = lambda handler: say(handler, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    with http.client("peer") as client:
        assert client.get(peer.url).json() == {"a": 1}


def test_bomb_is_refused(peer):
    peer.answer = lambda handler: say(handler, gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip")
    with http.client("peer", max_bytes=1_000_000) as client, pytest.raises(http.AnswerTooLarge):
        client.get(peer.url)


def test_coding_that_was_not_asked_for_is_refused(peer):
    peer.answer = lambda handler: say(handler, b"?", Content_Encoding="br")
    with http.client("peer") as client, pytest.raises(httpx2.DecodingError) as error:
        client.get(peer.url)
    assert http.was_sent(error.value)


def test_dripping_answer_ends_at_the_total_time(peer):
    """Each byte comes in time; the whole does not."""

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    peer.answer = drip
    started = time.monotonic()
    with http.client("peer", timeout=0.5, read=0.4) as client, pytest.raises(httpx2.ReadTimeout):
        client.get(peer.url)
    assert 0.4 < time.monotonic() - started < 1.0


def test_dripping_headers_end_at_the_total_time(peer):
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(40):
            handler.wfile.write(f"X-{number}: y\r\n".encode())
            time.sleep(0.05)

    peer.answer = drip
    started = time.monotonic()
    with http.client("peer", timeout=0.5) as client, pytest.raises(httpx2.ReadTimeout):
        client.get(peer.url)
    assert time.monotonic() - started < 1.0


def test_connection_is_kept_between_clients(peer):
    peers = set()
    peer.answer = lambda handler: (peers.add(handler.client_address), say(handler, b"x"))
    for _ in range(3):
        with http.client("kept") as client:
            client.get(peer.url)
    assert len(peers) == 1


# -- what is certain


def test_refused_connection_may_be_tried_later(settings):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{port}"]
    with http.client("peer") as client, pytest.raises(TryLater), http.calling("peer", has_effect=True):
        client.post(f"http://127.0.0.1:{port}/")


def hang_up(handler):
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(("has_effect", "kind"), [(True, OutcomeUnknown), (False, TryLater)])
def test_lost_answer(peer, has_effect, kind):
    peer.answer = hang_up
    with http.client("peer") as client, pytest.raises(kind), http.calling("peer", has_effect=has_effect):
        client.post(peer.url, content=b"post")
    assert len(peer.calls) == 1


@pytest.mark.parametrize(("has_effect", "kind"), [(True, OutcomeUnknown), (False, TryLater)])
def test_late_answer(peer, has_effect, kind):
    peer.answer = lambda handler: time.sleep(0.5)
    client = http.client("peer", timeout=0.2)
    with client, pytest.raises(kind), http.calling("peer", has_effect=has_effect):
        client.post(peer.url, content=b"post")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta()),
        ("Sun, 22 Nov 2026 12:01:00 GMT", timedelta(seconds=60)),
        ("Sun, 22 Nov 2026 11:00:00 GMT", timedelta()),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after(value, expected):
    headers = {"Retry-After": value, "Date": "Sun, 22 Nov 2026 12:00:00 GMT"}
    assert http.retry_after(httpx2.Response(429, headers=headers)) == expected


# -- log


def test_call_is_logged_without_secrets(peer, caplog):
    caplog.set_level("INFO", "lily.vendor")
    with http.client("peer", headers={"Authorization": "Bearer topsecret"}) as client:
        client.post(f"{peer.url}/things?token=topsecret", json={"password": "topsecret"})
    [record] = caplog.records
    facts = {name: getattr(record, name) for name in ("vendor", "method", "host", "path", "status", "bytes")}
    assert facts == {
        "vendor": "peer",
        "method": "POST",
        "host": "127.0.0.1",
        "path": "/things",
        "status": 200,
        "bytes": 5,
    }
    assert "topsecret" not in str(record.__dict__)


def test_failed_call_is_logged(peer, caplog):
    caplog.set_level("INFO", "lily.vendor")
    peer.answer = hang_up
    with http.client("peer") as client, pytest.raises(httpx2.HTTPError):
        client.get(peer.url)
    assert [record.problem for record in caplog.records] == ["RemoteProtocolError"]


def test_openai_client_goes_through_the_guard(settings):
    import openai

    from apps.core import vendors

    settings.OUTBOUND_ALLOW = []
    client = vendors.openai_client(api_key="k", base_url="https://169.254.169.254/v1")
    with client, pytest.raises(openai.APIConnectionError) as error:
        client.models.list()
    assert isinstance(error.value.__cause__, http.AddressRefused)
    assert client.max_retries == 0


def test_addresses_are_parsed_as_the_system_does():
    """What the guard is asked about is what `getaddrinfo` made of the name, so odd spellings cannot slip past."""
    assert ipaddress.ip_address(http.resolve("2130706433", 80, 1)[0]).is_loopback
