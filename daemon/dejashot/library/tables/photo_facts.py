"""The columns of a photo: what reading tells of it."""

from typing import Any

from dejashot.models.photo import READING_METHOD, Reading

INSERT_PHOTO = """
INSERT INTO photo (
    content, key, part, taken_us, offset_s, source, certainty, zone_known,
    format, size_bytes, width, height, contrast, signature,
    make, model, burst_id, camera_pick, exposure_s, bias_ev, iso, aperture,
    latitude, longitude, altitude_m, motion, live_id, screenshot, damage, method
) VALUES (
    :content, :key, :part, :taken_us, :offset_s, :source, :certainty, :zone_known,
    :format, :size_bytes, :width, :height, :contrast, :signature,
    :make, :model, :burst_id, :camera_pick, :exposure_s, :bias_ev, :iso, :aperture,
    :latitude, :longitude, :altitude_m, :motion, :live_id, :screenshot, :damage, :method
)
"""
UPDATE_FACTS = """
UPDATE photo SET
    format = :format, size_bytes = :size_bytes, width = :width, height = :height,
    contrast = :contrast, signature = :signature,
    make = :make, model = :model, burst_id = :burst_id, camera_pick = :camera_pick,
    exposure_s = :exposure_s, bias_ev = :bias_ev, iso = :iso, aperture = :aperture,
    latitude = :latitude, longitude = :longitude, altitude_m = :altitude_m,
    motion = :motion, live_id = :live_id, screenshot = :screenshot, damage = :damage, method = :method
WHERE content = :content
"""


def facts_of(reading: Reading) -> dict[str, Any]:
    """Return what reading tells of a photo but for its time, by column."""
    camera, place = reading.camera, reading.place
    return {
        "content": reading.content,
        "format": reading.format,
        "size_bytes": reading.stamp.size_bytes,
        "width": reading.width,
        "height": reading.height,
        "contrast": reading.contrast,
        "signature": reading.signature.tobytes(),
        "make": camera.make,
        "model": camera.model,
        "burst_id": camera.burst_id,
        "camera_pick": int(camera.camera_pick),
        "exposure_s": camera.exposure_s,
        "bias_ev": camera.bias_ev,
        "iso": camera.iso,
        "aperture": camera.aperture,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "altitude_m": place.altitude_m if place else None,
        "motion": int(reading.motion),
        "live_id": reading.live_id,
        "screenshot": int(camera.screenshot),
        "damage": reading.damage,
        "method": READING_METHOD,
    }
