"""Ellipsoids in space, seen by a camera: what ray meets which, and how they shade each other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dejashot.demo.drawing.fields import Field, Point, Size

NOTHING, FAR = -1, np.float32(1e6)


@dataclass(frozen=True, slots=True)
class Solid:
    """An ellipsoid: its middle, the lengths of its half axes, its colour, and its kind of surface.

    `lean` turns it around the axis of sight, in radians.
    """

    middle: Point
    axes: Point
    colour: Field
    surface: str
    lean: float = 0.0

    @property
    def mean_radius(self) -> float:
        """Return the radius of a ball of about its size."""
        return float(np.prod(self.axes) ** (1 / 3))


@dataclass(slots=True)
class Hits:
    """What each ray meets: the distance, the number of the solid or NOTHING, and the normal there."""

    distance: Field
    number: npt.NDArray[np.int16]
    normal: Field


@dataclass(frozen=True, slots=True)
class Eye:
    """Where a camera stands and looks; `width` is that of what it sees at distance 1."""

    at: Field
    to: Field
    width: float

    def axes(self) -> Field:
        """Return the directions to the right, up and forward."""
        forward = (self.to - self.at) / np.linalg.norm(self.to - self.at)
        right = np.cross((0.0, 1.0, 0.0), forward)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(forward, right), forward]).astype(np.float32)

    def around(self, solid: Solid, reach: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Return the rows and columns of a picture in which a solid lies, with `reach` times its size around it."""
        right, up, forward = self.axes() @ (np.array(solid.middle, np.float32) - self.at)
        scale = shape[1] / (self.width * forward)
        row, column, side = shape[0] / 2 - up * scale, shape[1] / 2 + right * scale, max(solid.axes) * reach * scale
        rows = slice(max(0, int(row - side)), max(0, int(row + side) + 1))
        return rows, slice(max(0, int(column - side)), max(0, int(column + side) + 1))

    def rays(self, size: Size) -> Field:
        """Return the direction of the ray through each pixel, of length 1."""
        right, up, forward = self.axes()
        x = (np.arange(size[0], dtype=np.float32) + 0.5) / size[0] - 0.5
        y = (np.arange(size[1], dtype=np.float32) + 0.5) / size[0] - 0.5 * size[1] / size[0]
        rays = (
            forward
            + right * (x * np.float32(self.width))[None, :, None]
            - up * (y * np.float32(self.width))[:, None, None]
        )
        return np.asarray(rays / np.linalg.norm(rays, axis=2, keepdims=True), np.float32)


def no_hits(size: Size) -> Hits:
    """Return hits of nothing."""
    shape = size[::-1]
    return Hits(np.full(shape, FAR), np.full(shape, NOTHING, np.int16), np.zeros((*shape, 3), np.float32))


def meet(hits: Hits, view: tuple[Eye, Field], solid: Solid, number: int) -> None:
    """Note where the rays of an eye meet a solid before anything else that was noted."""
    eye, all_rays = view
    window = eye.around(solid, 1.5, hits.distance.shape)
    rays, distances, numbers, normals = (
        all_rays[window],
        hits.distance[window],
        hits.number[window],
        hits.normal[window],
    )
    turned = _turn(solid.lean) / np.array(solid.axes, np.float32)[:, None]
    rays_in, start_in = rays @ turned.T, turned @ (eye.at - np.array(solid.middle, np.float32))
    across = rays_in @ start_in
    along = np.einsum("ijk,ijk->ij", rays_in, rays_in)
    inside = across * across - along * np.float32(start_in @ start_in - 1)
    distance = np.where(inside > 0, (-across - np.sqrt(np.maximum(inside, 0))) / along, FAR)
    nearer = (distance > 0) & (distance < distances)
    distances[nearer], numbers[nearer] = distance[nearer], number
    normal = (start_in + rays_in[nearer] * distance[nearer][:, None]) @ turned
    normals[nearer] = normal / np.linalg.norm(normal, axis=1, keepdims=True)


def _turn(radians: float) -> Field:
    c, s = np.cos(radians), np.sin(radians)
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]], np.float32)


def shade_of(solid: Solid, points: Field, sun: Field, softness: float) -> Field:
    """Return how much of a light in direction `sun` reaches points past a solid, 0 to 1; its shadow has soft edges."""
    to = points - np.array(solid.middle, np.float32)
    along = to @ sun
    beside = np.sqrt(np.maximum(np.einsum("...k,...k->...", to, to) - along * along, 0)) - np.float32(solid.mean_radius)
    share = np.clip(0.5 + beside / (np.maximum(-along, 0.05) * np.float32(softness)), 0, 1)
    return np.asarray(np.where(along < 0.7 * solid.mean_radius, share * share * (3 - 2 * share), 1), np.float32)


def openness_past(solid: Solid, points: Field, normals: Field) -> Field:
    """Return how much of the light from everywhere reaches points past a solid, 0 to 1."""
    to = np.array(solid.middle, np.float32) - points
    away = np.sqrt(np.einsum("...k,...k->...", to, to)) + np.float32(1e-3)
    facing = np.einsum("...k,...k->...", to, normals) / away
    near = np.minimum(np.float32(solid.mean_radius) / away, 1) ** 2
    return np.asarray(1 - np.clip(facing, 0, 1) * near, np.float32)
