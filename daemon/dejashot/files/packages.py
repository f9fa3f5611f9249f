"""Folders that belong to another program: what lies in them is that program's, and nobody else may move any of it."""

import os
import re
from collections.abc import Callable, Collection

_ENDINGS = tuple(
    f".{ending}".encode()
    for ending in (
        # Apple: Photos, iPhoto, Aperture, Photo Booth, iMovie, Final Cut, TV, disk images and programs
        "photoslibrary photolibrary migratedphotolibrary aplibrary migratedaplibrary apvault photoboothlibrary "
        "imovielibrary fcpbundle theater tvlibrary sparsebundle app rtfd "
        # documents with pictures in them, of Apple's office, OmniGraffle, Scrivener, DEVONthink and editors of notes
        "key pages numbers graffle scriv textbundle dtbase2 band logicx bundle framework "
        # Lightroom's previews, catalogue data and libraries; Capture One's catalogues; Jellyfin's film strips
        "lrdata lrcat-data lrlibrary cocatalog trickplay"
    ).split()
)
# older iPhoto, Photo Booth, Mylio; originals that Picasa, ACDSee and PaintShop keep of what was edited in them
_NAMES = frozenset(
    (
        b"iphoto library",
        b"photo booth library",
        b"generated images.bundle",
        b"data.noindex",
        b".picasaoriginals",
        b"[originals]",
        b"corel auto-preserve",
    )
)
_PATTERN = re.compile(  # Nextcloud's previews, darktable's cache, Luminar's catalogues of all versions
    rb"appdata_oc[0-9a-z]{6,} | mipmaps-[0-9a-f]{8,}\.d | luminar(?:\ \w+)?\ catalog", re.VERBOSE
)
_BELOW = re.compile(rb"captureone/(?:cache|settings\d*)")  # Capture One, next to the photos of a session

# folders of names that anybody may use, known by what lies next to or in them: of PhotoPrism and Immich
_MARKERS = dict.fromkeys((b"cache", b"sidecar"), b"../.ppstorage") | dict.fromkeys(
    (b"thumbs", b"encoded-video", b"profile", b"backups"), b".immich"
)
# what lies right in a package, whatever that is called: Photos of any language and name, iPhoto, Aperture
_SIGNS = (
    (b"Library6.iPhoto",),
    (b"Library.iPhoto", b"AlbumData.xml"),
    (b"ApertureData.xml",),
    (b"database/Photos.sqlite",),
    (b"database/Library.apdb",),
    (b"Database/apdb",),
    (b"Manifest.db", b"Manifest.plist", b"Info.plist"),  # the backup of an iPhone
)


def is_package(path: bytes) -> bool:
    """Return whether a folder (absolute path, or below any other) is a package by its name."""
    above, _, name = path.lower().rpartition(b"/")
    if name in _NAMES or name.endswith(_ENDINGS):
        return True
    return _PATTERN.fullmatch(name) is not None or _BELOW.fullmatch(above.rpartition(b"/")[2] + b"/" + name) is not None


def is_package_inside(name: bytes, there: Callable[[bytes], bool], names: Collection[bytes] | None = None) -> bool:
    """Return whether a folder is a package by what lies in it; `there` returns whether a path below it exists.

    `names` are the names in it where they are known already: then little has to be asked.
    """
    marker = _MARKERS.get(name.lower())
    if marker is not None and there(marker):
        return True
    asked = [signs for signs in _SIGNS if names is None or signs[0].partition(b"/")[0] in names]
    return any(all(there(sign) for sign in signs) for signs in asked)


def package_of(path: bytes) -> bytes:
    """Return the outermost package that a file or folder (absolute path, bytes) is or lies in, empty for none."""
    parts = path.split(b"/")
    folders = (b"/".join(parts[:n]) for n in range(2, len(parts) + 1))
    return next((f for f in folders if is_package(f) or _is_package_on_disk(f)), b"")


def _is_package_on_disk(folder: bytes) -> bool:
    return is_package_inside(os.path.basename(folder), lambda path: os.path.lexists(os.path.join(folder, path)))
