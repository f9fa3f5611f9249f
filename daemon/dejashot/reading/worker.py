"""The worker process: the only place where a photo's bytes are parsed. Run as `python -P -m dejashot.reading.worker`."""

import contextlib
import io
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, tzinfo
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import tzlocal
from PIL import Image

from dejashot.errors import DejashotError, Reason, UnreadablePhotoError
from dejashot.files.names import suffix_of
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.files import FileStamp, content_hash
from dejashot.models.photo import Reading, SidecarMetadata, Wanted
from dejashot.paths import shown
from dejashot.reading.decode import decoder
from dejashot.reading.decode.colour import in_srgb
from dejashot.reading.decode.fingerprint import parts_of
from dejashot.reading.decode.render import render
from dejashot.reading.fd_passing import received_file
from dejashot.reading.limits import MAX_DETAIL, MAX_TEXT
from dejashot.reading.messages import WIRE_VERSION
from dejashot.reading.metadata.burst_names import NamedBurst
from dejashot.reading.metadata.capture_time import Circumstances, capture_time
from dejashot.reading.metadata.sidecars import MAX_CSV_BYTES, MAX_JSON_BYTES, icloud, takeout
from dejashot.reading.metadata.tags import camera_of, place_in, read_tags
from dejashot.reading.metadata.video import video_metadata
from dejashot.reading.opener import typed_errors
from dejashot.reading.protocol import (
    MESSAGE_LIMIT_BYTES,
    Frame,
    Look,
    WorkerOptions,
    bytes_of,
    frame_from_wire,
    look_to_wire,
    map_to_wire,
    pack,
    reading_to_wire,
    sidecar_to_wire,
    text_of,
    unpack,
)
from dejashot.reading.sandbox.confine import CPU_LIMIT_FACTOR, allow_cpu, confine
from dejashot.reading.sandbox.parts import SandboxPart
from dejashot.reading.vision import quality
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.faces import FaceFinder
from dejashot.reading.vision.model import load_model


@dataclass(frozen=True, slots=True)
class Given:
    """What a request is about: an open file, the name it had, the burst that its path tells of, and what to render of it."""

    file: io.FileIO
    name: str
    burst: NamedBurst
    frame: Frame | None


class Worker:
    """Answer requests over a connection until it closes; `home` is the zone of times that name none."""

    def __init__(self, link: Connection, options: WorkerOptions, home: tzinfo) -> None:
        self._link = link
        self._options = options
        self._max_bytes = int(options.max_file_mib * 1024 * 1024)
        self._cpu_s = options.timeout_s * CPU_LIMIT_FACTOR * options.threads
        self._home = home
        file = Path(options.model)
        self._embedder = Embedder(file, load_model(file), options.threads)
        self._faces = FaceFinder()
        decoder.prepare_decoders(options.max_megapixels)
        self._answers: dict[str, Callable[[Given], dict[str, Any]]] = {
            "read": self._read,
            "look": self._look,
            "map": self._map,
            "render": self._render,
            "hear": self._hear,
        }

    def serve(self, missing: Collection[SandboxPart]) -> None:
        """Answer `read`, `look`, `map`, `render` and `hear` requests; a request that fails is answered with its reason.

        `missing` are the parts of the seal that do not hold.
        """
        self._send(
            {
                "op": "ready",
                "missing": sorted(missing),
                "version": WIRE_VERSION,
                "network": self._embedder.network.fingerprint,
            }
        )
        while True:
            try:
                request = unpack(self._link.recv_bytes(MESSAGE_LIMIT_BYTES))
            except EOFError:
                return
            allow_cpu(self._cpu_s)
            try:
                with received_file(self._link) as file:
                    self._send(self._answers[request["op"]](_given(request, file)))
            except EOFError:
                return
            except UnreadablePhotoError as error:
                self._send(failed(error.reason, error.detail))
            except MemoryError:
                self._send(failed(Reason.OUT_OF_MEMORY))
            except (
                DejashotError
            ) as error:  # hardly the photo's fault: a network of ours, which a fresh reader opens anew
                self._send(failed(Reason.NETWORK_FAILED, error.title))
                return

    def _read(self, given: Given) -> dict[str, Any]:
        """Read one photo; the pool is asked, by content, how much of it is wanted."""
        data, stamp, content, wanted = self._bytes(given)
        if wanted is Wanted.NOTHING:
            return {"op": "known", "content": content.hex(), "stamp": asdict(stamp)}
        image = decoder.open_image(data, given.name, self._options.max_megapixels)
        kind, (width, height) = decoder.format_of(image), decoder.upright_size(image)
        tags = read_tags(data, image)
        prepared = self._prepared(image)
        luma = prepared.convert("L")
        around = Circumstances(given.name, stamp.mtime_ns, self._home, datetime.now(UTC))
        reading = Reading(
            content=content,
            stamp=stamp,
            format=kind,
            width=width,
            height=height,
            taken=capture_time(tags, around),
            place=place_in(tags),
            camera=camera_of(tags, given.burst),
            vector=self._embedder.embed(prepared) if wanted is Wanted.ALL else None,
            signature=np.asarray(luma.resize((SIGNATURE_SIDE, SIGNATURE_SIDE), Image.Resampling.BOX)),
            contrast=float(np.asarray(luma, dtype=np.float32).std()),
            motion=tags.motion,
            live_id=tags.live_id,
            damage=decoder.decoded_damage(image),
        )
        return {"op": "reading", "reading": reading_to_wire(reading)}

    def _bytes(self, given: Given) -> tuple[bytes, FileStamp, bytes, Wanted]:
        """Return a photo's bytes, stamp and hash, and how much of it the pool, knowing the hash, wants."""
        data, stamp = decoder.read_bytes(given.file, self._max_bytes)
        content = content_hash(data).digest()
        self._send({"op": "hashed", "content": content.hex()})
        return data, stamp, content, Wanted(unpack(self._link.recv_bytes(MESSAGE_LIMIT_BYTES))["wanted"])

    def _opened(self, given: Given) -> tuple[str, Image.Image, bytes]:
        """Return the hash of a photo's bytes, in hex, the photo, not decoded yet, and the bytes."""
        data, _, content, wanted = self._bytes(given)
        if wanted is Wanted.NOTHING:
            raise UnreadablePhotoError(Reason.READER_CRASHED)  # the pool knows better, and says so
        return content.hex(), decoder.open_image(data, given.name, self._options.max_megapixels), data

    def _prepared(self, image: Image.Image) -> Image.Image:
        """Return a picture as the network takes it, in sRGB: turned last, when it is smallest."""
        side = self._embedder.network.input.decode_px
        return in_srgb(self._embedder.prepare(decoder.upright_pixels(image, (side, side))), image.info)

    def _map(self, given: Given) -> dict[str, Any]:
        """Map one photo for a second look."""
        content, image, _ = self._opened(given)
        return {"op": "map", "content": content, "seen": map_to_wire(self._embedder.map(self._prepared(image)))}

    def _look(self, given: Given) -> dict[str, Any]:
        """Take a closer look at one photo."""
        content, image, data = self._opened(given)
        width, height = image.size
        scale = min(1.0, quality.LOOK_PX / max(width, height))
        picture = decoder.upright_pixels(image, (int(width * scale), int(height * scale)))
        seen = quality.at_look_size(picture)
        measured = quality.measure_quality(
            seen, self._faces.find(seen), 0.0 if decoder.raw_of(image) else quality.coarseness_of(image)
        )
        detail = None if decoder.has_make(image) else quality.detail_of(picture, seen)  # it may be of a screen
        whole = replace(measured, damage=decoder.decoded_damage(image), parts=parts_of(data), detail=detail)
        look = Look(whole, quality.render_preview(picture, image.info))
        return {"op": "look", "content": content, "seen": look_to_wire(look)}

    def _render(self, given: Given) -> dict[str, Any]:
        """Render one photo, or a part of it, to be looked at."""
        content, image, _ = self._opened(given)
        return {"op": "render", "content": content, "seen": {"jpeg": text_of(render(image, given.frame or Frame(0)))}}

    @staticmethod
    def _hear(given: Given) -> dict[str, Any]:
        """Ask a film or a sidecar what it says of photos."""
        suffix = suffix_of(given.name)
        if suffix == "json":
            said = takeout(decoder.read_bytes(given.file, MAX_JSON_BYTES)[0])
        elif suffix == "csv":
            said = icloud(decoder.read_bytes(given.file, MAX_CSV_BYTES)[0])
        else:
            with typed_errors():
                said = SidecarMetadata(video_metadata(given.file))
        return {"op": "heard", "said": sidecar_to_wire(said)}

    def _send(self, message: dict[str, Any]) -> None:
        self._link.send_bytes(pack(message))


def _given(request: dict[str, Any], file: io.FileIO) -> Given:
    """Return what a request is about."""
    frame = frame_from_wire(request["frame"]) if "frame" in request else None
    return Given(file, os.fsdecode(bytes_of(request["name"])), NamedBurst(**request["burst"]), frame)


def failed(reason: Reason, detail: str = "") -> dict[str, Any]:
    """Return the message that a photo can't be read."""
    return {"op": "failed", "reason": reason, "detail": in_line(detail, MAX_DETAIL)}


def fatal(error: DejashotError) -> dict[str, Any]:
    """Return the message that a worker can't start."""
    return {"op": "fatal", "title": in_line(error.title, MAX_TEXT), "hint": in_line(error.hint, MAX_TEXT)}


def in_line(text: str, most: int) -> str:
    """Return a text of a library's as one that can be shown, on one line, cut to a number of letters."""
    return shown(" ".join(text.split()))[:most]


def main() -> None:
    """Serve the connection whose file descriptor is the first argument, with the options (JSON) in the second."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)
    link = Connection(int(sys.argv[1]))
    options = WorkerOptions(**json.loads(sys.argv[2]))
    home = ZoneInfo(options.home_timezone) if options.home_timezone else tzlocal.get_localzone()
    missing = confine(options)
    try:
        worker = Worker(link, options, home)
    except DejashotError as error:
        link.send_bytes(pack(fatal(error)))
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        worker.serve(missing)


if __name__ == "__main__":
    main()
