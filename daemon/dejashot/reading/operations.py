"""What a reader does with a photo's bytes, once they are read: pure, but for the models."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

import numpy as np
from PIL import Image

from dejashot.files.names import suffix_of
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.features import LocalFeatures
from dejashot.models.files import FileStamp
from dejashot.models.photo import Reading, SidecarMetadata
from dejashot.reading.decode import decoder
from dejashot.reading.decode.colour import in_srgb
from dejashot.reading.decode.image_state import format_of
from dejashot.reading.decode.orientation import upright_size
from dejashot.reading.fingerprint import parts_of
from dejashot.reading.metadata.burst_names import NamedBurst
from dejashot.reading.metadata.camera import camera_of
from dejashot.reading.metadata.capture_time import FileContext, capture_time
from dejashot.reading.metadata.gps import place_of
from dejashot.reading.metadata.sidecars import MAX_CSV_BYTES, MAX_JSON_BYTES, read_icloud, read_takeout
from dejashot.reading.metadata.tags import read_tags
from dejashot.reading.metadata.video import video_metadata
from dejashot.reading.opener import typed_errors
from dejashot.reading.photo_picture import PhotoPicture
from dejashot.reading.protocol.payloads import Look
from dejashot.reading.vision import quality
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.faces import FaceFinder
from dejashot.reading.vision.local_features import local_features

Decoding = Callable[[Image.Image], PhotoPicture]  # of an opened photo


@dataclass(frozen=True, slots=True)
class PhotoBytes:
    """The bytes of a photo, their hash, the file's stamp and name, and the burst that its path names."""

    data: bytes
    content: bytes
    stamp: FileStamp
    name: str
    burst: NamedBurst


def read_photo(
    photo: PhotoBytes, image: Image.Image, decode: Decoding, embedder: Embedder, home: tzinfo, *, facts_only: bool
) -> Reading:
    """Read a photo, given also opened; `decode` gives what the model is to see of it.

    `home` is the zone of times that name none; vector and map are left out where only facts are wanted.
    """
    kind, (width, height) = format_of(image), upright_size(image)  # decoding may change both: a JPEG is scaled
    tags = read_tags(photo.data, image)
    picture = decode(image)
    prepared = model_input(picture, embedder)
    luma = prepared.convert("L")
    context = FileContext(photo.name, photo.stamp.mtime_ns, home, datetime.now(UTC))
    vector, picture_map = (None, None) if facts_only else embedder.embed_and_map(prepared)
    return Reading(
        content=photo.content,
        stamp=photo.stamp,
        format=kind,
        width=width,
        height=height,
        taken=capture_time(tags, context),
        place=place_of(tags),
        camera=camera_of(tags, photo.burst),
        vector=vector,
        map=picture_map,
        signature=np.asarray(luma.resize((SIGNATURE_SIDE, SIGNATURE_SIDE), Image.Resampling.BOX)),
        contrast=float(np.asarray(luma, dtype=np.float32).std()),
        motion=tags.motion,
        live_id=tags.live_id,
        damage=picture.damage,
        thumbnail_px=picture.thumbnail_px,
    )


def look_at(data: bytes, picture: PhotoPicture, faces: FaceFinder) -> Look:
    """Measure the quality of a photo, and make its preview."""
    look = quality.at_look_size(picture.pixels)
    measured = quality.measure_quality(look, faces.find(picture.pixels), picture.coarseness)
    detail = None if picture.by_camera else quality.detail_of(picture.pixels, look)  # it may be a screenshot
    whole = replace(measured, damage=picture.damage, parts=parts_of(data), detail=detail)
    return Look(whole, quality.render_preview(picture.pixels, picture.colours))


def features_of(picture: PhotoPicture) -> LocalFeatures:
    """Find the local features of a photo, to lay pictures over each other; raise ModelError without OpenCV."""
    return local_features(picture.pixels, picture.colours)


def model_input(picture: PhotoPicture, embedder: Embedder) -> Image.Image:
    """Return a picture as the model takes it, in sRGB, which is converted last, when the picture is smallest."""
    pixels, side = picture.pixels, embedder.network.input.decode_px
    factor = min(pixels.size) // side
    reduced = pixels.reduce(factor) if factor > 1 else pixels
    return in_srgb(embedder.prepare(reduced), picture.colours)


def sidecar_metadata(file: io.FileIO, name: str) -> SidecarMetadata:
    """Read a video's metadata, or a sidecar of an export; raise UnreadablePhotoError."""
    suffix = suffix_of(name)
    if suffix == "json":
        return read_takeout(decoder.read_bytes(file, MAX_JSON_BYTES)[0])
    if suffix == "csv":
        return read_icloud(decoder.read_bytes(file, MAX_CSV_BYTES)[0])
    with typed_errors():
        return SidecarMetadata(video_metadata(file))
