"""The reader process, the only place where a photo's bytes are parsed: `python -P -m dejashot.reading.worker`."""

import contextlib
import io
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import tzlocal
from PIL import Image

from dejashot.errors import DejashotError, ModelError, Reason, UnreadablePhotoError
from dejashot.models.arrays import PictureMapArray
from dejashot.models.files import content_hash
from dejashot.models.photo import Wanted
from dejashot.paths import shown
from dejashot.reading.decode import decoder
from dejashot.reading.decode.render import render
from dejashot.reading.limits import MAX_DETAIL, MAX_TEXT
from dejashot.reading.metadata.burst_names import NamedBurst
from dejashot.reading.network import Network, check_bytes
from dejashot.reading.operations import PhotoBytes, features_of, look_at, model_input, read_photo, sidecar_metadata
from dejashot.reading.photo_picture import PhotoPicture, RecentPictures, decode_picture, decode_thumbnail
from dejashot.reading.protocol.codec import (
    MESSAGE_LIMIT_BYTES,
    bytes_of,
    features_to_wire,
    frame_from_wire,
    look_to_wire,
    map_to_wire,
    pack,
    reading_to_wire,
    sidecar_to_wire,
    text_of,
    unpack,
)
from dejashot.reading.protocol.fd_passing import received_file
from dejashot.reading.protocol.payloads import WIRE_VERSION, Frame, WorkerOptions
from dejashot.reading.sandbox.confine import CPU_LIMIT_FACTOR, allow_cpu, confine
from dejashot.reading.sandbox.parts import SandboxPart
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.faces import FaceFinder


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be read: an open file, its name, the burst that its path names, and what to render of it."""

    file: io.FileIO
    name: str
    burst: NamedBurst
    frame: Frame | None


class Worker:
    """Answer requests over a connection until it closes; `home` is the zone of times that name none."""

    def __init__(self, link: Connection, options: WorkerOptions, network: Network, home: tzinfo) -> None:
        self.link = link
        self._options = options
        self._max_bytes = int(options.max_file_mib * 1024 * 1024)
        self._cpu_s = options.timeout_s * CPU_LIMIT_FACTOR * options.threads
        self._home = home
        file = Path(options.model)
        check_bytes(file, network.sha256, file)
        self._embedder = Embedder(file, network, options.threads)
        self._faces = FaceFinder()
        self._recent = RecentPictures()
        decoder.prepare_decoders(options.max_megapixels)
        self._operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "read": self._read,
            "look": self._look,
            "map": self._map,
            "features": self._features,
            "render": self._render,
            "sidecar": self._sidecar,
        }

    def serve(self, missing: Collection[SandboxPart]) -> None:
        """Answer requests, a failed one with its reason; `missing` are the parts of the sandbox that are absent."""
        fingerprint = self._embedder.network.fingerprint
        self.send({"op": "ready", "missing": sorted(missing), "version": WIRE_VERSION, "model": fingerprint})
        while True:
            try:
                message = unpack(self.link.recv_bytes(MESSAGE_LIMIT_BYTES))
            except EOFError:
                return
            allow_cpu(self._cpu_s)
            try:
                with received_file(self.link) as file:
                    self.send(self._operations[message["op"]](_request(message, file)))
            except EOFError:
                return
            except UnreadablePhotoError as error:
                self.send(failed(error.reason, error.detail))
            except MemoryError:
                self.send(failed(Reason.OUT_OF_MEMORY))
            except DejashotError as error:  # hardly the photo's fault: a model failed, which a fresh reader loads anew
                self.send(failed(Reason.NETWORK_FAILED, error.title))
                return

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to the pool."""
        self.link.send_bytes(pack(message))

    def _read(self, request: Request) -> dict[str, Any]:
        """Read one photo, as much of it as the pool wants."""
        photo, wanted = self._bytes(request)
        if wanted is Wanted.NOTHING:
            return {"op": "known", "content": photo.content.hex(), "stamp": asdict(photo.stamp)}
        image, facts_only = self._opened(photo), wanted is Wanted.FACTS
        decode = partial(self._small_picture, photo)
        reading = read_photo(photo, image, decode, self._embedder, self._home, facts_only=facts_only)
        return {"op": "reading", "reading": reading_to_wire(reading)}

    def _look(self, request: Request) -> dict[str, Any]:
        """Measure the quality of one photo."""
        return self._seen(
            "look", request, lambda photo: look_to_wire(look_at(photo.data, self._picture(photo), self._faces))
        )

    def _map(self, request: Request) -> dict[str, Any]:
        """Map one photo by the model."""
        return self._seen("map", request, lambda photo: map_to_wire(self._mapped(photo)))

    def _features(self, request: Request) -> dict[str, Any]:
        """Find the local features of one photo."""
        return self._seen("features", request, lambda photo: features_to_wire(features_of(self._picture(photo))))

    def _render(self, request: Request) -> dict[str, Any]:
        """Render one photo, or a part of it, for people."""
        frame = request.frame or Frame(0)
        return self._seen("render", request, lambda photo: {"jpeg": text_of(render(self._opened(photo), frame))})

    def _seen(self, op: str, request: Request, see: Callable[[PhotoBytes], dict[str, Any]]) -> dict[str, Any]:
        """Return the answer to a request about a photo's pixels, by `see`."""
        photo, wanted = self._bytes(request)
        if wanted is Wanted.NOTHING:
            return {"op": "skipped", "content": photo.content.hex()}
        return {"op": op, "content": photo.content.hex(), "seen": see(photo)}

    @staticmethod
    def _sidecar(request: Request) -> dict[str, Any]:
        """Read a video's metadata, or a sidecar."""
        return {"op": "sidecar_read", "sidecar": sidecar_to_wire(sidecar_metadata(request.file, request.name))}

    def _bytes(self, request: Request) -> tuple[PhotoBytes, Wanted]:
        """Return a photo's bytes, and how much of it the pool wants, which is asked with their hash."""
        data, stamp = decoder.read_bytes(request.file, self._max_bytes)
        content = content_hash(data).digest()
        self.send({"op": "hashed", "content": content.hex()})
        wanted = Wanted(unpack(self.link.recv_bytes(MESSAGE_LIMIT_BYTES))["wanted"])
        return PhotoBytes(data, content, stamp, request.name, request.burst), wanted

    def _picture(self, photo: PhotoBytes, image: Image.Image | None = None) -> PhotoPicture:
        """Return the decoded picture of a photo, which is kept for a while."""
        picture = self._recent.get(photo.content)
        if picture is None:
            picture = decode_picture(image or self._opened(photo))
            self._recent.add(photo.content, picture)
        return picture

    def _small_picture(self, photo: PhotoBytes, image: Image.Image) -> PhotoPicture:
        """Return the picture of a photo for the model: always its thumbnail where that will do, decoded or not."""
        return decode_thumbnail(image, self._embedder.least_px) or self._picture(photo, image)

    def _mapped(self, photo: PhotoBytes) -> PictureMapArray:
        picture = self._small_picture(photo, self._opened(photo))
        return self._embedder.map(model_input(picture, self._embedder))

    def _opened(self, photo: PhotoBytes) -> Image.Image:
        return decoder.open_image(photo.data, photo.name, self._options.max_megapixels)


def _request(message: dict[str, Any], file: io.FileIO) -> Request:
    """Return what is to be read."""
    frame = frame_from_wire(message["frame"]) if "frame" in message else None
    return Request(file, os.fsdecode(bytes_of(message["name"])), NamedBurst(**message["burst"]), frame)


def failed(reason: Reason, detail: str = "") -> dict[str, Any]:
    """Return the message that a file can't be read."""
    return {"op": "failed", "reason": reason, "detail": in_line(detail, MAX_DETAIL)}


def fatal(error: DejashotError) -> dict[str, Any]:
    """Return the message that a reader can't start."""
    return {"op": "fatal", "title": in_line(error.title, MAX_TEXT), "hint": in_line(error.hint, MAX_TEXT)}


def in_line(text: str, max_letters: int) -> str:
    """Return the text of a library as one printable line, cut to a number of letters."""
    return shown(" ".join(text.split()))[:max_letters]


def _network(arguments: Sequence[str]) -> Network:
    """Return the network that the pool hands over; raise ModelError where the pool is of a version that hands none."""
    if not arguments:
        raise ModelError("Dejashot was exchanged while it runs", "Start it again")
    return Network.decode(arguments[0])


def worker_main() -> None:
    """Serve the connection whose file descriptor is the first argument, with options and network (JSON) behind it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)
    link = Connection(int(sys.argv[1]))
    options = WorkerOptions(**json.loads(sys.argv[2]))
    home = ZoneInfo(options.home_timezone) if options.home_timezone else tzlocal.get_localzone()
    missing = confine(options)
    try:
        worker = Worker(link, options, _network(sys.argv[3:]), home)
    except DejashotError as error:
        link.send_bytes(pack(fatal(error)))
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        worker.serve(missing)


if __name__ == "__main__":
    worker_main()
