"""Who may be asked to read photos: encrypted with certificates, this machine, or what the owner allows."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dejashot.cluster.access import SchedulerAccess, scheduler_access
from dejashot.config.settings import ClusterSettings, Settings
from dejashot.diagnostics.checks_reading import check_cluster
from dejashot.errors import ConfigError
from homes import Home

THERE = "tls://desktop:8786"


def certificate(folder: Path) -> Path:
    """Write a key and a certificate that signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cluster")]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "cluster.pem"
    file.write_bytes(key.private_bytes(*form) + signed.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_scan_goes_through_tls_and_says_so(home: Home, busy_minute: Path) -> None:
    distributed = pytest.importorskip("distributed")
    file = certificate(home.path)
    roles = {f"tls_{role}_{part}": str(file) for role in ("client", "scheduler", "worker") for part in ("cert", "key")}
    security = distributed.Security(require_encryption=True, tls_ca_file=str(file), **roles)
    home.configure(f'[cluster]\nca_file = "{file}"\ncert_file = "{file}"\n')
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        processes=False,
        security=security,
        protocol="tls://",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        done = home.run("scan", busy_minute, "--cluster", cluster.scheduler_address, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "The cluster's workers read photos too.\n")
    assert done.stdout.count('"IMG_000') >= 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scheduler": "tcp://192.168.1.20:8786"}, "would travel unencrypted"),
        ({"scheduler": "tcp://127.0.0.1.example.org:8786"}, "would travel unencrypted"),
        ({"scheduler": THERE}, "needs cluster.ca_file"),
        ({"scheduler": THERE, "ca_file": __file__}, "needs cluster.cert_file"),
        ({"scheduler": THERE, "ca_file": __file__, "cert_file": "/nowhere/cert.pem"}, "there is no /nowhere/cert.pem"),
    ],
)
def test_what_is_not_safe_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        scheduler_access(ClusterSettings(**changes))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://[::1]:1"])
def test_this_machine_needs_no_encryption(address: str) -> None:
    assert scheduler_access(ClusterSettings(scheduler=address)) == SchedulerAccess(address)


def test_the_configuration_is_checked_for_a_cluster_where_there_is_one() -> None:
    found = [list(check_cluster(Settings().with_scheduler(address))) for address in ("", "tcp://localhost:1", THERE)]
    assert [[one.severity for one in each] for each in found] == [[], ["ok"], ["wrong"]]


def test_the_owner_may_allow_what_is_not_encrypted() -> None:
    settings = ClusterSettings(scheduler="tcp://10.0.0.2:8786", allow_unencrypted=True)
    assert scheduler_access(settings).address == "tcp://10.0.0.2:8786"


@pytest.mark.parametrize(
    "address", ["desktop:8786", "http://desktop:8786", "tls://desktop", "tls://a b:1", "tls://-x:1"]
)
def test_anything_else_is_no_address(address: str) -> None:
    with pytest.raises(ConfigError, match="is no address of a scheduler"):
        Settings().with_scheduler(address)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"pip install 'dejashot\[cluster\]'"):
        scheduler_access(ClusterSettings(scheduler=THERE))
