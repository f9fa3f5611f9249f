"""Which names are photos, which are half-written files of sync tools, and which folders are never entered."""

import fnmatch
import importlib.util
import re
from dataclasses import dataclass
from enum import Enum, auto

from dejashot.models import RAW_FORMATS

RAW = frozenset(form.lower() for form in RAW_FORMATS)
SUPPORTED = RAW | frozenset("jpg jpeg jpe jfif jif mpo png webp tif tiff avif gif heic heif hif jxl bmp dib".split())
UNSUPPORTED = frozenset("jp2 j2k jpf jpx psd ico icns svg tga exr hdr pcx ppm pgm pbm pnm dds xcf".split())
VIDEO = frozenset("mov mp4 mp m4v 3gp 3g2 avi mts m2ts mpg mpeg mkv webm insv lrv".split())  # known for what they are, never decoded

SIDECARS = frozenset(
    # what is said of a picture beside it, by Lightroom and others, Apple, Google, RawTherapee and ART, DxO, ON1, Capture One, Nikon,
    # Canon, Exiv2 and ExifTool; what is said into the camera, and its small picture
    "xmp aae json acr pp3 arp dop on1 onphoto cos comask nks nksc vrd dr4 exv mie wav thm".split()
)
_ICLOUD = re.compile(r"photo details(?:-\d+)?\.csv", re.IGNORECASE)  # the list that comes with an export from iCloud


@dataclass(frozen=True, slots=True)
class Extra:
    """What has to be installed besides to read a format: the extra's name, the module it brings, the format as Pillow calls it."""

    name: str
    module: str
    format: str = ""


_JXL, _LIBRAW = Extra("jxl", "pillow_jxl", "JXL"), Extra("raw", "rawpy")
EXTRAS = {"jxl": _JXL, **dict.fromkeys(sorted(RAW), _LIBRAW)}  # of a RAW only where our own walk finds no picture
_TEMPORARY = re.compile(
    r"""
      \.syncthing\..* | ~syncthing~.*             # Syncthing
    | .*\.(part|filepart|partial|crdownload|download|tmp|temp|opdownload|aria2|!qb|!ut|!sync|bts|unconfirmed)   # browsers, sync tools
    | \.goutputstream-.* | \.smbdelete.* | \.nfs[0-9a-f]{16,} | \.fuse_hidden.*
    | \..+\.[A-Za-z0-9]{6}                        # rsync: dot, name, six random characters
    | \.~.* | .*\.~[0-9a-f]+ | .*\.ocTransferId[0-9]+\.part     # Nextcloud, ownCloud
    | \.pending-.* | \.trashed-.*                 # Android
    | \._.* | \.ds_store | thumbs\.db | desktop\.ini | ~\$.*
    """,
    re.VERBOSE | re.IGNORECASE,
)
SYNC_MARKER = ".stfolder"  # Syncthing's own: where it was and is gone, the disk is gone
_SKIPPED_FOLDERS = frozenset(
    b".stversions .stfolder @eadir #recycle #snapshot .thumbnails .spotlight-v100 .fseventsd .trashes lost+found $recycle.bin".split()
)


def suffix_of(name: str) -> str:
    """Return what a file name ends in, in small letters, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def has_extra(path: bytes) -> bool:
    """Tell whether the extra that may be needed to read a file, by its name, is installed; nothing of it is loaded."""
    extra = EXTRAS.get(suffix_of(path.decode("utf-8", "surrogateescape")))
    return extra is not None and importlib.util.find_spec(extra.module) is not None


class Verdict(Enum):
    """What a file name says of the file."""

    PHOTO = auto()
    UNSUPPORTED = auto()
    VIDEO = auto()
    SIDECAR = auto()
    TEMPORARY = auto()
    HIDDEN = auto()
    OTHER = auto()


BESIDE = frozenset((Verdict.VIDEO, Verdict.SIDECAR))  # no photos, but they may belong to one, or say something of one


@dataclass(frozen=True)
class NameRules:
    """Judge names; `ignore` holds the owner's glob patterns, matched against the name and the path below the folder.

    `own` holds folders of ours (paths below the watched folder, bytes), which are never looked into.
    """

    ignore: tuple[str, ...] = ()
    hidden: bool = False
    own: tuple[bytes, ...] = ()

    def judge(self, path: bytes) -> Verdict:
        """Judge a file by its path below the watched folder (bytes)."""
        text = path.decode("utf-8", "surrogateescape")
        name = text.rpartition("/")[2]
        if _TEMPORARY.fullmatch(name):
            return Verdict.TEMPORARY
        if any(fnmatch.fnmatchcase(name, p) or fnmatch.fnmatchcase(text, p) for p in self.ignore):
            return Verdict.HIDDEN
        if name.startswith(".") and not self.hidden:
            return Verdict.HIDDEN
        suffix = suffix_of(name)
        if suffix in SUPPORTED:
            return Verdict.PHOTO
        if suffix in UNSUPPORTED:
            return Verdict.UNSUPPORTED
        if suffix in SIDECARS or _ICLOUD.fullmatch(name):
            return Verdict.SIDECAR
        return Verdict.VIDEO if suffix in VIDEO else Verdict.OTHER

    def enters(self, folder: bytes) -> bool:
        """Tell whether a folder, by its path below the watched folder (bytes), is looked into."""
        name = folder.rpartition(b"/")[2]
        lower = name.lower()
        if folder in self.own:
            return False
        if lower in _SKIPPED_FOLDERS or lower.startswith(b".trash"):
            return False
        text = folder.decode("utf-8", "surrogateescape")
        if any(fnmatch.fnmatchcase(text.rpartition("/")[2], p) or fnmatch.fnmatchcase(text, p) for p in self.ignore):
            return False
        return self.hidden or not name.startswith(b".")

    def reaches(self, path: bytes) -> bool:
        """Tell whether a walk would come to this path (bytes, below the watched folder): every folder above it is entered."""
        parts = path.split(b"/")[:-1]
        return all(self.enters(b"/".join(parts[: n + 1])) for n in range(len(parts)))
