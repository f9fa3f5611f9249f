"""Pictures by content: a photo or a face in it, as a JPEG without metadata that no browser keeps."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.language.texts import noted
from dejashot.reading.protocol.payloads import Frame
from dejashot.web.errors import NotThereError
from dejashot.web.image_renderer import FACE_PX, ImageRenderer
from dejashot.web.picture_sizes import FRAMES
from dejashot.web.responses import content_in
from dejashot.web.views.state import ReviewState

_Box = tuple[float, float, float, float]  # left, top, width and height, as shares of the picture


class ImageRoutes:
    """Reply with pictures."""

    def __init__(self, state: ReviewState, renderer: ImageRenderer) -> None:
        self._state, self._renderer = state, renderer

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [Route("/photo/{content}/{size}", self.photo), Route("/photo/{content}/face/{number}", self.face)]

    def photo(self, request: Request) -> Response:
        """Return a photo of some size."""
        frame = FRAMES.get(request.path_params["size"])
        if frame is None:
            raise NotThereError(noted("There is no such picture"))
        return self._image(request, frame)

    def face(self, request: Request) -> Response:
        """Return a face of a photo, close up."""
        content, number = content_in(request.path_params["content"]), request.path_params["number"]
        quality = self._state.qualities([content]).get(content)
        if quality is None or number not in map(str, range(len(quality.faces))):
            raise NotThereError(noted("There is no such face"))
        return self._image(request, Frame(FACE_PX, _around(quality.faces[int(number)].box)))

    def _image(self, request: Request, frame: Frame) -> Response:
        content = content_in(request.path_params["content"])
        with self._state.groups() as groups_view:
            if not groups_view.there([content]):
                raise NotThereError(noted("There is no such photo"))
        # with any other value a browser leaves it on its disk, where the end of a session does not reach it
        headers = {"Cache-Control": "no-store"}
        return Response(self._renderer.get(content, frame), media_type="image/jpeg", headers=headers)


def _around(box: _Box) -> _Box:
    """Return the box of a face with a margin, inside the picture."""
    left, top, width, height = box
    x0, y0 = max(0.0, left - 0.25 * width), max(0.0, top - 0.35 * height)
    x1, y1 = min(1.0, left + 1.25 * width), min(1.0, top + 1.25 * height)
    return x0, y0, max(0.001, x1 - x0), max(0.001, y1 - y0)
