"""Say, as a process of its own, which picture formats the decoders at hand can read: one JSON object on standard output."""

import json
import sys

import pillow_heif
from PIL import Image, features


def codecs() -> dict[str, bool]:
    """Return for each format whether it can be decoded."""
    Image.init()
    found = {name: name in Image.OPEN for name in ("JPEG", "PNG", "TIFF", "GIF")}
    found["JPEG"] = found["JPEG"] and bool(features.check("jpg"))
    found["WebP"] = bool(features.check("webp"))
    found["AVIF"] = bool(features.check("avif"))
    found["HEIC"] = bool(pillow_heif.libheif_info()["decoders"])
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(codecs()))
