"""The self-signed certificate under which the page is served to the network."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dejashot.errors import StorageError
from dejashot.paths import PRIVATE_FILE, read_own, shown, write_atomically

CERTIFICATE_NAME = "certificate.pem"
LIFE = timedelta(days=397)  # browsers refuse more
_RENEW_BEFORE = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(days=1)  # a phone's may be behind


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key in one file, so that they never disagree, and its SHA-256 fingerprint with colons."""

    file: Path
    fingerprint: str


def certificate_for(
    folder: Path, names: Sequence[str], addresses: Sequence[IPv4Address | IPv6Address], now: datetime
) -> Certificate:
    """Return the certificate in a folder; raise StorageError.

    It is made anew when it runs out within 30 days or lacks a name or an address, and kept otherwise: devices were told
    to trust it. `now` is aware.
    """
    file = folder / CERTIFICATE_NAME
    found = _loaded(file)
    if found is None or not _is_usable(found, names, addresses, now):
        pem, found = _made(names, addresses, now)
        try:
            write_atomically(file, pem)
        except OSError as error:
            raise StorageError(
                f"can't write {shown(file)}: {error.strerror}", "Check the permissions and the free space"
            ) from error
    return Certificate(file, found.fingerprint(hashes.SHA256()).hex(":").upper())


def _loaded(file: Path) -> x509.Certificate | None:
    """Return the certificate in a file, None when there is none that goes with the key beside it."""
    try:
        data = read_own(file)
        key = serialization.load_pem_private_key(data, None)
        certificate = x509.load_pem_x509_certificate(data)
        if key.public_key() != certificate.public_key():
            return None
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    with suppress(OSError):
        file.chmod(PRIVATE_FILE)
    return certificate


def _is_usable(
    found: x509.Certificate, names: Sequence[str], addresses: Sequence[IPv4Address | IPv6Address], now: datetime
) -> bool:
    """Return whether a certificate is good for a while and covers all names and addresses."""
    try:
        alternatives = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        named = {
            *alternatives.get_values_for_type(x509.DNSName),
            *alternatives.get_values_for_type(x509.IPAddress),
        }
    except (x509.ExtensionNotFound, ValueError):
        return False
    in_time = found.not_valid_before_utc <= now < found.not_valid_after_utc - _RENEW_BEFORE
    return in_time and {*names, *addresses} <= named


def _made(
    names: Sequence[str], addresses: Sequence[IPv4Address | IPv6Address], now: datetime
) -> tuple[bytes, x509.Certificate]:
    """Return a new key and certificate in PEM, and the certificate: P-256, self-signed, for servers only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dejashot")])
    begin = now - _CLOCKS_DIFFER
    covered = [*(x509.DNSName(n) for n in names), *(x509.IPAddress(a) for a in addresses)]
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + LIFE)
        .add_extension(x509.SubjectAlternativeName(covered), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM), certificate
