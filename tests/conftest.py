"""What tests share: an isolated home, the command run as a person runs it, and proof that originals stay as they are."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dejashot.config import Settings
from dejashot.service.pipeline import Pipeline, open_pipeline, worker_options
from scenes import exposed, moved, save_photo, scene

SHARED = Path(__file__).parents[2] / "shared"


@dataclass(frozen=True)
class Home:
    """An isolated home folder and the command line inside it."""

    path: Path
    environment: Mapping[str, str]

    def run(self, *arguments: object, timeout_s: float = 120, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run `dejashot` with arguments and return what it said."""
        return subprocess.run(
            self.command(*arguments), env={**self.environment, **changes}, capture_output=True, text=True, timeout=timeout_s
        )

    def json(self, *arguments: object) -> Any:
        """Run `dejashot`, expect success, and return its JSON."""
        done = self.run(*arguments, "--format", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: object, **changes: str) -> subprocess.Popen[str]:
        """Start `dejashot` in the background."""
        return subprocess.Popen(
            self.command(*arguments), env={**self.environment, **changes}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def command(self, *arguments: object) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", "dejashot", *map(str, arguments)]

    @property
    def library(self) -> Path:
        """Return where the library lies."""
        return self.path / "state" / "dejashot"

    def configure(self, text: str) -> Path:
        """Write the configuration file."""
        file = self.path / "config" / "dejashot" / "dejashot.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give the test a home folder of its own."""
    path = tmp_path / "home"
    path.mkdir()
    left_out = {"DEJASHOT_CONFIG", "NOTIFY_SOCKET", "JOURNAL_STREAM", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {
        "HOME": str(path),
        "XDG_CONFIG_HOME": str(path / "config"),
        "XDG_STATE_HOME": str(path / "state"),
        "XDG_CACHE_HOME": str(path / "cache"),
        "TZ": "Europe/Berlin",
        "COLUMNS": "80",
    }
    return Home(path, environment)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty folder for a library, with previews cached beside it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "library"


@pytest.fixture
def pipeline(library: Path) -> Iterator[Pipeline]:
    """Give the test a pipeline of two readers over an empty library."""
    with open_pipeline(Settings(), library, workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def options() -> Any:
    """Return the options of a reading worker as the defaults make them."""
    return worker_options(Settings())


NOON = datetime(2026, 7, 1, 12, 0, 0)


@pytest.fixture(scope="session")
def _busy_minute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("minute")
    city, fruit, sea = scene(1), scene(6), scene(3)
    save_photo(folder / "IMG_0001.jpg", city, NOON)
    save_photo(folder / "IMG_0002.jpg", exposed(city, -2), NOON + timedelta(seconds=4))
    save_photo(folder / "IMG_0003.jpg", moved(city, 0.04, 0.02), NOON + timedelta(seconds=9))
    save_photo(folder / "IMG_0004.jpg", fruit, NOON + timedelta(seconds=21))
    save_photo(folder / "IMG_0005.jpg", sea, NOON + timedelta(hours=2), gps=(54.18, 7.88))
    return folder


@pytest.fixture
def busy_minute(_busy_minute: Path, tmp_path: Path) -> Path:
    """Give the test a folder of five photos: three takes of one shot, another scene in the same minute, one two hours later."""
    return Path(shutil.copytree(_busy_minute, tmp_path / "minute"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the evaluation photos, or skip."""
    if not (SHARED / "data" / "originals").is_dir():
        pytest.skip("the evaluation photos are not beside this checkout")
    return SHARED


def tree_hash(folder: Path) -> str:
    """Return a hash over names, bytes and times of everything in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        digest.update(f"{path.relative_to(folder)}|{status.st_mode}|{status.st_mtime_ns}|".encode("utf-8", "surrogateescape"))
        if path.is_file() and not path.is_symlink():
            digest.update(path.read_bytes())
    return digest.hexdigest()
