"""Land in three dimensions: a map of heights, seen by a camera, with sun, shade, haze, snow and a lake."""

from dataclasses import dataclass

import cv2
import numpy as np

from dejashot.demo.drawing.fields import Field, Size, mixed, pixel_grid, sampled

_STEPS = 900


@dataclass(frozen=True, slots=True)
class View:
    """A camera over a map: where it stands (map pixels, height), how far it sees, and its horizon.

    `horizon` is a share of the picture's height; at distance 1 the view is `1 / zoom` wide.
    """

    at: tuple[float, float]
    height: float
    near: float
    far: float
    horizon: float
    zoom: float = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a camera sees of a map for each pixel: columns and rows on the map, the distance, and where it is land."""

    x: Field
    y: Field
    distance: Field
    is_land: Field


def look(heights: Field, view: View, size: Size) -> Seen:
    """Return what of a map is seen in each pixel of a picture of some size."""
    width, height = size
    distances = np.geomspace(view.near, view.far, _STEPS).astype(np.float32)
    across = (np.arange(width, dtype=np.float32) / width - 0.5) / np.float32(view.zoom)
    map_x = view.at[0] + across[None, :] * distances[:, None]
    map_y = np.repeat(view.at[1] - distances[:, None], width, axis=1).astype(np.float32)
    seen = sampled(heights, map_x.astype(np.float32), map_y)
    scale = width * view.zoom
    rows = view.horizon * height - (seen - view.height) / distances[:, None] * scale
    highest = np.minimum.accumulate(rows, axis=0)
    step = np.empty(size[::-1], np.float32)
    wanted = np.arange(height, dtype=np.float32)
    for column in range(width):
        step[:, column] = np.searchsorted(-highest[:, column], -wanted)
    return _between(step, highest, distances, view, size)


def _between(step: Field, highest: Field, distances: Field, view: View, size: Size) -> Seen:
    """Return where each pixel lies between the two steps that it was found between."""
    after = np.clip(step, 1, _STEPS - 1).astype(np.int32)
    x, y = pixel_grid(size)
    columns = x.astype(np.int32)
    upper, lower = highest[after, columns], highest[after - 1, columns]
    share = np.clip((lower - y) / np.maximum(lower - upper, 1e-3), 0, 1)
    distance = distances[after - 1] + (distances[after] - distances[after - 1]) * share
    across = (x / size[0] - 0.5) / np.float32(view.zoom)
    return Seen(
        np.asarray(view.at[0] + across * distance, np.float32),
        np.asarray(view.at[1] - distance, np.float32),
        np.asarray(distance, np.float32),
        np.asarray(np.clip(y - highest[-1] + 0.5, 0, 1)[:, :] * (step < _STEPS), np.float32),
    )


def slopes(heights: Field) -> tuple[Field, Field, Field]:
    """Return the normal of a map at each place: to the right, towards the viewer, and up."""
    dx = cv2.Sobel(heights, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    dy = cv2.Sobel(heights, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    length = np.sqrt(dx * dx + dy * dy + 1)
    return -dx / length, -dy / length, 1 / length


def sunlit(heights: Field, sun: tuple[float, float, float]) -> Field:
    """Return how much sunlight falls on each place of a map, 0 to 1, with the shadows that its heights cast."""
    right, near, up = slopes(heights)
    length = float(np.sqrt(sum(part * part for part in sun)))
    facing = np.clip((right * sun[0] + near * sun[1] + up * sun[2]) / length, 0, 1)
    x, y = pixel_grid((heights.shape[1], heights.shape[0]))
    flat = float(np.hypot(sun[0], sun[1]))
    shade = np.ones_like(heights)
    for step in np.geomspace(2, 90, 22):
        there = sampled(heights, x + np.float32(sun[0] / flat * step), y + np.float32(sun[1] / flat * step))
        above = there - heights - np.float32(step * sun[2] / flat)
        shade = np.minimum(shade, np.clip(1 - above / np.float32(1 + step * 0.05), 0, 1))
    return np.asarray(facing * shade, np.float32)


def in_haze(picture: Field, distance: Field, haze: Field, far: float) -> Field:
    """Return a picture seen through air: what is `far` away has two thirds of the light of the haze."""
    return mixed(picture, haze, np.asarray(1 - np.exp(-distance / np.float32(far)), np.float32))
