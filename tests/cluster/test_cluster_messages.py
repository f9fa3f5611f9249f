"""What goes to workers arrives as it was, and what comes from them is believed only where it holds together."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.cluster.belief import checked_answer
from dejashot.cluster.home_files import HomeFile
from dejashot.cluster.members import AHEAD, ClusterMember, Members, MemberState, mismatch
from dejashot.cluster.messages import Greeting, ReadRequest, Reply, ReplyState
from dejashot.cluster.shares import path_on_worker
from dejashot.cluster.trial import Trial
from dejashot.models.files import FileStamp
from dejashot.models.photo import Reading, Wanted
from dejashot.reading.protocol.codec import pack
from dejashot.reading.protocol.payloads import WorkerOptions
from readers import BOUNDS, CONTENT, ODD, READY, a_reading, places_in, put_at, sound

OPTIONS = WorkerOptions("/m.onnx", 1, 220.0, 256.0, 2048, 10, "Europe/Berlin", 20.0)
FILE = HomeFile(CONTENT, FileStamp(7, 8, 9, 10))
HERE = Greeting.of_here("0123456789abcdef")
INT64 = st.integers(-(2**63), 2**63 - 1)


@given(st.binary(), st.binary(), st.builds(FileStamp, INT64, INT64, INT64, INT64), st.sampled_from(Wanted))
def test_a_request_arrives_as_it_was(path: bytes, share: bytes, stamp: FileStamp, wanted: Wanted) -> None:
    request = ReadRequest("read", path, share, CONTENT, stamp, wanted, OPTIONS, "f")
    assert ReadRequest.decode(request.encode()) == request


@given(st.binary(max_size=200))
def test_what_is_no_reply_or_greeting_is_a_value_error(data: bytes) -> None:
    for decode in (Reply.decode, Greeting.decode):
        try:
            decode(data)
        except ValueError:
            continue
        assert data.split(b"\n")[0].decode() in set(ReplyState)
    with pytest.raises(ValueError, match="not a reply"):
        Reply.decode(OSError())


def _reply(op: str) -> Reply:
    return Reply.decode(Reply(ReplyState.READ, [pack(message) for message in sound(op, CONTENT)]).encode())


@pytest.mark.parametrize("op", ["read", "look", "map", "features"])
def test_a_sound_answer_is_believed_with_the_stamp_of_home(op: str) -> None:
    bounds = replace(BOUNDS, map_shape=(128, 14, 14)) if op == "map" else BOUNDS
    answer, _ = checked_answer(_reply(op), op, Wanted.ALL, FILE, bounds, READY["model"])
    assert answer.content == CONTENT
    assert not isinstance(answer.value, Reading) or answer.value.stamp == FILE.stamp


@given(st.integers(0, 2**32), st.sampled_from(["read", "look", "features"]))
def test_an_answer_is_believed_about_the_file_alone_or_not_at_all(seed: int, op: str) -> None:
    rng = random.Random(seed)
    messages = [dict(message) for message in sound(op, CONTENT)]
    at = rng.randrange(len(messages))
    place = rng.choice(places_in(messages[at]))
    changed = put_at(messages[at], place, rng.choice(ODD))
    lines = [json.dumps(m).encode() for m in (*messages[:at], changed, *messages[at + 1 :])]
    try:
        answer, _ = checked_answer(Reply(ReplyState.READ, lines), op, Wanted.ALL, FILE, BOUNDS, READY["model"])
    except ValueError:
        return
    assert answer.content == CONTENT


@pytest.mark.parametrize(
    "changes",
    [
        {"file": replace(FILE, content=bytes(32))},
        {"network": "0" * 16},
        {"op": "look"},
        {"wanted": Wanted.FACTS},
        {"reply": Reply(ReplyState.READ, _reply("read").messages[:2])},
        {"reply": Reply(ReplyState.READ, [*_reply("read").messages, b"{}"])},
        {"reply": Reply(ReplyState.READ, [_reply("read").messages[0], pack({"op": "failed", "reason": "corrupt"})])},
    ],
)
def test_an_answer_to_another_question_is_not_believed(changes: dict[str, object]) -> None:
    asked = {"reply": _reply("read"), "op": "read", "wanted": Wanted.ALL, "file": FILE, "network": READY["model"]}
    with pytest.raises(ValueError):
        checked_answer(**{**asked, "bounds": BOUNDS, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (HERE, ""),
        (replace(HERE, software=replace(HERE.software, version="0.0.1")), "it runs Dejashot 0.0.1"),
        (replace(HERE, software=replace(HERE.software, reading=1)), "in another way"),
        (replace(HERE, network=""), "another embedding network"),
        (replace(HERE, now_us=HERE.now_us + 4_000_000_000), "clock"),
    ],
)
def test_a_worker_must_be_like_this_machine(found: Greeting, why: str) -> None:
    said = mismatch(Greeting.decode(found.encode()), HERE)
    assert why in said
    assert bool(said) == bool(why)


def test_a_worker_that_makes_other_vectors_of_a_picture_does_not_agree() -> None:
    found = a_reading(1)
    assert found.vector is not None
    trial = Trial(FILE, found.vector)
    assert trial.agrees(found)
    assert not trial.agrees(a_reading(2))
    assert not trial.agrees(replace(found, vector=None))
    assert not trial.agrees(b"")


def test_the_longest_folder_says_where_a_file_lies_on_a_worker() -> None:
    paths = {"/volume1": "/mnt", "/volume1/photo/": "/mnt/photo/", "/": "/all"}
    assert path_on_worker(b"/volume1/photo/a/\xff.jpg", paths) == b"/mnt/photo/a/\xff.jpg"
    assert path_on_worker(b"/volume1/photos/a.jpg", paths) == b"/mnt/photos/a.jpg"
    assert path_on_worker(b"/volume2/a.jpg", paths) == b"/all/volume2/a.jpg"
    assert path_on_worker(b"/volume2/a.jpg", {"/volume1": "/mnt"}) == b""


def test_no_worker_is_given_more_than_it_has_threads_for_and_a_little() -> None:
    members = Members()
    came, _ = members.update({"tcp://a:1": 1, "tcp://b:1": 4})
    assert members.idlest() is None
    for member in came:
        member.state = MemberState.READY
    given: list[ClusterMember] = []
    while (member := members.idlest()) is not None:
        member.given += 1
        given.append(member)
    assert [given.count(member) for member in came] == [1 + AHEAD, 4 + AHEAD]
    assert members.update({"tcp://b:1": 4})[1] == came[:1]
    assert not members.has(came[0])


def test_nothing_of_dask_is_loaded_unless_it_is_asked_for() -> None:
    code = "import sys, dejashot.ingest.scan; sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ).returncode == 0
