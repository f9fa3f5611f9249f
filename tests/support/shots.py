"""Shots made for the tests of grouping and reports, without files."""

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np

from dejashot.grouping.pages import PageRule
from dejashot.grouping.pairs.rules import RegistrationRule, Rules
from dejashot.models.capture import Camera, CaptureTime, Certainty, TimeSource, key_floor
from dejashot.models.files import FileStamp
from dejashot.models.photo import Face, Quality, Reading
from dejashot.models.shot import Shot

START_US = 1_782_900_000_000_000
# no pair verification: what it would add is spread evenly over the cosines
RULES = Rules(
    bias=-15.66,
    cosine=22.69,
    match=0.0,
    match_least=0.3,
    match_most=0.9,
    match_base=0.3,
    match_slope=0.5,
    match_doubt=-np.inf,
    near=11.7,
    near_s=1.0,
    nearest_s=0.3,
    burst=4.0,
    blank_cosine=0.5,
    blank_contrast=4.0,
    threshold=0.75,
)
NO_PAGES = PageRule(weights=np.zeros(256, dtype=np.float32), bias=-9.0, least=0.5)
LOOKING_RULES = replace(RULES, bias=-21.0, cosine=15.0, match=18.0)
REGISTRATION_RULE = RegistrationRule(
    same_scene=6.0,
    min_inliers=15,
    min_overlap=0.4,
    scene_agreement=0.3,
    sure_agreement=0.6,
    still_overlap=0.85,
    still_light_ev=0.3,
    agreement=0.0,
    still_other=0.0,
    other_scene=6.0,
    few_inliers=6,
    rich_keypoints=300,
    blank_same=8.0,
    blank_other=8.0,
    blank_least=0.35,
)


def unit(*weights: float) -> Any:
    """Return a unit vector of 256 components that begins with these weights."""
    vector = np.zeros(256, dtype=np.float32)
    vector[: len(weights)] = weights
    return vector / np.linalg.norm(vector)


def at_cosine(cosine: float, axis: int = 1) -> Any:
    """Return a unit vector at a cosine to the first axis."""
    vector = np.zeros(256, dtype=np.float32)
    vector[0], vector[axis] = cosine, np.sqrt(1 - cosine**2)
    return vector


def shot(
    at_s: float,
    vector: Any = None,
    *,
    path: str = "",
    certainty: Certainty = Certainty.HIGH,
    size: tuple[int, int] = (4000, 3000),
    size_bytes: int = 3_000_000,
    content: bytes = b"",
    burst_id: str = "",
    bias_ev: float | None = None,
    exposure_s: float | None = None,
    iso: int | None = None,
    aperture: float | None = None,
    camera_pick: bool = False,
    model: str = "T-1",
    contrast: float = 50.0,
    level: int = 100,
    signature: Any = None,
    form: str = "JPEG",
    new: bool = True,
) -> Shot:
    """Return a shot taken some seconds after the start."""
    taken_us = START_US + round(at_s * 1e6)
    path = path or f"IMG_{taken_us - START_US:012d}.jpg"
    return Shot(
        path=path,
        content=content or hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=32).digest(),
        key=key_floor(taken_us),
        node=(1, int.from_bytes(hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=6).digest())),
        format=form,
        taken=CaptureTime(taken_us, 7200, TimeSource.EXIF, certainty),
        size_bytes=size_bytes,
        width=size[0],
        height=size[1],
        camera=Camera("Testcam" if model else "", model, burst_id, exposure_s, bias_ev, iso, aperture, camera_pick),
        place=None,
        contrast=contrast,
        vector=unit(1) if vector is None else vector,
        signature=np.full((16, 16), level, dtype=np.uint8) if signature is None else signature,
        new=new,
    )


def quality(sharpness: float, light: float = 0.0, dark: float = 0.0, brightness: float = 110.0, **more: Any) -> Quality:
    """Return a measured quality."""
    return Quality(sharpness, light, dark, brightness, **more)


def face(x: float, sharpness: float = 1.0, eyes: float | None = 0.25, width: float = 0.1) -> Face:
    """Return a face whose middle is `x` across the picture, both eyes open as far as `eyes`."""
    return Face((x - width / 2, 0.4, width, width * 4 / 3), sharpness, (eyes, eyes))


def reading(seed: int, at_s: float = 0.0, *, size_bytes: int = 1000, inode: int = 1) -> Reading:
    """Return a reading with random content and vector."""
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=256).astype(np.float32)
    return Reading(
        content=rng.bytes(32),
        stamp=FileStamp(size_bytes, seed, inode, 1),
        format="JPEG",
        width=4000,
        height=3000,
        taken=CaptureTime(START_US + round(at_s * 1e6), 7200, TimeSource.EXIF, Certainty.HIGH),
        place=None,
        camera=Camera("Testcam", "T-1"),
        vector=vector / np.linalg.norm(vector),
        signature=rng.integers(0, 255, (16, 16), dtype=np.uint8),
        contrast=50.0,
    )
