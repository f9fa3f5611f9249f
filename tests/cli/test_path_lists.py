"""Lists of paths are understood by the programs they are for, whatever the names are."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from dejashot.cli.path_lists import exiftool_line, rsync_lines, source_folder

NAMES = [
    b"plain.jpg",
    b"#hash.jpg",
    b";semicolon.jpg",
    b"-dash.jpg",
    b" blanks .jpg ",
    b'\'"$HOME" @x.jpg',
    b"back\\slash\\n.jpg",
    b'new\nline "and" back\\slash.jpg',
    b"return.jpg\r",
    b"no\xffutf8.jpg",
]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder with names that programs may take for something else, each in a folder of such a name too."""
    folder = tmp_path / "source"
    for name in NAMES:
        file = folder / os.fsdecode(b";" + name) / os.fsdecode(name)
        file.parent.mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(file, "JPEG")
    return folder


def paths_in(folder: Path) -> list[bytes]:
    return sorted(os.path.join(above, name) for above, _, names in os.walk(os.fsencode(folder)) for name in names)


@pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed")
def test_rsync_copies_what_is_listed(photos: Path, tmp_path: Path) -> None:
    line = rsync_lines(source_folder(str(photos)))
    assert line(os.fsencode(photos) + b"-elsewhere/x.jpg") is None
    listed = b"".join(line(path) or b"" for path in paths_in(photos))
    command = ["rsync", "-a", "--from0", "--files-from=-", f"{photos}/", f"{tmp_path}/copy/"]
    subprocess.run(command, input=listed, check=True)
    copied = [os.path.relpath(path, os.fsencode(tmp_path / "copy")) for path in paths_in(tmp_path / "copy")]
    assert copied == [os.path.relpath(path, os.fsencode(photos)) for path in paths_in(photos)]
    whole = rsync_lines(source_folder("/"))
    listed = b"".join(whole(path) or b"" for path in paths_in(photos))
    subprocess.run(["rsync", "-a", "--from0", "--files-from=-", "/", f"{tmp_path}/all/"], input=listed, check=True)
    assert paths_in(tmp_path / "all") == [os.fsencode(tmp_path / "all") + path for path in paths_in(photos)]


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="ExifTool is not installed")
def test_exiftool_reads_what_is_listed(photos: Path) -> None:
    paths = paths_in(photos)
    listed = b"".join(exiftool_line(path) or b"" for path in paths)
    arguments = b"-j\n-ImageWidth\n" + listed
    done = subprocess.run(["exiftool", "-@", "-"], input=arguments, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b'"ImageWidth": 8') == len(paths)


def test_exiftool_has_no_way_to_write_some_names() -> None:
    assert exiftool_line(b"/p/a\n$b.jpg") is None
    assert exiftool_line(b"/p/$a@b.jpg") == b"/p/$a@b.jpg\n"
