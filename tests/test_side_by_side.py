"""Made tools timed side by side: in turn, each as on its first day, and never at the cost of the photos."""

import os
from datetime import datetime
from pathlib import Path

import pytest

from commands import Programs
from homes import tree_hash
from measured_process import MIB, Measured, RunError
from scenes import save_photo, scene
from side_by_side.comparison import Comparison, Timed, compare, folder_facts, machine_facts
from side_by_side.installs import Installed, Installer
from side_by_side.runs import ChangedFolderError
from side_by_side.tables import WIDTH, as_markdown, as_object, as_text
from side_by_side.tools import MAIN, Package, Tool

FINDS = """
import os, sys
from pathlib import Path
photos, work, home = Path(sys.argv[1]), Path(sys.argv[2]), Path(os.environ["HOME"])
if "probe" not in str(list(photos.iterdir())):
    open({log!r}, "a").write({name!r} + "\\n")
if [*work.iterdir(), *home.iterdir()]:
    raise ValueError("something is left from the run before")
(work / "index").touch(), (home / ".cache").mkdir()
{more}
print(*photos.iterdir())
"""
ON_THE_FOLDER = "if (photos / '1.jpg').exists():\n    "


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for n in range(2):
        save_photo(tmp_path / "photos" / f"{n}.jpg", scene(n, (96, 72)), datetime(2026, 5, 1, 12, 0, n))
    return tmp_path / "photos"


def made(tmp_path: Path, name: str, more: str = "", finds: str = FINDS) -> Installed:
    """Return a tool that prints the names of all photos, and does something more."""
    script = tmp_path / f"{name}.py"
    script.write_text(finds.format(log=str(tmp_path / "log"), name=name, more=more))
    return Installed(Tool(name, "names", (f"$python {script} $photos $work",)), "1.0")


def compared(tools: list[Installed], photos: Path, rounds: int = 1, timeout_s: float = 60) -> Comparison:
    return compare(tools, photos, rounds, timeout_s, lambda text: None)


def test_tools_run_in_turn_each_as_the_first_time_and_the_first_round_does_not_count(
    tmp_path: Path, photos: Path
) -> None:
    comparison = compared([made(tmp_path, name) for name in "AB"], photos, 2)
    assert comparison.left_out == {}
    assert (tmp_path / "log").read_text().split() == ["A", "B"] * 3
    assert [len(tool.runs) for tool in comparison.timed] == [2, 2]
    assert [tool.photos for tool in comparison.timed] == [2, 2]


def test_what_fails_hangs_or_reads_nothing_is_left_out_with_the_reason(tmp_path: Path, photos: Path) -> None:
    tools = [
        made(tmp_path, "good"),
        made(tmp_path, "fails", "raise ValueError('no such option')"),
        made(tmp_path, "tires", ON_THE_FOLDER + "raise OSError('too many')"),
        made(tmp_path, "blind", "photos = work"),
    ]
    comparison = compared(tools, photos)
    assert [tool.installed.tool.name for tool in comparison.timed] == ["good"]
    assert comparison.left_out == {
        "fails": "status 1: ValueError: no such option",
        "tires": "status 1: OSError: too many",
        "blind": "reads nothing here: .jpg",
    }
    hanging = compared([made(tmp_path, "hangs", "import time; time.sleep(60)")], photos, timeout_s=0.5)
    assert hanging.left_out == {"hangs": "not finished after 0.5 s"}


def test_a_tool_that_writes_beside_photos_gets_a_copy(tmp_path: Path, photos: Path) -> None:
    before = tree_hash(photos)
    comparison = compared([made(tmp_path, "writes", "(photos / '.index').mkdir()")], photos)
    assert [len(tool.runs) for tool in comparison.timed] == [1]
    assert tree_hash(photos) == before


@pytest.mark.parametrize("harm", ["(photos / '1.jpg').unlink()", "sys.exit((photos / 'new').mkdir() or 'failed')"])
def test_a_change_in_the_folder_ends_the_comparison(tmp_path: Path, photos: Path, harm: str) -> None:
    with pytest.raises(ChangedFolderError, match="harms changed"):
        compared([made(tmp_path, "harms", ON_THE_FOLDER + harm), made(tmp_path, "next")], photos)
    assert (tmp_path / "log").read_text().split() == ["harms"]


def test_a_package_is_installed_once_and_a_failure_is_told_of_all_its_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = Programs(tmp_path / "programs")
    programs.add("uv", 'case "$*" in *broken*) echo "error: no version" >&2; exit 1;; *venv*) mkdir -p "$5";; esac')
    monkeypatch.setenv("PATH", f"{programs.folder}{os.pathsep}{os.environ['PATH']}")
    installer = Installer(tmp_path / "venvs", lambda text: None)
    good = Tool("good", "", (), Package("2.0", ("good[all]==2.0",), ("rest==1",)))
    installed = installer.get(good)
    assert (installed.version, Path(installed.commands)) == ("2.0", tmp_path / "venvs" / "rest-2.0" / "bin")
    asked = programs.asked()
    assert [line.partition(" --python ")[0] for line in asked] == ["uv venv --quiet", *["uv pip install --quiet"] * 2]
    assert asked[1].endswith("--no-deps rest==1")
    assert asked[2].endswith("good[all]==2.0")
    Installer(tmp_path / "venvs", lambda text: None).get(good)
    assert programs.asked() == []
    broken = Package("1.0", ("broken==1.0",))
    for name in ("broken fast", "broken slow"):
        with pytest.raises(RunError, match="not installed: status 1: error: no version"):
            installer.get(Tool(name, "", (), broken))
    assert len(programs.asked()) == 1
    with pytest.raises(RunError, match="no command never-there"):
        installer.get(Tool("absent", "", (), on_path="never-there"))


def test_the_object_has_medians_and_ratios_and_the_tables_show_them(photos: Path) -> None:
    def timed(name: str, gives: str, *seconds: float) -> Timed:
        runs = [Measured(s, 2 * s, int(100 * MIB * s), "") for s in seconds]
        return Timed(Installed(Tool(name, gives, ()), "1.2.3"), 2, False, runs)

    tools = [
        timed(MAIN, "percent, groups, keepers, reasons", 9, 2, 1),
        timed("another tool of a long name", "pairs by hash", 0.5),
    ]
    comparison = Comparison(tools, {"absent": "no command " + "absent " * 20})
    found = as_object(comparison, {"machine": machine_facts(), "folder": folder_facts(photos)}, 3)
    assert set(found) == {"machine", "folder", "rounds", "compared_with", "tools", "left_out"}
    assert set(found["machine"]) == {"cores", "python", "platform", "load"}
    assert found["folder"] == {
        "files": 2,
        "megapixels": round(2 * 96 * 72 / 1e6, 1),
        "bytes": sum(photo.stat().st_size for photo in photos.iterdir()),
    }
    assert found["tools"]["another tool of a long name"] == {
        "version": "1.2.3",
        "wall_s": 0.5,
        "cpu_s": 1.0,
        "peak_mib": 50.0,
        "photos": 2,
        "photos_per_s": 4.0,
        "ratio_wall": 0.25,
        "ratio_cpu": 0.25,
        "gives": "pairs by hash",
    }
    assert found["tools"][MAIN]["wall_s"] == 2
    quiet, text = (as_text({**found, "machine": {**found["machine"], "load": load}}) for load in (0.2, 17.5))
    assert "load 17.5" in text
    assert "load" not in quiet
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.index("another tool") < text.index("\n" + MAIN) < text.index("absent")
    heads, _, quickest, _ = as_markdown({**found, "machine": {**found["machine"], "load": 0.2}}).splitlines()
    assert "photos/s" in heads
    assert quickest == "| another tool of a long name 1.2.3 | 4.0 | 500 | 50 MiB | pairs by hash |"
    busy = as_markdown({**found, "machine": {**found["machine"], "load": 17.5}})
    assert "| another tool of a long name 1.2.3 | 500 | 50 MiB | pairs by hash |" in busy
    assert as_object(Comparison(tools[1:], {}), {}, 3)["tools"]["another tool of a long name"]["ratio_wall"] is None
