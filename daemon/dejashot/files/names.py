"""Which names are photos, which are half-written files of sync tools, and which folders are never entered."""

import fnmatch
import importlib.util
import os
import re
from dataclasses import dataclass
from enum import Enum, auto

from dejashot.files.exclusions import ExclusionReason
from dejashot.files.ordinary import is_ordinary, lacks_ending
from dejashot.files.packages import is_package
from dejashot.models.files import RAW_FORMATS

RAW = frozenset(form.lower() for form in RAW_FORMATS)
SUPPORTED = RAW | frozenset("jpg jpeg jpe jfif jif mpo png webp tif tiff avif gif heic heif hif jxl bmp dib".split())
UNSUPPORTED = frozenset("jp2 j2k jpf jpx psd ico icns svg tga exr hdr pcx ppm pgm pbm pnm dds xcf".split())
# known, but never decoded
VIDEO = frozenset("mov mp4 mp m4v 3gp 3g2 avi mts m2ts mpg mpeg mkv webm insv lrv".split())

SIDECARS = frozenset(
    # of Lightroom, Apple, Google, RawTherapee and ART, DxO, ON1, Capture One, Nikon, Canon, Exiv2 and ExifTool;
    # the sound that a camera records with a picture, and its small picture
    "xmp aae json acr pp3 arp dop on1 onphoto cos comask nks nksc vrd dr4 exv mie wav thm".split()
)
_ICLOUD = re.compile(r"photo details(?:-\d+)?\.csv", re.IGNORECASE)  # the list that comes with an export from iCloud


@dataclass(frozen=True, slots=True)
class Extra:
    """What has to be installed to read a format: the extra's name, its module, the format as Pillow calls it."""

    name: str
    module: str
    format: str = ""


_JXL, _LIBRAW = Extra("jxl", "pillow_jxl", "JXL"), Extra("raw", "rawpy")
EXTRAS = {"jxl": _JXL, **dict.fromkeys(sorted(RAW), _LIBRAW)}  # of a RAW only where our own walk finds no picture
_TEMPORARY = re.compile(
    r"""
      \.syncthing\..* | ~syncthing~.*             # Syncthing
    # browsers, sync tools
    | .*\.(part|filepart|partial|crdownload|download|tmp|temp|opdownload|aria2|!qb|!ut|!sync|bts|unconfirmed)
    | \.goutputstream-.* | \.smbdelete.* | \.nfs[0-9a-f]{16,} | \.fuse_hidden.*
    | \..+\.[A-Za-z0-9]{6}                        # rsync: dot, name, six random characters
    | \.~.* | .*\.~[0-9a-f]+ | .*\.ocTransferId[0-9]+\.part     # Nextcloud, ownCloud
    | \.pending-.* | \.trashed-.*                 # Android
    | .*_exiftool_tmp
    | SYNO(?:PHOTO|FILE)_THUMB_.*                 # Synology's reduced copies, also copied out of their folder
    | \._.* | \.ds_store | thumbs\.db | desktop\.ini | ~\$.*
    """,
    re.VERBOSE | re.IGNORECASE,
)
SYNC_MARKER = ".stfolder"  # Syncthing's own: where it was and is gone, the disk is gone
_SKIPPED_FOLDERS = frozenset(
    # of sync tools, network storage, systems and desktops
    b".stversions .stfolder .sync _gsdata_ .dropbox.cache .owncloudsync files_trashbin files_versions "
    b"@eadir #recycle #snapshot @recycle @__thumb .@__thumb @recently-snapshot @sharebin "
    b".thumbnails .spotlight-v100 .fseventsd .temporaryitems .documentrevisions-v100 .appledouble .dtrash "
    b"lost+found $recycle.bin recycler".split()
) | {b"system volume information", b"network trash folder", b"temporary items", b"__macosx"}
# hidden, and missed by nobody
_QUIET_FOLDERS = frozenset(b".cache .config .local .git .hg .svn .venv .idea .vscode .xvpics .comments .thumbs".split())
# what stands for a photo that was not brought to this disk
_CLOUD = re.compile(r"\.(?P<apple>.+)\.icloud | (?P<other>.+)\.(?:nextcloud|owncloud)", re.VERBOSE | re.IGNORECASE)
# a.jpg_original, a.jpg.1, `a.jpg `
_DECORATED = re.compile(rf".*\.(?:{'|'.join(sorted(SUPPORTED))})(?![a-z0-9]).*", re.IGNORECASE | re.DOTALL)


def suffix_of(name: str | bytes) -> str:
    """Return what a file name ends in, in small letters, without the dot."""
    text = name if isinstance(name, str) else os.fsdecode(name)
    return text.rpartition(".")[2].lower() if "." in text else ""


def is_kept_by_system(name: bytes) -> bool:
    """Return whether a folder, by its lower-case name, belongs to a sync tool, a network storage or a system."""
    return name in _SKIPPED_FOLDERS or name.startswith(b".trash")


def has_extra(path: bytes) -> bool:
    """Return whether the extra that a file (by its name) may need is installed; nothing of it is loaded."""
    extra = EXTRAS.get(suffix_of(path))
    return extra is not None and importlib.util.find_spec(extra.module) is not None


class NameKind(Enum):
    """What a file name says of the file."""

    PHOTO = auto()
    UNSUPPORTED = auto()
    VIDEO = auto()
    SIDECAR = auto()
    TEMPORARY = auto()
    HIDDEN = auto()
    OTHER = auto()
    ASK = auto()  # the name does not say: the first bytes do


BESIDE = frozenset((NameKind.VIDEO, NameKind.SIDECAR))  # no photos, but they may belong to one, or say something of one
PICTURES = frozenset((NameKind.PHOTO, NameKind.UNSUPPORTED))


def names_a_picture(name: str) -> bool:
    """Return whether a name is that of a picture with something added, or has no ending that says otherwise."""
    return _DECORATED.fullmatch(name) is not None or lacks_ending(suffix_of(name))


@dataclass(frozen=True)
class NameRules:
    """Judge names; `ignore` holds the owner's glob patterns, matched against the name and the path below the folder.

    `own` holds folders of ours (paths below the watched folder, bytes), which are never looked into.
    """

    ignore: tuple[str, ...] = ()
    hidden: bool = False
    own: tuple[bytes, ...] = ()

    def judge(self, path: bytes) -> NameKind:
        """Judge a file by its path below the watched folder (bytes)."""
        text = path.decode("utf-8", "surrogateescape")
        name = text.rpartition("/")[2]
        if _TEMPORARY.fullmatch(name):
            return NameKind.TEMPORARY
        if self._ignores(text, name) or (name.startswith(".") and not self.hidden):
            return NameKind.HIDDEN
        return _judged(name)

    def why_not(self, path: bytes, verdict: NameKind) -> ExclusionReason:
        """Return why a file (path below the watched folder, bytes) is left out, by the kind of its name."""
        text = path.decode("utf-8", "surrogateescape")
        name = text.rpartition("/")[2]
        cloud = _CLOUD.fullmatch(name)
        if cloud is not None and _judged(cloud["apple"] or cloud["other"]) in PICTURES:
            return ExclusionReason.CLOUD
        if verdict is not NameKind.HIDDEN or _judged(name) not in PICTURES:
            return ExclusionReason.SYSTEM
        return ExclusionReason.IGNORED if self._ignores(text, name) else ExclusionReason.HIDDEN

    def enters(self, folder: bytes) -> bool:
        """Return whether a folder, by its path below the watched folder (bytes), is looked into."""
        return self.why_not_into(folder) is None

    def why_not_into(self, folder: bytes) -> ExclusionReason | None:
        """Return why a folder (path below the watched folder, bytes) is not entered, as far as names tell.

        None for one that is entered.
        """
        name = folder.rpartition(b"/")[2]
        lower = name.lower()
        if folder in self.own:
            return ExclusionReason.OWN
        if is_kept_by_system(lower):
            return ExclusionReason.SYSTEM
        if is_package(folder):
            return ExclusionReason.PACKAGE
        text = folder.decode("utf-8", "surrogateescape")
        if self._ignores(text, text.rpartition("/")[2]):
            return ExclusionReason.IGNORED
        if self.hidden or not name.startswith(b"."):
            return None
        return ExclusionReason.SYSTEM if lower in _QUIET_FOLDERS else ExclusionReason.HIDDEN_FOLDER

    def reaches(self, path: bytes) -> bool:
        """Return whether a walk would come to this path (bytes, below the watched folder)."""
        parts = path.split(b"/")[:-1]
        return all(self.enters(b"/".join(parts[: n + 1])) for n in range(len(parts)))

    def _ignores(self, path: str, name: str) -> bool:
        return any(fnmatch.fnmatchcase(name, p) or fnmatch.fnmatchcase(path, p) for p in self.ignore)


def _judged(name: str) -> NameKind:
    """Judge a file by what its name ends in alone."""
    suffix = suffix_of(name)
    if suffix in SUPPORTED:
        return NameKind.PHOTO
    if suffix in UNSUPPORTED:
        return NameKind.UNSUPPORTED
    if suffix in SIDECARS or _ICLOUD.fullmatch(name):
        return NameKind.SIDECAR
    if suffix in VIDEO:
        return NameKind.VIDEO
    return NameKind.OTHER if is_ordinary(name, suffix) or _CLOUD.fullmatch(name) else NameKind.ASK
