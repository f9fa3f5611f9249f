"""The pages as a program on this machine sees them: what is answered where, and what is refused how."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from albums import GONE, Served, Trip, make_clear_cases, pages_over, stopped_batch
from dejashot.actions import apply
from dejashot.web.assets import STATIC, asset_url


@pytest.fixture
def served(request: pytest.FixtureRequest, trip: Trip, tmp_path: Path) -> Iterator[Served]:
    """Give the test the pages over a trip, or over the library that its parameter makes in a folder."""
    library = request.param(tmp_path / "made") if hasattr(request, "param") else trip.library
    with pages_over(library) as served:
        yield served


@pytest.fixture
def group(served: Served, trip: Trip) -> str:
    """Return the id of the group of three shots."""
    return group_of(served, trip.content("IMG_0001.jpg"))


def group_of(served: Served, content: str) -> str:
    found = re.search(rf'href="/group/([0-9a-f]+)\?shot={content}"', served.ask("/?order=saving").text)
    assert found
    return found[1]


def test_every_page_answers(served: Served, trip: Trip, group: str) -> None:
    content = trip.content("IMG_0001.jpg")
    for path, words in {
        "/": "Which ones stay?",
        "/?show=series": "exposure bracket",
        "/?show=decided": "Nothing was chosen yet",
        "/?show=nonsense&order=nonsense&after=nonsense": "Which ones stay?",
        f"/group/{group}": "IMG_0001.jpg",
        f"/group/{group}?shot={content}": f'data-shot="{content}"',
        f"/group/{group}?shot=nonsense": f'data-group="{group}"',
        f"/group/{group}/compare": 'class="panes n3',
        f"/group/{group}/compare?shot={content}": 'class="panes n3',
        f"/group/{group}/compare?shot={content}&shot={trip.content('IMG_0003.jpg')}": 'class="panes n2',
        "/accept": "The clear cases",
        "/timeline": "July 2026",
        "/timeline?until=2026-06-01": "June 2026",
        "/timeline/2026-07-01": "12:20:00",
        "/timeline/2026-07-01?start=nonsense": "8 sequences of shots",
        "/timeline/1999-01-01": "0 sequences of shots",
        "/similar": "Where else does it occur?",
        f"/similar/{content}": "IMG_0003.jpg",
        "/offline": "out of reach",
    }.items():
        answer = served.ask(path)
        assert answer.status == 200, path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert words in answer.text, path
    assert "July 2026" not in served.ask("/timeline?until=2026-06-01").text


def test_each_request_is_answered_in_the_language_of_its_browser(served: Served, group: str) -> None:
    workers = set()
    for accepted, tag, month, size in (
        ("en;q=0.5, de-CH;q=0.9", "de-CH", "Juli 2026", "kB"),
        ("ja", "ja", "2026年7月", "KB"),
        ("xx, en", "en", "July 2026", "kB"),
    ):
        headers = {"Accept-Language": accepted}
        page = served.ask("/timeline", headers=headers)
        assert f'<html lang="{tag}">' in page.text
        assert month in page.text
        assert page.headers["vary"] == "Accept-Language"
        changes = served.ask("/changes", {"shown": {group: ""}}, headers=headers)
        assert size in changes.json["cards"][group], "a card that is put in is written as the page is"
        workers.add(served.ask("/sw.js", headers=headers).text)
    assert len(workers) == 3, "what is shown while all is out of reach is kept for each language"
    assert "vary" not in served.ask(asset_url("icon.svg")).headers


def test_no_page_tells_where_photos_lie_but_by_names_below_their_root(served: Served, trip: Trip, group: str) -> None:
    for path in ("/", f"/group/{group}", f"/group/{group}/compare", "/accept", "/timeline", "/timeline/2026-07-01"):
        assert str(trip.photos) not in served.ask(path).text
        assert "54.18" not in served.ask(path).text


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/group/ffff",
        "/group/nonsense",
        "/group/..%2f..%2fetc",
        "/group/ffff/compare",
        "/timeline/nonsense",
        "/similar/nonsense",
        f"/similar/{'0' * 64}",
        f"/photo/{'0' * 64}/small",
        "/photo/nonsense/small",
        "/photo/{content}/huge",
        "/photo/{content}/face/0",
        "/photo/{content}/face/-1",
        f"/photo/{{content}}/face/{'9' * 5000}",
        "/photo/..%2f..%2f..%2fetc%2fpasswd/small",
        "/photo//etc/passwd",
        "/static/nothing.css",
        "/static/..%2fpages.py",
        "/static/../pages.py",
    ],
)
def test_what_is_not_there_is_said_in_words(served: Served, trip: Trip, path: str) -> None:
    answer = served.ask(path.replace("{content}", trip.content("IMG_0001.jpg")))
    assert answer.status == 404
    assert "Traceback" not in answer.text
    assert answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b"[]",
        b"null",
        {"what": "words"},
        {"what": "delete", "group": "ab"},
        {"what": "words", "group": "../etc"},
        {"what": "words", "group": "ab", "content": "short"},
        {"what": "words", "group": "ab", "content": "0" * 64, "word": "different"},
        {"what": "accept", "group": "ab", "path": "/etc/passwd"},
        {"what": "accept", "group": ["ab"]},
    ],
)
def test_nonsense_is_refused_in_words(served: Served, body: Any) -> None:
    for path in ("/decide", "/accept"):
        answer = served.ask(path, body if body != b"" else b"", method="POST")
        assert answer.status == 400
        assert set(answer.json) == {"title", "hint"}
        assert all(answer.json.values())


def test_methods_that_are_not_meant_are_refused(served: Served) -> None:
    assert served.ask("/decide").status == 405
    assert served.ask("/", {}, method="POST").status == 405
    assert served.ask("/", method="DELETE").status == 405


def test_deciding_answers_with_the_group_as_it_stands(served: Served, trip: Trip, group: str) -> None:
    content = trip.content("IMG_0002.jpg")

    def decide(**asked: Any) -> Any:
        answer = served.ask("/decide", {"group": group, **asked})
        assert answer.status == 200
        return answer.json

    kept = decide(what="words", content=content, word="keep")
    assert kept["said"] == "IMG_0002.jpg: kept"
    assert kept["states"][content] == "keep"
    assert 'class="tile keep"' in kept["cards"][group]
    assert ">8<" in kept["totals"]
    assert decide(what="words", content=content, word=None)["said"] == "IMG_0002.jpg: undecided again"
    stale = re.search(r'data-mark="([0-9a-f]+)"', kept["cards"][group])
    assert stale is not None
    refused = decide(what="accept", mark=stale[1])  # what was shown before the word was taken back
    assert refused["said"] == "This group has changed: look again, then accept"
    assert not refused["agreed"]
    assert "keep" not in refused["states"].values()
    accepted = decide(what="accept", mark=refused["marks"][group])
    assert set(accepted["states"].values()) == {"keep", "reject"}
    assert ">7<" in accepted["totals"]
    assert set(decide(what="clear")["states"].values()) == {"other", "suggested"}
    assert set(decide(what="keep_all")["states"].values()) == {"keep"}
    decide(what="clear")
    apart = decide(what="different", content=content)
    assert content not in apart["cards"][group]
    again = served.ask("/decide", {"what": "different", "group": group, "content": content})
    assert again.status == 404
    assert again.json["title"] == "This shot is not in the group any more"
    assert content in served.ask("/undo", {}).json["cards"][group]
    assert served.ask("/decide", {"what": "accept", "group": "ffff"}).status == 404


def test_of_a_group_that_is_rejected_as_a_whole_the_plan_keeps_what_the_page_names(
    served: Served, trip: Trip, group: str
) -> None:
    for name in ("IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"):
        asked = {"what": "words", "group": group, "content": trip.content(name), "word": "reject"}
        reply = served.ask("/decide", asked).json
    assert reply["next"] and reply["open"] == 7
    stays = re.search(r"You rejected every shot: (.+) stays? all the same", reply["said"])
    assert stays is not None
    assert f"<b>{stays[1]}</b> stay" in reply["cards"][group]
    plan = served.ask("/apply?how=list").text
    shown = re.findall(r'plan-photo (goes|stays)">.*?title="(?:[^"]*/)?(IMG_000\d.jpg)', plan, re.DOTALL)
    kept = stays[1].split(" and ")
    assert sorted(shown) == sorted(
        (("stays" if n in kept else "goes"), n) for n in (f"IMG_000{i}.jpg" for i in (1, 2, 3))
    )
    undone = served.ask("/undo", {}).json
    assert undone["said"] == "Undone: IMG_0003.jpg is undecided again"
    assert undone["undone"] == {"group": group, "content": trip.content("IMG_0003.jpg")}


def test_an_open_page_is_told_what_has_changed(served: Served, trip: Trip, group: str) -> None:
    mark = re.search(rf'data-group="{group}" data-mark="([0-9a-f]+)"', served.ask("/").text)
    assert mark is not None
    before = served.ask("/changes").json
    assert served.ask("/changes").json == before
    assert served.ask("/changes", {"shown": {group: mark[1]}}).json["cards"] == {}
    served.ask("/decide", {"what": "keep_all", "group": group})
    assert served.ask("/changes").json != before
    changes = served.ask("/changes", {"shown": {group: mark[1], "ffff": ""}}).json
    assert changes["cards"]["ffff"] == "" and 'class="card done"' in changes["cards"][group]
    assert group not in changes["first"] and changes["counts"]["open"] == len(changes["first"])


@pytest.mark.parametrize("served", [make_clear_cases], indirect=True)
def test_clear_cases_are_accepted_at_once(served: Served) -> None:
    names = dict(re.findall(r'name="group" value="([0-9a-f]+)" data-mark="([0-9a-f]+)"', served.ask("/accept").text))
    assert len(names) == 2
    assert served.ask("/accept", {"groups": dict.fromkeys(names, "0" * 16)}).json["said"] == "Accepted for 0 groups"
    assert served.ask("/accept", {"groups": {}}).json == {
        "said": "Accepted for 0 groups",
        "cards": {},
        "next": "/accept",
    }
    assert served.ask("/accept", {"groups": names | {"ffff": ""}}).json == {
        "said": "Accepted for 2 groups",
        "cards": {},
        "next": "/",
    }
    assert "There are no clear cases left" in served.ask("/accept").text
    assert set(served.ask("/undo", {}).json["cards"]) == set(names)
    assert served.ask("/undo", {}).json["said"] == "There is nothing to undo"


def test_pictures_are_bare_and_leave_nothing_in_a_browser(served: Served, trip: Trip) -> None:
    content = trip.content("IMG_0001.jpg")
    for size, wide in (("small", 360), ("large", 1600), ("full", 2400)):
        answer = served.ask(f"/photo/{content}/{size}")
        assert answer.status == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert b"Exif" not in answer.body
        assert wide.to_bytes(2) in answer.body[:1000]
        assert served.ask(f"/photo/{content}/{size}", headers={"If-None-Match": "*"}).body == answer.body
    face = served.ask(f"/photo/{trip.content('IMG_0702.jpg')}/face/0")
    assert (face.headers["content-type"], face.headers["cache-control"]) == ("image/jpeg", "no-store")


def test_a_picture_whose_file_is_gone_is_no_picture(served: Served, trip: Trip) -> None:
    group = group_of(served, trip.content("IMG_0601.jpg"))
    contents = re.findall(r'data-content="([0-9a-f]+)"', served.ask(f"/group/{group}").text)
    (gone,) = set(contents) - {trip.content("IMG_0601.jpg")}
    answer = served.ask(f"/photo/{gone}/large")
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert GONE not in answer.text
    assert str(trip.photos) not in answer.text


def test_names_are_text_whatever_is_in_them(served: Served, trip: Trip) -> None:
    page = served.ask("/").text
    assert "<img src=x" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    group = group_of(served, trip.content("IMG_0502.jpg"))
    for body in (
        served.ask(f"/group/{group}/compare").text,
        json.dumps(served.ask("/decide", {"what": "accept", "group": group}).json),
    ):
        assert "<img src=x" not in body
        assert "\x1b" not in body
    assert re.findall(r"\sstyle=|\son\w+=\"|<script>|javascript:", page) == []


def test_its_own_files_and_no_others(served: Served) -> None:
    for name, kind in STATIC.items():
        answer = served.ask(asset_url(name))
        assert answer.status == 200
        assert answer.headers["content-type"] == kind
        assert "immutable" in answer.headers["cache-control"]
        assert b"http://" not in answer.body.replace(b"http://www.w3.org/2000/svg", b"")
        assert b"https://" not in answer.body
    manifest = served.ask("/manifest.webmanifest").json
    assert {served.ask(icon["src"]).status for icon in manifest["icons"]} == {200}
    worker = served.ask("/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    for url in re.findall(r'"(/(?:offline|static/[^"]+))"', worker.text):
        assert served.ask(url).status == 200


def test_finding_by_example(served: Served, trip: Trip) -> None:
    found = served.ask("/similar", (trip.photos / "IMG_0101.jpg").read_bytes())
    assert found.status == 200
    assert "This very photo is in your folders" in found.json["html"]
    assert "IMG_0102.jpg" in found.json["html"]
    other = served.ask("/similar", (trip.photos / "IMG_0102.jpg").read_bytes()[:-2] + b"\xff\xd9ab")
    assert "This very photo" not in other.json["html"]
    assert "IMG_0102.jpg" in other.json["html"]
    for nonsense in (b"", b"no photo"):
        refused = served.ask("/similar", nonsense)
        assert refused.status == 409
        assert refused.json["title"]
    assert list((trip.library / "review").glob("example-*")) == []


def test_a_plan_made_before_choices_changed_is_not_carried_out(served: Served, trip: Trip, group: str) -> None:
    first, second = (trip.content(f"IMG_000{n}.jpg") for n in (1, 2))
    for content, word in ((first, "keep"), (second, "reject")):
        served.ask("/decide", {"what": "words", "group": group, "content": content, "word": word})
    shown = re.search(r'data-plan="([0-9a-f-]+)"', served.ask("/apply?how=xmp").text)
    assert shown is not None
    served.ask("/decide", {"what": "words", "group": group, "content": second, "word": "keep"})
    answer = served.ask("/apply", {"plan": shown[1]})
    assert (answer.status, answer.json["title"]) == (409, "Your choices have changed since this plan was made")
    again = re.search(r'data-plan="([0-9a-f-]+)"', served.ask("/apply?how=xmp").text)
    assert again is not None
    assert served.ask("/apply", {"plan": again[1]}).json == {"said": "Done: 2 files", "refused": []}
    assert served.ask("/apply", {"plan": again[1]}).json["title"] == "This plan is not known any more"
    assert served.ask("/apply/undo", {"batch": again[1]}).json["said"] == "Undone: 2 files"


def test_nothing_goes_on_unasked_and_what_was_stopped_can_be_finished(served: Served, trip: Trip) -> None:
    with stopped_batch(trip) as batch:
        assert "stopped in the middle" in served.ask("/").text
        assert "data-plan" not in served.ask("/apply?how=xmp").text, "no button as long as one waits"
        assert served.ask("/apply/finish", {"batch": "20260701-120000-ffff"}).json["hint"] == "Load the page again"
        assert served.ask("/apply/finish", {"batch": batch.id}).json == {"said": "Done: 2 files", "refused": []}
        assert served.ask("/apply/finish", {"batch": batch.id}).status == 409
        assert "stopped in the middle" not in served.ask("/").text + served.ask("/apply").text
        with pytest.raises(KeyboardInterrupt):
            apply.undo_batch(trip.library, batch.id, stop)
        page = served.ask("/apply").text
        assert "Taking back “Set aside”" in page and "Bring back the rest" in page and "data-finish" not in page
        assert served.ask("/apply/undo", {"batch": batch.id}).json == {"said": "Undone: 1 file", "refused": []}


def stop(done: int, of: int) -> None:
    if done < of:
        raise KeyboardInterrupt


def test_a_plan_that_was_shown_before_something_was_stopped_waits_too(served: Served, trip: Trip, group: str) -> None:
    served.ask("/decide", {"what": "words", "group": group, "content": trip.content("IMG_0001.jpg"), "word": "keep"})
    shown = re.search(r'data-plan="([0-9a-f-]+)"', served.ask("/apply?how=xmp").text)
    assert shown is not None
    with stopped_batch(trip):
        answer = served.ask("/apply", {"plan": shown[1]})
        assert (answer.status, answer.json["title"]) == (409, "A batch was stopped in the middle")


def test_the_page_speaks_its_own_words(served: Served, trip: Trip) -> None:
    ways, places = ("quarantine", "album", "xmp"), ("", "/proc/no/such", "/mnt/nodisk")
    bodies = [served.ask(f"/apply?how={how}&to={to}").text for how in ways for to in places]
    with stopped_batch(trip) as batch:
        bodies += [served.ask("/apply").text, served.ask("/").text]
        for path in ("/apply/undo", "/apply/finish"):
            bodies += [served.ask(path, {"batch": name}).text for name in ("nothing", batch.id, batch.id)]
    assert any("Name one in the field Folder" in body for body in bodies)
    assert [word for body in bodies for word in re.findall(r"(?<![!<-])--[a-z]+|dejashot (?:apply|undo)", body)] == []


def test_a_journal_that_can_not_be_read_is_named(
    served: Served, trip: Trip, group: str, caplog: pytest.LogCaptureFixture
) -> None:
    journal = trip.library / "decisions.jsonl"
    journal.unlink(missing_ok=True)
    journal.mkdir()
    for path in ("/", f"/group/{group}", "/accept", "/savings"):
        answer = served.ask(path)
        assert answer.status == 409
        assert "Your decisions can&#39;t be read: decisions.jsonl: Is a directory" in answer.text
        assert str(journal) in answer.text
    answer = served.ask("/decide", {"what": "accept", "group": group})
    assert answer.json["title"] == "Your decisions can't be read: decisions.jsonl: Is a directory"
    assert answer.json["hint"].startswith(f"Make {journal} a file that you may read")
    assert sum("decisions.jsonl" in line for line in caplog.messages) == 1
    journal.rmdir()
    assert served.ask("/").status == 200
