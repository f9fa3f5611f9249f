"""Find faces in a picture and measure how far their eyes are open."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image

from dejashot.errors import ModelError
from dejashot.models.arrays import Floats32
from dejashot.models.photo import MAX_FACES
from dejashot.reading.network import BUNDLED
from dejashot.reading.vision.session import open_session

FACES_PX, EYE_PX = 256, 64
SURE_LOGIT = 1.0  # the detector's score from which a face counts: a probability of 0.73; windows and flowers reach 0.97
OVERLAP = 0.3
SMALLEST_SHARE = 0.02  # of the longer side: smaller faces are passers-by
MIN_EYE_DISTANCE = 24 / 1024  # of the longer side
PROFILE = 0.62  # how far the nose may stand off the middle between the eyes, in eye distances
_RIGHT_EYE, _LEFT_EYE, _NOSE = 0, 1, 2  # of the six key points; right and left are the person's own


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face: left, top, width and height in shares of the picture, and each eye's openness (None: can't be seen).

    The openness is the mean gap between the lids over the width of the eye: about 0.17 and more when open, below 0.1
    when closed. `logit` is the detector's score: 2.5 to 3.2 for a face that is seen whole and from the front.
    """

    box: tuple[float, float, float, float]
    eyes: tuple[float | None, float | None]
    logit: float = 0.0


class FaceFinder:
    """Find faces with BlazeFace (Bazarevsky et al. 2019), eyes with MediaPipe's iris model (Ablavatski et al. 2020).

    The models are loaded with the first picture. Raises ModelError.
    """

    @cached_property
    def _faces(self) -> Any:
        return open_session(BUNDLED.with_name("dejashot-faces.onnx"), 1)

    @cached_property
    def _eyes(self) -> Any:
        return open_session(BUNDLED.with_name("dejashot-eyes.onnx"), 1)

    @cached_property
    def _anchors(self) -> Floats32:
        """Return the centres [896, 2] that boxes are relative to: two a cell of a 16 x 16 grid, six of an 8 x 8 one."""
        grids = []
        for side, count in ((16, 2), (8, 6)):
            middles = (np.arange(side, dtype=np.float32) + 0.5) / side
            across, down = np.meshgrid(middles, middles)
            grids.append(np.repeat(np.stack([across.ravel(), down.ravel()], axis=1), count, axis=0))
        return np.concatenate(grids)

    def find(self, picture: Image.Image) -> tuple[FoundFace, ...]:
        """Return the faces of an upright RGB picture, the largest first."""
        boxes, points, scores = self._detect(picture)
        shape = np.array(picture.size, dtype=np.float32)
        large = [n for n in range(len(boxes)) if boxes[n, 2:].max() >= SMALLEST_SHARE * shape.max()]
        large.sort(key=lambda n: -float(boxes[n, 2]))
        found = []
        for n in large[:MAX_FACES]:
            left, top, width, height = (boxes[n] / np.tile(shape, 2)).tolist()
            found.append(FoundFace((left, top, width, height), self._openness(picture, points[n]), float(scores[n])))
        return tuple(found)

    def _detect(self, picture: Image.Image) -> tuple[Floats32, Floats32, Floats32]:
        """Return boxes [n, 4] (left, top, width, height), key points [n, 6, 2] of faces in pixels, and logits [n]."""
        scale = FACES_PX / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        corner = np.array([(FACES_PX - size[0]) // 2, (FACES_PX - size[1]) // 2], dtype=np.float32)
        sheet = Image.new("RGB", (FACES_PX, FACES_PX))
        sheet.paste(picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0), (int(corner[0]), int(corner[1])))
        raw, logits = _run(self._faces, np.asarray(sheet, dtype=np.float32)[None] / np.float32(127.5) - 1)
        order = np.argsort(-logits[0, :, 0], kind="stable")
        likely = order[logits[0, order, 0] >= SURE_LOGIT]
        numbers = raw[0, likely].reshape(-1, 8, 2) / FACES_PX  # centre, size, six key points
        anchors = self._anchors[likely]
        centres, sizes, points = numbers[:, 0] + anchors, numbers[:, 1], numbers[:, 2:] + anchors[:, None]
        boxes = np.concatenate([centres - sizes / 2, sizes], axis=1)
        kept = _without_overlaps(boxes)
        boxes, points = boxes[kept] * FACES_PX, points[kept] * FACES_PX - corner
        boxes[:, :2] -= corner
        return (boxes / scale).astype(np.float32), (points / scale).astype(np.float32), logits[0, likely[kept], 0]

    def _openness(self, picture: Image.Image, points: Floats32) -> tuple[float | None, float | None]:
        """Return how far the right and the left eye are open, None for both in small faces and profiles."""
        right, left, nose = points[_RIGHT_EYE], points[_LEFT_EYE], points[_NOSE]
        across = left - right
        distance = float(np.hypot(*across))
        if distance < MIN_EYE_DISTANCE * max(picture.size):
            return None, None
        off = float((nose - (right + left) / 2) @ across) / distance**2
        if abs(off) > PROFILE:
            return None, None
        return self._lids(picture, right, across, mirrored=False), self._lids(picture, left, across, mirrored=True)

    def _lids(self, picture: Image.Image, centre: Floats32, across: Floats32, *, mirrored: bool) -> float | None:
        """Return the mean gap between the lids over the width of an eye.

        The crop is as wide as the eyes are apart, and level.
        """
        step = across / EYE_PX  # from one pixel of the crop to the next
        along = -step if mirrored else step  # the model knows right eyes: left ones are mirrored
        down = np.array([-step[1], step[0]], dtype=np.float32)
        start = centre - (along + down) * EYE_PX / 2
        map_back = (along[0], down[0], start[0], along[1], down[1], start[1])
        crop = picture.transform(
            (EYE_PX, EYE_PX), Image.Transform.AFFINE, tuple(map(float, map_back)), Image.Resampling.BILINEAR
        )
        contour, _ = _run(self._eyes, np.asarray(crop, dtype=np.float32)[None] / np.float32(255))
        # from one corner along the lower lid to the other corner, then along the upper lid
        ring = contour.reshape(-1, 3)[:16, :2]
        width = float(np.hypot(*(ring[8] - ring[0])))
        gap = float((ring[1:8, 1] - ring[9:16, 1]).mean())
        openness = gap / max(width, 1e-3)
        return openness if math.isfinite(openness) else None


def _without_overlaps(boxes: Floats32) -> list[int]:
    """Return which boxes (left, top, width, height; best first) remain when each suppresses those that overlap it."""
    kept: list[int] = []
    for n in range(len(boxes)):
        if all(_overlap(boxes[n], boxes[k]) <= OVERLAP for k in kept):
            kept.append(n)
    return kept


def _overlap(a: Floats32, b: Floats32) -> float:
    """Return the intersection of two boxes over their union."""
    sides = np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2])
    common = float(np.maximum(sides, 0).prod())
    return common / max(float(a[2:].prod() + b[2:].prod()) - common, 1e-9)


def _run(session: Any, pixels: Floats32) -> tuple[Floats32, Floats32]:
    """Run one of the two models on pixels [1, n, n, 3]."""
    try:
        first, second = session.run(None, {"image": pixels})
    except Exception as error:
        raise ModelError(f"a model for faces failed: {error}", "Reinstall Dejashot") from error
    return first, second
