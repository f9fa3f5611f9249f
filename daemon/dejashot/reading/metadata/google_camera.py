"""What Google's camera writes into XMP: the id of a burst, and which shot of it the camera chose."""

import re

from dejashot.paths import shown

_PRIMARY = re.compile(rb"""(?:GCamera|Camera):BurstPrimary\s*(?:=\s*["']|>)\s*(1|true)\b""", re.IGNORECASE)
_BURST = re.compile(rb"""(?:GCamera|Camera):(?:BurstID|BurstId)\s*(?:=\s*["']|>)\s*([^"'<\s]{4,64})""")


def google_burst_id(packet: bytes) -> str:
    """Return the burst id in an XMP packet, empty when there is none."""
    match = _BURST.search(packet)
    return shown(match[1].decode("ascii", "replace")) if match else ""


def is_burst_primary(packet: bytes) -> bool:
    """Return whether an XMP packet marks the photo as the camera's choice of its burst."""
    return bool(_PRIMARY.search(packet))
