"""A process of its own: print which picture formats the installed decoders can read, as one JSON object."""

import importlib.util
import json
import sys

import pillow_heif
from PIL import Image, features


def readable_formats() -> dict[str, bool]:
    """Return for each format whether it can be decoded."""
    Image.init()
    found = {name: name in Image.OPEN for name in ("JPEG", "PNG", "TIFF", "GIF")}
    found["JPEG"] = found["JPEG"] and bool(features.check("jpg"))
    found["WebP"] = bool(features.check("webp"))
    found["AVIF"] = bool(features.check("avif"))
    found["HEIC"] = bool(pillow_heif.libheif_info()["decoders"])
    found["BMP"] = "BMP" in Image.OPEN
    for name, module in (("JPEG XL", "pillow_jxl"), ("older RAWs", "rawpy")):  # an extra is listed where installed
        if importlib.util.find_spec(module) is not None:
            found[name] = _loads(module)
    return found


def _loads(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps(readable_formats()))
