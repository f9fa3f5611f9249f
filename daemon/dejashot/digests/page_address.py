"""Where digests and messages about them lead: the address of the page to choose on, never with a login in it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageAddresses:
    """Return the page's address for files and for messages; empty where whoever reads them could not open it.

    They are functions, because a machine's address in its network changes.
    """

    for_files: Callable[[], str] = lambda: ""
    for_messages: Callable[[], str] = lambda: ""


NO_PAGE = PageAddresses()


def digest_address(page: str, slot_us: int) -> str:
    """Return the address of a digest on the page; a group of it is at `/group/ID` below."""
    return f"{page}/digests/{slot_us}"
