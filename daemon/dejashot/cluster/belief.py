"""What a worker sends is believed as little as any reader: pure."""

from dataclasses import replace

from dejashot.cluster.home_files import HomeFile
from dejashot.cluster.messages import Reply
from dejashot.models.photo import Reading, Wanted
from dejashot.paths import shown
from dejashot.reading.protocol.exchange import Exchange, ReaderAnswer
from dejashot.reading.protocol.messages import Hashed, Ready
from dejashot.reading.protocol.payloads import WIRE_VERSION, Bounds
from dejashot.reading.sandbox.parts import SandboxPart

_MAX_SHOWN = 200


def checked_answer(
    reply: Reply, op: str, wanted: Wanted, file: HomeFile, bounds: Bounds, network: str
) -> tuple[ReaderAnswer, frozenset[SandboxPart]]:
    """Return the answer about a file in a reply, and the parts of the sandbox that its reader did without.

    A reading has the stamp that the file has at home. Raises ValueError for a reply that does not hold together, or is
    about other bytes.
    """
    exchange = Exchange(bounds)
    received = []
    for data in reply.messages:
        if len(data) > exchange.max_bytes:
            raise ValueError("a message that is too long")
        received.append(message := exchange.receive(data))
        if isinstance(message, Ready):
            exchange.begin(op)
        if isinstance(message, Hashed):
            exchange.grant(wanted)
    if len(received) != 3:
        raise ValueError("not the messages about one file")
    ready, hashed, answer = received
    if not isinstance(ready, Ready) or (ready.version, ready.model) != (WIRE_VERSION, network):
        raise ValueError("a reader of another version, or with another network")
    if not isinstance(hashed, Hashed) or not isinstance(answer, ReaderAnswer) or answer.content != file.content:
        raise ValueError("an answer about other bytes")
    if isinstance(answer.value, Reading):
        answer = replace(answer, value=replace(answer.value, stamp=file.stamp))
    return answer, ready.missing


def words_of(reply: Reply) -> str:
    """Return what a worker that can't read says, as one line that can be shown."""
    text = b" ".join(reply.messages)[:_MAX_SHOWN].decode("utf-8", "replace")
    return shown(" ".join(text.split()))
