"""What a camera wrote about itself and the exposure."""

from dejashot.models.capture import Camera
from dejashot.reading.limits import APERTURE, BIAS_EV, EXPOSURE_S, ISO, within
from dejashot.reading.metadata.burst_names import NO_BURST, NamedBurst
from dejashot.reading.metadata.tags import Tags


def camera_of(tags: Tags, named: NamedBurst = NO_BURST) -> Camera:
    """Return camera and exposure; the burst is that of the file's name where no tag has one."""
    iso = within(tags.number("EXIF ISOSpeedRatings"), ISO)
    return Camera(
        make=tags.text("Image Make"),
        model=tags.text("Image Model"),
        burst_id=tags.burst_id or named.id,
        exposure_s=within(tags.number("EXIF ExposureTime"), EXPOSURE_S),
        bias_ev=within(tags.number("EXIF ExposureBiasValue"), (-BIAS_EV, BIAS_EV)),
        iso=None if iso is None else int(iso),
        aperture=within(tags.number("EXIF FNumber"), APERTURE),
        camera_pick=tags.burst_primary or named.cover,
        screenshot=tags.screenshot,
    )
