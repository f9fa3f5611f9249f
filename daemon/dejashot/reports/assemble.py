"""Shots as their owner knows them: each photo with its companions, and the files of one press of the shutter as one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dejashot.files.companions import companions_by_path
from dejashot.grouping.shot_units import join_units
from dejashot.grouping.timeline import in_time_order
from dejashot.models.files import FileStamp
from dejashot.models.photo import Companion, LinkMetadata
from dejashot.models.shot import Shot


@dataclass(frozen=True, slots=True)
class CompanionFile:
    """A film, sidecar or raw file next to photos: its name in a report, and its stamp."""

    name: str
    stamp: FileStamp


def assemble_shots(
    photos: Mapping[bytes, Shot], files: Mapping[bytes, CompanionFile], linked: Mapping[bytes, LinkMetadata]
) -> list[tuple[bytes, Shot]]:
    """Return photos (by absolute path) as shots in time order, each with the path of its own photo.

    `files` holds the films and sidecars, `linked` what films and photos say of themselves, both by absolute path.
    """
    return as_units(_with_companions(photos, files, linked) if files else photos)


def as_units(photos: Mapping[bytes, Shot]) -> list[tuple[bytes, Shot]]:
    """Return photos (by absolute path) as shots in time order, each with the path of its own photo."""
    path_of = {shot.path: path for path, shot in photos.items()}
    return [(path_of[shot.path], shot) for shot in join_units(in_time_order(photos.values()))]


def _with_companions(
    photos: Mapping[bytes, Shot], files: Mapping[bytes, CompanionFile], linked: Mapping[bytes, LinkMetadata]
) -> dict[bytes, Shot]:
    """Return the photos with the films and sidecars that belong to them."""
    mtimes_ns = {path: file.stamp.mtime_ns for path, file in files.items()}
    moments_ns = {path: [shot.mtime_ns, *shot.recorded_ns] for path, shot in photos.items()}
    found = dict(photos)
    for path, names in companions_by_path(mtimes_ns, moments_ns, linked).items():
        own = [files[name] for name in names if name in files]
        if own:
            found[path] = replace(photos[path], companions=tuple(companion_of(file) for file in own))
    return found


def companion_of(file: CompanionFile) -> Companion:
    """Return a file that belongs to a photo as its companion."""
    return Companion(file.name, (file.stamp.device, file.stamp.inode), file.stamp.size_bytes)
