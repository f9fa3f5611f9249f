"""OpenCV, for readers that are asked for closer looks: 40 ms and 16 MB that one that only embeds does not pay."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from dejashot.errors import ModelError


@contextmanager
def opencv() -> Iterator[ModuleType]:
    """Lend OpenCV on one thread, so that results depend on nothing but the picture.

    Raises ModelError where it can't be loaded, MemoryError where its memory runs out.
    """
    try:
        import cv2  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(f"OpenCV could not be loaded: {error}", "Check reading.memory_mib") from error
    cv2.setNumThreads(1)
    try:
        yield cv2
    except cv2.error as error:
        if error.code != cv2.Error.StsNoMem:
            raise
        raise MemoryError from error
