"""The short-lived process that draws the photos of the demo: it alone loads what draws and encodes them.

It reads a folder (hex), its number and the number of such processes as JSON from its standard input, writes its share
of the photos there, and answers with their names on its standard output.
"""

import json
import os
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np

from dejashot.demo.drawing.camera import Bitmap, ShotSettings, photograph
from dejashot.demo.drawing.harbour import draw_boat
from dejashot.demo.films import FRAMES_A_S, as_live, encoded
from dejashot.demo.photo_files import date_file, write_photo
from dejashot.demo.takes import BOAT_SEED, DrawnTake, scene_of, takes

_FILM_PX, _FILM_FROM_S, _FILM_S = (480, 360), 1.0, 2.0
_LOST_BYTES = 3000  # of a damaged copy: written over, as a disk that fails does it


def draw_share(folder: Path, part: int, parts: int) -> list[str]:
    """Draw the scenes that fall to one of some processes, and return the names of their files; raise OSError."""
    scenes = [(scene, list(found)) for scene, found in groupby(takes(), lambda take: take.scene)]
    names: list[str] = []
    for number, (_, found) in enumerate(scenes):
        if number % parts == part:
            for take in found:
                names += _write(folder, take)
            if found[0].live_id:
                names += _write_films(folder, found)
    return names


def _write(folder: Path, take: DrawnTake) -> list[str]:
    """Write a take, and the damaged copy of it if there is one."""
    rng = np.random.default_rng([round(take.taken.timestamp() * 10)])
    file = write_photo(folder, take, photograph(scene_of(take), take.shot, rng))
    if not take.torn:
        return [file.name]
    copy, data = file.with_stem(f"{file.stem}(1)"), file.read_bytes()
    at = int(len(data) * take.torn)
    copy.write_bytes(
        data[:at]
        + np.random.default_rng(2).integers(0, 255, _LOST_BYTES, np.uint8).tobytes()
        + data[at + _LOST_BYTES :]
    )
    date_file(copy, take.taken)
    return [file.name, copy.name]


def _write_films(folder: Path, found: list[DrawnTake]) -> list[str]:
    """Write the films of Live Photos, which show the same seconds; none where no film can be made here."""
    film = encoded(_frames(), folder)
    names = []
    for take in found if film else ():
        file = (folder / take.name).with_suffix(".MOV")
        file.write_bytes(as_live(film, take.live_id, take.taken))
        date_file(file, take.taken)
        names.append(file.name)
    return names


def _frames() -> Iterator[Bitmap]:
    rng = np.random.default_rng(1)
    for n in range(round(_FILM_S * FRAMES_A_S)):
        yield photograph(
            draw_boat(_FILM_PX, BOAT_SEED, time=_FILM_FROM_S + n / FRAMES_A_S), ShotSettings(noise=0.002), rng
        )


if __name__ == "__main__":
    cv2.setNumThreads(1)
    asked_folder, asked_part, asked_parts = json.load(sys.stdin)
    sys.stdout.write(json.dumps(draw_share(Path(os.fsdecode(bytes.fromhex(asked_folder))), asked_part, asked_parts)))
