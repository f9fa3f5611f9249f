"""The pictures of the pages as a browser asks for them: a photo or a face in it, by content, as a bare JPEG that leaves nothing behind."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.reading.protocol.payloads import Frame
from dejashot.web.image_renderer import FACE_PX, FULL, LARGE, SMALL, ImageRenderer
from dejashot.web.responses import NotThereError, album_of, content_in
from dejashot.web.views.state import ReviewState

_FRAMES = {"small": SMALL, "large": LARGE, "full": FULL}


class PicturePages:
    """Answer what is asked for pictures."""

    def __init__(self, room: ReviewState, pictures: ImageRenderer) -> None:
        self._room, self._pictures = room, pictures

    def routes(self) -> list[Route]:
        """Return what is answered where."""
        return [Route("/photo/{content}/{size}", self.photo), Route("/photo/{content}/face/{number}", self.face)]

    def photo(self, request: Request) -> Response:
        """Return a photo of some size."""
        frame = _FRAMES.get(request.path_params["size"])
        if frame is None:
            raise NotThereError("There is no such picture")
        return self._picture(request, frame)

    def face(self, request: Request) -> Response:
        """Return a face of a photo, close up."""
        content, number = content_in(request.path_params["content"]), request.path_params["number"]
        quality = self._room.qualities([content]).get(content)
        if quality is None or number not in map(str, range(len(quality.faces))):
            raise NotThereError("There is no such face")
        return self._picture(request, Frame(FACE_PX, _around(quality.faces[int(number)].box)))

    def _picture(self, request: Request, frame: Frame) -> Response:
        content = content_in(request.path_params["content"])
        if content not in album_of(self._room).by_content:
            raise NotThereError("There is no such photo")
        # whatever else is said, a browser leaves it on its disk, where no end of a session reaches it
        return Response(
            self._pictures.get(content, frame), media_type="image/jpeg", headers={"Cache-Control": "no-store"}
        )


def _around(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return a face's box with some room around it, inside the picture."""
    left, top, width, height = box
    x0, y0 = max(0.0, left - 0.25 * width), max(0.0, top - 0.35 * height)
    x1, y1 = min(1.0, left + 1.25 * width), min(1.0, top + 1.25 * height)
    return x0, y0, max(0.001, x1 - x0), max(0.001, y1 - y0)
