"""The documents tell the truth about the product."""

import ast
import plistlib
import re
import shutil
import subprocess
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import get_args

import pytest
import typer.main
from PIL import Image, ImageStat
from pydantic import BaseModel

from browsers import CHROMIUM
from dejashot import __version__
from dejashot.cli.app import app
from dejashot.cli.lazy import LazyGroup
from dejashot.config.settings import Settings
from dejashot.errors import DejashotError, Reason
from dejashot.files.names import EXTRAS
from dejashot.reading.vision.model import BUNDLED, EmbeddingModel, load_model
from digest_picture import SIZE, make_picture

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "daemon" / "dejashot"
DOCS = ROOT / "daemon" / "docs"
README = (ROOT / "README.md").read_text()
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / ".github").glob("*.md"),
    *(path for room in ("daemon", "config", "systemd", "tests") for path in (ROOT / room).rglob("*.md")),
]
RAW_FORMATS = "DNG CR2 NEF NRW ARW SR2 SRW PEF RW2 ORF RAF CR3 CRW MRW X3F".split()
MAX_README_BYTES = 7 * 1024


def command_names() -> list[str]:
    names: list[str] = []
    group = typer.main.get_command(app)
    assert isinstance(group, LazyGroup)
    for name in group.commands:
        inner = getattr(group.load_command(name), "commands", None)
        names += [f"{name} {sub}" for sub in inner] if inner else [name]
    return names


@pytest.mark.parametrize("name", command_names())
def test_every_command_stands_in_its_document(name: str) -> None:
    assert f"`dejashot {name}" in (DOCS / "commands.md").read_text()


def test_no_document_names_a_command_that_does_not_exist() -> None:
    known = {name.split()[0] for name in command_names()}
    for document in DOCUMENTS:
        if document.name != "CHANGELOG.md":
            assert set(re.findall(r"`dejashot ([a-z]+)", document.read_text())) <= known, document


def test_every_exit_status_stands_in_the_document_of_the_commands() -> None:
    statuses = {error.exit_status for error in all_errors(DejashotError)}
    table = (DOCS / "commands.md").read_text().partition("## Exit status")[2]
    documented = set(map(int, re.findall(r"\d+", " ".join(re.findall(r"(?m)^\| ([\d, ]+) \|", table)))))
    assert statuses < documented


def all_errors(base: type[DejashotError]) -> list[type[DejashotError]]:
    return [base, *(each for child in base.__subclasses__() for each in all_errors(child))]


def test_every_key_stands_in_the_document_of_the_configuration() -> None:
    rows = (ROOT / "config" / "README.md").read_text().partition("## ")[0]
    for name, field in Settings.model_fields.items():
        section = getattr(field.annotation, "model_fields", None)
        line = next(
            row for row in rows.splitlines() if f"`[{name}]`" in row or (section is None and f"`{name}`" in row)
        )
        for key in section or [name]:
            assert f"`{key}`" in line, f"{name}.{key}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    text = document.read_text()
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        leads_to = (document.parent / path).resolve() if path else document
        assert leads_to.exists(), target
        if anchor:
            titles = re.findall(r"(?m)^#+ (.+)$", leads_to.read_text())
            assert anchor in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}, target


@pytest.mark.parametrize("name", ["tests/promises/README.md", ".github/SECURITY.md"])
def test_every_test_that_a_promise_names_is_there(name: str) -> None:
    document = ROOT / name
    for target in re.findall(r"`((?:\.\./|tests/)?[\w/]*test_\w+\.py)`", document.read_text()):
        assert (document.parent / target).exists() or (ROOT / target).exists(), target


def test_the_readme_is_short_and_has_two_commands_and_no_third_step() -> None:
    assert len(README.encode()) <= MAX_README_BYTES
    blocks = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)
    assert len(blocks) == 2
    assert blocks[0].endswith("dejashot scan ~/Pictures")
    assert blocks[1].endswith("pytest")
    assert "\n" not in blocks[0] + blocks[1]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_picture_in_the_readme_is_of_a_real_digest(tmp_path: Path) -> None:
    make_picture(tmp_path / "digest.png")
    with Image.open(tmp_path / "digest.png") as made, Image.open(DOCS / "digest.png") as shown:
        assert made.size == shown.size == SIZE
        small = [ImageStat.Stat(each.convert("L").resize((16, 16))) for each in (made, shown)]
        assert abs(small[0].mean[0] - small[1].mean[0]) < 8, "make it again: see CONTRIBUTING"


def test_version_and_model_agree_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert changelog.count("## [Unreleased]") == 1
    assert f"## [{__version__}]" in changelog
    model = load_model(BUNDLED)
    assert f"{model.name}.onnx" in (BUNDLED.parent / "NOTICE").read_text()
    assert BUNDLED.stat().st_size <= 6_000_000
    accuracy = (DOCS / "accuracy.md").read_text().replace("stands for", "for")
    assert ", ".join(f"{word} for {least:g}" for word, least in model.decision.thresholds.items()) in accuracy


def keys_of(part: type[BaseModel]) -> set[str]:
    found: set[str] = set()
    for name, field in part.model_fields.items():
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if hasattr(kind, "model_fields")]
        found |= {field.alias or name}.union(*map(keys_of, inner))
    return found


def test_every_key_of_a_model_stands_in_the_document_of_the_model() -> None:
    text = (ROOT / "daemon" / "training" / "README.md").read_text().partition("## Another model")[2]
    keys = keys_of(EmbeddingModel)
    assert {"schema", "pair_head", "decode_px", "same_scene"} < keys, "the parts of a description are looked into"
    assert {key for key in keys if not re.search(rf"\b{key}\b", text)} == set()


def test_every_reason_has_words() -> None:
    assert all(reason.description for reason in Reason)


def test_every_module_says_what_it_is_for() -> None:
    for file in (ROOT / "daemon").rglob("*.py"):
        assert file.read_text().startswith('"""'), file


def test_no_public_name_is_defined_in_two_rooms() -> None:
    rooms: defaultdict[str, set[str]] = defaultdict(set)
    for file in PACKAGE.rglob("*.py"):
        for statement in ast.parse(file.read_text()).body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names = [statement.name]
            else:
                targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            for name in names:
                rooms[name].add(file.relative_to(PACKAGE).parts[0])
    public = {name: places for name, places in rooms.items() if not name.startswith("_") and name != "log"}
    assert {name: places for name, places in public.items() if len(places) > 1} == {}


def test_every_room_stands_in_the_architecture() -> None:
    table = (ROOT / "daemon" / "README.md").read_text().partition("## Rooms")[2].partition("## Glossary")[0]
    for room in PACKAGE.iterdir():
        if (room / "__init__.py").exists():
            assert f"`{room.name}`" in table, room.name


def test_the_launchd_agent_is_well_formed() -> None:
    agent = plistlib.loads((ROOT / "systemd" / "dejashot.plist").read_bytes())
    assert agent["ProgramArguments"][1:] == ["run"]
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["ProcessType"] == "Background"


def test_the_container_serves_the_page_and_is_watched_as_its_unit_says() -> None:
    unit = (ROOT / "systemd" / "dejashot.container").read_text()
    values = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    port = Settings().review.port
    assert values["PublishPort"] == f"127.0.0.1:{port}:{port}"
    assert f"Environment=WATCHDOG_USEC={int(values['WatchdogSec']) * 1_000_000}\n" in unit
    assert int(values["StopTimeout"]) < int(values["TimeoutStopSec"])


def test_the_image_is_built_of_what_the_wheel_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    needed |= {*wheel["packages"], *wheel["force-include"]}
    lines = re.findall(r"^COPY (?!--)(.+) /src", (ROOT / "config" / "Containerfile").read_text(), re.MULTILINE)
    copied = [Path(path) for line in lines for path in line.split()]
    assert {path for path in needed if not any(Path(path).is_relative_to(c) for c in copied)} == set()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_user_unit_is_one_systemd_understands(tmp_path: Path) -> None:
    program = shutil.which("true") or "/bin/true"
    unit = (ROOT / "systemd" / "dejashot.service").read_text().replace("%h/.local/bin/dejashot", program)
    (tmp_path / "dejashot.service").write_text(unit)
    command = ["systemd-analyze", "verify", "--user", str(tmp_path / "dejashot.service")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "dejashot.service" not in done.stderr, done.stderr


def test_every_extra_and_every_raw_that_is_read_stands_in_the_documents() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {extra.name for extra in EXTRAS.values()} < set(extras)
    formats = (DOCS / "formats.md").read_text()
    assert all(f"'.[{extra.name}]'" in formats for extra in EXTRAS.values())
    assert all(form in formats for form in RAW_FORMATS)
