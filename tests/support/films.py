"""Small films that Chromium plays, and photos that hold one."""

from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from scenes import save_photo

SIZE = (160, 120)
_XMP = b"""http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1"/></rdf:RDF></x:xmpmeta>"""


def write_film(file: Path, seconds: int = 30, codec: str = "vp09") -> Path:
    """Write a film of a dot that moves, as MP4 whatever the file is called."""
    made = file.with_suffix(".writing.mp4")
    writer = cv2.VideoWriter(str(made), cv2.VideoWriter.fourcc(*codec), 5, SIZE)
    assert writer.isOpened()
    for n in range(5 * seconds):
        frame = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
        cv2.circle(frame, (n % SIZE[0], 60), 20, (40, 40, 220), -1)
        writer.write(frame)
    writer.release()
    return made.rename(file)


def save_motion_photo(file: Path, picture: Image.Image, taken: datetime, film: bytes, behind: bytes = b"") -> Path:
    """Save a photo with a film behind its picture, as Google's cameras do; something may follow that."""
    photo = save_photo(file, picture, taken).read_bytes()
    flag = b"\xff\xe1" + (len(_XMP) + 2).to_bytes(2, "big") + _XMP
    file.write_bytes(photo[:2] + flag + photo[2:] + film + behind)
    return file
