"""The certificate for the network: for whom it speaks, how long it is kept, and that nobody else reads its key."""

import re
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from dejashot.web.access.certificate import certificate_for
from dejashot.web.access.network import host_names, lan_addresses

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NAMES, ADDRESSES = ["anna.local", "localhost"], [ip_address("192.0.2.5"), ip_address("2001:db8::5")]


def test_it_speaks_for_names_and_addresses_and_for_a_year_at_most(tmp_path: Path) -> None:
    made = certificate_for(tmp_path, NAMES, ADDRESSES, NOW)
    found = x509.load_pem_x509_certificate(made.file.read_bytes())
    said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert said.get_values_for_type(x509.DNSName) == NAMES
    assert said.get_values_for_type(x509.IPAddress) == ADDRESSES
    key = found.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert found.not_valid_after_utc - found.not_valid_before_utc <= timedelta(days=397)
    assert found.not_valid_before_utc < NOW
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.file)


def test_the_fingerprint_is_the_one_that_browsers_show(tmp_path: Path) -> None:
    made = certificate_for(tmp_path, NAMES, ADDRESSES, NOW)
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", made.fingerprint)
    done = subprocess.run(
        ["openssl", "x509", "-in", made.file, "-noout", "-fingerprint", "-sha256"], capture_output=True, text=True
    )
    assert done.stdout.strip().endswith(made.fingerprint)


@pytest.mark.parametrize(
    ("after", "names", "addresses", "kept"),
    [
        (timedelta(days=300), NAMES, ADDRESSES, True),
        (timedelta(days=300), NAMES[:1], ADDRESSES[:1], True),
        (timedelta(days=367), NAMES, ADDRESSES, False),
        (timedelta(days=500), NAMES, ADDRESSES, False),
        (timedelta(days=-2), NAMES, ADDRESSES, False),
        (timedelta(), [*NAMES, "other.local"], ADDRESSES, False),
        (timedelta(), NAMES, [*ADDRESSES, ip_address("192.0.2.6")], False),
    ],
)
def test_it_is_kept_for_as_long_as_it_will_do(
    tmp_path: Path, after: timedelta, names: list[str], addresses: list, kept: bool
) -> None:  # type: ignore[type-arg]
    first = certificate_for(tmp_path, NAMES, ADDRESSES, NOW)
    assert (certificate_for(tmp_path, names, addresses, NOW + after).fingerprint == first.fingerprint) is kept


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_damaged_one_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "certificate.pem").write_bytes(damage)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate_for(tmp_path, NAMES, ADDRESSES, NOW).file)


def test_one_whose_key_is_anothers_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = (
        certificate_for(tmp_path, NAMES, ADDRESSES, NOW),
        certificate_for(tmp_path / "other", NAMES, ADDRESSES, NOW),
    )
    key, mark, _ = one.file.read_bytes().partition(b"-----BEGIN CERTIFICATE")
    one.file.write_bytes(key + mark + other.file.read_bytes().partition(mark)[2])
    assert certificate_for(tmp_path, NAMES, ADDRESSES, NOW).fingerprint not in (one.fingerprint, other.fingerprint)


def test_this_machine_knows_its_names_and_addresses() -> None:
    assert not any(address.is_loopback or address.is_link_local for address in lan_addresses())
    assert len({*lan_addresses()}) == len(lan_addresses())
    assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in host_names())
