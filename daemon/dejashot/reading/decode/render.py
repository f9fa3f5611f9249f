"""A photo, or a part of it, as a JPEG for people: upright, in sRGB, encoded from its pixels alone."""

import io

from PIL import Image

from dejashot.reading.decode import decoder
from dejashot.reading.decode.colour import in_srgb
from dejashot.reading.limits import MAX_RENDERED_PX
from dejashot.reading.protocol.payloads import Frame

QUALITY, FINE_QUALITY = 74, 90
FINE_PX = 1000  # from here on people look at details


def render(image: Image.Image, frame: Frame) -> bytes:
    """Return the part of a picture that a frame names as JPEG; raise UnreadablePhotoError when it can't be decoded."""
    left, top, width, height = frame.box
    long_side = max(image.size)
    wanted = min(frame.side or long_side, MAX_RENDERED_PX)
    scale = min(1.0, wanted / (long_side * max(width, height, 1 / long_side)))
    picture = decoder.upright_pixels(image, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    across, down = picture.size
    x, y = min(round(left * across), across - 1), min(round(top * down), down - 1)
    edges = (
        x,
        y,
        min(across, max(x + 1, round((left + width) * across))),
        min(down, max(y + 1, round((top + height) * down))),
    )
    part = picture.crop(edges) if frame.box != (0, 0, 1, 1) else picture
    shrink = min(1.0, wanted / max(part.size))
    if shrink < 1:
        size = (max(1, round(part.width * shrink)), max(1, round(part.height * shrink)))
        part = part.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    part = in_srgb(part, image.info)
    out = io.BytesIO()
    bare = Image.frombytes("RGB", part.size, part.tobytes())
    bare.save(
        out, "JPEG", quality=FINE_QUALITY if max(part.size) >= FINE_PX else QUALITY, optimize=max(part.size) < FINE_PX
    )
    return out.getvalue()
