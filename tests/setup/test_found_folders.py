"""Folders with photos are found by what other programs' files say, and nothing in those files does harm."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from dejashot.setup.find import counted_folder, find_folders, proposed_folders
from dejashot.setup.found_folder import MAX_FOREIGN_BYTES, FoundFolder
from dejashot.setup.nextcloud import parse_nextcloud
from dejashot.setup.photo_servers import parse_compose, server_folders
from dejashot.setup.pictures import account_pictures, card_folders
from dejashot.setup.syncthing import parse_syncthing

SYNCTHING = """<configuration version="37">
    <folder id="a" label="Camera" path="~/Phone" type="sendreceive" paused="false"><device id="1"/></folder>
    <folder id="b" label="Back" path="{home}/Backup" type="receiveonly" paused="true"><device id="1"/></folder>
    <folder id="c" label="Sealed" path="~/Sealed" type="receiveencrypted"/>
    <folder id="d" label="Gone" path="/nonexistent/photos" type="sendreceive"/>
    <device id="1" name="Pixel&#x202e; of Ada {long}"/>
    <defaults><folder id="" path="~"/></defaults>
</configuration>
"""
NEXTCLOUD = """[General]
clientVersion=3.14.0

[Accounts]
0\\Folders\\1\\localPath=/home/ada/Nextcloud/
0\\Folders\\1\\virtualFilesMode=off
0\\FoldersWithPlaceholders\\2\\localPath="/home/ada/B\\xe4r \\"x\\"/"
0\\FoldersWithPlaceholders\\2\\virtualFilesMode=suffix
0\\url=https://cloud.example.org
"""
IMMICH = """services:
  immich-server:
    image: ghcr.io/immich-app/immich-server:${IMMICH_VERSION:-release}
    volumes:
      # Do not edit the next line
      - ${UPLOAD_LOCATION}:/data   # photos
      - "${OUTSIDE:-/srv/photos}:/mnt/media:ro"
      - /etc/localtime:/etc/localtime:ro
      - model-cache:/cache
    ports:
      - '2283:2283'
  database:
    volumes:
      - ${DB_DATA_LOCATION}:/var/lib/postgresql/data
"""
PHOTOPRISM = """services:
  photoprism:
    image: photoprism/photoprism:latest
    volumes:
      - "~/Pictures:/photoprism/originals"
      - "/mnt/more:/photoprism/originals/more"
      - "./storage:/photoprism/storage"
"""


def put(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        Image.new("RGB", (8, 8)).save(folder / f"IMG_{n:04}.jpg")
    return folder


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_all_that_a_home_tells_of_is_found_once_and_proposed_where_it_is_safe(tmp_path: Path) -> None:
    home = tmp_path / "ada"
    phone, backup = put(home / "Phone", 3), put(home / "Backup", 0)
    pictures, inner = put(home / "Bilder", 2), put(home / "Bilder" / "Upload", 4)
    library = put(home / "immich-app" / "library", 5)
    put(home / "Pictures" / "Photos Library.photoslibrary", 2)
    write(home / "state" / "syncthing" / "config.xml", SYNCTHING.format(home=home, long="x" * 200))
    write(home / ".config" / "user-dirs.dirs", '# mine\nXDG_PICTURES_DIR="$HOME/Bilder"\n')
    write(home / ".config" / "Nextcloud" / "nextcloud.cfg", f"0\\Folders\\1\\localPath={inner}\n")
    write(home / "immich-app" / "docker-compose.yml", IMMICH)
    write(home / "immich-app" / ".env", f"# mine\nUPLOAD_LOCATION=./library\nOUTSIDE='{pictures}'\n")
    counted = find_folders(home, {"XDG_STATE_HOME": str(home / "state")})
    found = {folder.found.path: folder for folder in counted if folder.found.path.is_relative_to(home)}
    assert {path: folder.photos for path, folder in found.items()} == {
        phone: 3, inner: 4, pictures: 6, library: 5, backup: 0,
    }  # fmt: skip
    assert proposed_folders(counted) == [phone, pictures], "nothing inside another, nothing of Immich's own, none empty"
    why = found[phone].found.why
    assert '"Pixel\\u202e of Ada' in why and "…" in why and len(why) < 100
    assert "deleted on the other devices" in found[phone].found.mind
    assert "paused" in found[backup].found.why
    assert found[pictures].found.why.split("; ") == [
        "it is an external library of Immich", "it is your folder for pictures",
    ]  # fmt: skip
    assert not found[library].found.proposed


def test_photoprism_and_its_own_files(tmp_path: Path) -> None:
    folders = list(parse_compose(PHOTOPRISM, {}, tmp_path, Path("/home/ada")))
    assert [folder.path for folder in folders] == [Path("/home/ada/Pictures"), Path("/mnt/more")]
    write(tmp_path / "defaults.yml", "# x\nOriginalsPath: \"/srv/originals\" # here\nStoragePath: '/srv/x'\n")
    found = list(server_folders(tmp_path, {"PHOTOPRISM_ORIGINALS_PATH": "/srv/mine"}, tmp_path / "defaults.yml"))
    assert [folder.path for folder in found] == [Path("/srv/mine"), Path("/srv/originals")]


def test_values_of_nextcloud_come_without_quotes_and_escapes() -> None:
    (plain, mind), (odd, mind_cloud) = parse_nextcloud(NEXTCLOUD, Path("/home/ada"))
    assert (plain, odd) == (Path("/home/ada/Nextcloud"), Path('/home/ada/Bär "x"'))
    assert "only in the cloud" not in mind
    assert "only in the cloud" in mind_cloud


def test_cards_and_phones_are_listed_but_never_proposed(tmp_path: Path) -> None:
    phone = put(tmp_path / "gvfs" / "mtp:host=Pixel" / "Internal storage" / "DCIM", 2)
    (found,) = card_folders([b"/", b"/media", os.fsencode(tmp_path / "gvfs"), b"/nonexistent/gvfs"])
    assert (found.path, found.proposed) == (phone, False)


@pytest.mark.parametrize("setting", ['="$HOME/"', '="/nonexistent"', "="])
def test_a_folder_for_pictures_that_is_none_is_not_taken(tmp_path: Path, setting: str) -> None:
    write(tmp_path / ".config" / "user-dirs.dirs", f"XDG_PICTURES_DIR{setting}")
    assert account_pictures(tmp_path, {}) is None
    assert account_pictures(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "other")}) is None
    folder = put(tmp_path / "Pictures", 0)
    assert account_pictures(tmp_path, {}) == folder


def test_counting_ends_where_there_is_enough(tmp_path: Path) -> None:
    put(tmp_path, 5)
    assert counted_folder(FoundFolder(tmp_path, "")).photos == 5
    enough = counted_folder(FoundFolder(tmp_path, ""), max_photos=3)
    assert (enough.photos, enough.more) == (3, True)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE c [<!ENTITY f SYSTEM "file:///etc/passwd">]><configuration><folder path="/x">&f;</folder>',
        '<!DOCTYPE c [<!ENTITY a "/a"><!ENTITY b "&a;&a;&a;">]><configuration><folder path="&b;"/></configuration>',
        "<configuration><folder/><folder path=''/><folder path='relative'/></configuration>",
        "<configuration>" + "<folder>" * 100_000,
    ],
)  # fmt: skip
def test_a_configuration_that_means_harm_finds_nothing_to_read(text: str) -> None:
    assert [found for found in parse_syncthing(text, Path("/home/ada")) if "passwd" in str(found)] == []


def test_a_file_of_another_program_is_read_only_if_it_is_a_small_file(tmp_path: Path) -> None:
    file = tmp_path / ".config" / "user-dirs.dirs"
    put(tmp_path / "Bilder", 0)
    line = 'XDG_PICTURES_DIR="$HOME/Bilder"\n'
    write(file, line)
    assert account_pictures(tmp_path, {}) == tmp_path / "Bilder"
    file.write_text(line + "#" * MAX_FOREIGN_BYTES)
    assert account_pictures(tmp_path, {}) is None
    file.unlink()
    os.mkfifo(file)
    assert account_pictures(tmp_path, {}) is None


HOME = Path("/home/ada")
PARSERS: list[Callable[[str], Iterable[object]]] = [
    lambda text: parse_syncthing(f'<configuration><folder path="{text}"/></configuration>', HOME),
    lambda text: (FoundFolder(*found) for found in parse_nextcloud(f"0\\Folders\\1\\localPath={text}", HOME)),
    lambda text: parse_compose(f"immich-server\n- {text}:/data\n{text}", {"A": text}, HOME, HOME),
]


@pytest.mark.parametrize("parser", range(len(PARSERS)))
@given(st.text(st.characters(exclude_characters="&<\r")))
@example("\\xd800")
@example("${A:-${A}}" * 400)
@example("a\0b")
def test_any_text_is_a_path_or_nothing(parser: int, text: str) -> None:
    for found in PARSERS[parser](text):
        assert isinstance(found, FoundFolder)
        assert os.fsencode(found.path).startswith(b"/")
