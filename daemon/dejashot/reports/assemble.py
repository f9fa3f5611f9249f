"""Shots as their owner knows them: each photo with the files beside it that belong to it, and halves of one shot as one."""

import os
from collections.abc import Mapping
from dataclasses import replace

from dejashot.files.companions import companions
from dejashot.grouping.shot_units import joined
from dejashot.grouping.timeline import time_order
from dejashot.models.files import FileStamp
from dejashot.models.photo import Companion, LinkMetadata
from dejashot.models.shot import Shot


def assemble_shots(
    photos: Mapping[bytes, Shot], beside: Mapping[bytes, tuple[str, FileStamp]], told: Mapping[bytes, LinkMetadata]
) -> list[tuple[bytes, Shot]]:
    """Return photos (by absolute path) as shots in time order, each with where its own photo lies.

    `beside` holds the films and sidecars, by absolute path, with their names in a report, `told` what films and photos tell of themselves.
    """
    whole = _with_companions(photos, beside, told) if beside else photos
    placed = sorted(whole.items(), key=lambda item: time_order(item[1]))
    where = {shot.path: path for path, shot in placed}
    return [(where[shot.path], shot) for shot in joined([shot for _, shot in placed])]


def _with_companions(
    photos: Mapping[bytes, Shot], beside: Mapping[bytes, tuple[str, FileStamp]], told: Mapping[bytes, LinkMetadata]
) -> dict[bytes, Shot]:
    """Return the photos with the films and sidecars that belong to them."""
    folders: dict[bytes, dict[bytes, int]] = {}
    for path, (_, stamp) in beside.items():
        folder, _, file = path.rpartition(b"/")
        folders.setdefault(folder, {})[file] = stamp.mtime_ns
    going: dict[bytes, dict[bytes, list[int]]] = {}
    for path, shot in photos.items():
        folder, _, file = path.rpartition(b"/")
        if folder in folders:
            folders[folder][file] = shot.mtime_ns
            going.setdefault(folder, {})[file] = [shot.mtime_ns, *shot.told_ns]
    found = dict(photos)
    for folder, own in going.items():
        itself = {file: told[path] for file in folders[folder] if (path := os.path.join(folder, file)) in told}
        for file, along in companions(folders[folder], own, itself).items():
            others = [beside[os.path.join(folder, name)] for name in along if os.path.join(folder, name) in beside]
            if others:
                path = os.path.join(folder, file)
                made = tuple(Companion(name, (stamp.device, stamp.inode), stamp.size_bytes) for name, stamp in others)
                found[path] = replace(photos[path], companions=made)
    return found
