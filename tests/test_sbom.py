"""The bill of materials of a release names what an installation holds."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def made(root: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, root / ".ci" / "sbom"], capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def document() -> Any:
    done = made()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def names(lines: list[str]) -> list[str]:
    return [re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", line)[0]).lower() for line in lines]


def test_it_names_every_dependency_with_its_version_and_licence(document: Any) -> None:
    asked = names(
        [
            *PROJECT["dependencies"],
            *(
                line
                for extra in ("deliver", "places", "jxl", "raw")
                for line in PROJECT["optional-dependencies"][extra]
            ),
        ]
    )
    found = {
        part["purl"].removeprefix("pkg:pypi/").partition("@")[0]: part
        for part in document["components"]
        if "purl" in part
    }
    assert {*asked} <= {*found}
    assert len(found) > len(asked), "what they need is named too"
    for name, part in found.items():
        assert part["version"] == metadata.version(name)
        (first, *_) = part["licenses"]
        assert first.get("expression") or first["license"]["name"], name
        assert "\n" not in (first.get("expression") or first["license"]["name"])
    assert not {"pytest", "hypothesis", "ruff"} & {*found}, "what only developers need is not shipped"


def test_what_wheels_bundle_and_the_networks_are_named(document: Any) -> None:
    parts = {part["name"]: part for part in document["components"]}
    networks = {file.stem for file in (ROOT / "daemon" / "dejashot" / "weights").glob("*.onnx")}
    assert networks
    assert networks <= {*parts}
    assert any("webp" in inner["name"] for inner in parts["pillow"]["components"]), "Pillow says what it was built with"


def test_it_is_a_sound_document(document: Any) -> None:
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document["serialNumber"])
    own = document["metadata"]["component"]
    assert (own["name"], own["version"]) == (PROJECT["name"], PROJECT["version"])
    parts = [
        own,
        *document["components"],
        *(inner for part in document["components"] for inner in part.get("components", ())),
    ]
    refs = [part["bom-ref"] for part in parts]
    assert len({*refs}) == len(refs)
    graph = {entry["ref"]: entry["dependsOn"] for entry in document["dependencies"]}
    assert {ref for needs in graph.values() for ref in needs} <= {*graph} <= {*refs}
    reached, todo = set(), [own["bom-ref"]]
    while todo:
        ref = todo.pop()
        if ref not in reached:
            reached.add(ref)
            todo += graph[ref]
    assert reached == {*graph}, "nothing stands there that nothing asks for"


def test_the_same_installation_gives_the_same_bytes() -> None:
    dated = made(SOURCE_DATE_EPOCH="1800000000")
    assert dated.stdout == made(SOURCE_DATE_EPOCH="1800000000").stdout != ""
    assert json.loads(dated.stdout)["metadata"]["timestamp"] == "2027-01-15T08:00:00+00:00"


def test_what_is_not_installed_is_said(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "sbom", tmp_path / ".ci")
    text = (
        (ROOT / "pyproject.toml")
        .read_text()
        .replace("dependencies = [", 'dependencies = [\n    "never-written>=1",', 1)
    )
    (tmp_path / "pyproject.toml").write_text(text)
    done = made(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "never-written is not installed here" in done.stderr
