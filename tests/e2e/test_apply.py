"""Decisions applied and undone by the real command, on real files, also when it is killed in the middle."""

import json
import os
import pty
import random
import re
import signal
import subprocess
from pathlib import Path

import pytest

from daemons import QUICK, photos, running, wait_until
from dejashot.models.decisions import Verdict
from homes import Home, environment
from takes import decide, disk, fingerprint, jpeg, names, put, take

GROUPS, TAKES = 14, 9  # 112 takes that go, with their companions 336 files
KILLED_BY = 80  # files that are done at most when it is killed


def scanned(home: Home, base: Path) -> Path:
    """Return a scanned folder of four takes: two are rejected, and the first of these has companions."""
    folder = base / "Pictures"
    takes = take(folder, jpeg(base / "seeds"), 4)
    put(takes[1].with_suffix(".MOV"), b"moving half", 1)
    put(Path(f"{takes[1]}.json"), b"{}", 700)
    assert home.run("scan", folder).returncode == 0
    decide(home.library, Verdict.REJECT, takes[1:3])
    decide(home.library, Verdict.KEEP, takes[:1])
    return folder


@pytest.fixture
def pictures(home: Home, tmp_path: Path) -> Path:
    """Give the test a scanned folder of its own."""
    return scanned(home, tmp_path)


@pytest.fixture(scope="module")
def only_read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """Return a home and a scanned folder for the tests that change neither."""
    base = tmp_path_factory.mktemp("only-read")
    home = Home(base / "home", environment(base / "home"))
    home.path.mkdir()
    return home, scanned(home, base)


def test_the_plan_is_shown_and_nothing_else_happens(only_read: tuple[Home, Path], tmp_path: Path) -> None:
    home, pictures = only_read
    before = fingerprint(pictures)
    done = home.run("apply", "--plan", "--to", tmp_path / "Rejected")
    assert done.returncode == 0, done.stderr
    assert "Would move 4 files" in done.stdout
    assert "2 companions among them" in done.stdout
    assert "is deleted on the phone too" in " ".join(done.stdout.split())
    assert home.run("apply", "--to", tmp_path / "Rejected").returncode == 2, "nobody to ask"
    body = home.json("apply", "--plan", "--to", tmp_path / "Rejected")
    assert (body["schema"], body["photos"], body["files"]) == ("dejashot.plan/1", 2, 4)
    assert fingerprint(pictures) == before
    assert not (tmp_path / "Rejected").exists()
    assert not (home.library / "batches").exists()


def test_applied_listed_and_undone(home: Home, pictures: Path, tmp_path: Path) -> None:
    before = fingerprint(pictures)
    home.configure(f'[review]\nquarantine = "{tmp_path / "Rejected"}"\n')
    done = home.run("apply", "--yes")
    assert done.returncode == 0, done.stderr
    assert len(names(pictures)) == 2
    again = home.run("apply", "--yes")
    assert again.returncode == 1, "nothing is left to do"
    listed = home.json("undo", "--list")["batches"]
    assert [(b["how"], b["files"], b["state"]) for b in listed] == [("quarantine", 4, "done")]
    assert listed[0]["id"] in home.run("undo", "--list").stdout
    assert home.run("undo", listed[0]["id"]).returncode == 0
    assert fingerprint(pictures) == before
    assert home.run("undo").returncode == 2
    assert home.json("undo", "--list")["batches"][0]["state"] == "undone"


def test_it_asks_on_a_terminal(home: Home, pictures: Path, tmp_path: Path) -> None:
    for reply, status in ((b"n\n", 1), (b"y\n", 0)):
        ours, theirs = pty.openpty()
        command = home.command("apply", "--to", tmp_path / "Rejected")
        process = subprocess.Popen(
            command, env=home.environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        os.write(ours, reply)
        _, err = process.communicate(timeout=60)
        os.close(ours)
        os.close(theirs)
        assert b"Move 4 files" in err and b"[y/N]" in err
        assert process.returncode == status
    assert len(names(pictures)) == 2


def test_paths_are_listed_as_they_are(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    takes = take(folder, jpeg(tmp_path / "seeds"), 3)
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/IMG\xff_20260701_100003.jpg"))
    put(odd, takes[0].read_bytes() + b"odd", 3)
    assert home.run("scan", folder).returncode == 0
    decide(home.library, Verdict.REJECT, [takes[1], odd])
    for option, end in ((), b"\n"), (("--null",), b"\0"):
        done = subprocess.run(
            home.command("apply", "--how", "list", *option), env=home.environment, capture_output=True
        )
        assert done.returncode == 0, done.stderr
        assert sorted(done.stdout.split(end)) == sorted([b"", os.fsencode(takes[1]), os.fsencode(odd)])
    for form, option, before in (
        ("rsync", ("--relative-to", folder), b"./"),
        ("rsync", (), b"./" + os.fsencode(folder)[1:] + b"/"),
        ("exiftool", (), os.fsencode(folder) + b"/"),
    ):
        command = home.command("apply", "--how", "list", "--format", form, *option)
        done = subprocess.run(command, env=home.environment, capture_output=True, check=True)
        end = b"\0" if form == "rsync" else b"\n"
        assert sorted(done.stdout.split(end)) == sorted([b"", *(before + os.fsencode(p.name) for p in (takes[1], odd))])
    done = home.run("apply", "--how", "list", "--format", "rsync", "--relative-to", tmp_path / "seeds")
    assert (done.returncode, done.stdout, done.stderr.count("can't be in this list")) == (1, "", 2)
    body = home.json("apply", "--how", "list")
    assert os.fsencode(odd) in [i["source"].encode("utf-8", "surrogateescape") for i in body["items"]]
    before = fingerprint(folder)
    assert home.run("apply", "--to", tmp_path / "q", "--yes").returncode == 0
    assert not odd.exists()
    assert home.run("undo").returncode == 0
    assert fingerprint(folder) == before


@pytest.mark.parametrize("how", ["trash", "xmp", "album"])
def test_the_other_methods(home: Home, pictures: Path, tmp_path: Path, how: str) -> None:
    before = fingerprint(pictures)
    to = ("--to", tmp_path / "Best") if how == "album" else ()
    done = home.run("apply", "--how", how, *to, "--yes", XDG_DATA_HOME=str(home.path / "data"))
    assert done.returncode == 0, done.stderr
    assert (fingerprint(pictures) == before) == (how == "album")
    assert home.run("undo", XDG_DATA_HOME=str(home.path / "data")).returncode == 0
    assert fingerprint(pictures) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no folder is named"),
        (("--to", "{folder}/Rejected"), "which is watched"),
        (("--to", "{folder}"), "which is watched"),
        (("--how", "trash", "--to", "/x"), "needs no folder"),
        (("--null",), "goes with --how list"),
        (("--format", "rsync"), "goes with --how list"),
        (("--how", "list", "--relative-to", "/"), "goes with --format rsync"),
        (("--how", "album"), "no folder is named"),
        (
            ("--how", "nonsense"),
            "Invalid value for '--how': 'nonsense' is not one of 'quarantine', 'trash', 'xmp', 'album', 'list'.",
        ),
        (("--format", "nonsense"), "'--format' / '-f': 'nonsense' is not one of 'table', 'json', 'rsync', 'exiftool'."),
        (("--to", "/mnt/no disk of ours/q"), "there is no disk at /mnt/no disk of ours"),
        (("--to", "{folder}/IMG_20260701_100000.jpg"), "which is watched"),
        (("--to", "{library}/review/links"), "keeps its own things (library.folder)"),
        (("--to", "{library}/../dejashot"), "keeps its own things"),
        (("--how", "album", "--to", "{library}/digests"), "keeps its own things"),
        (("--to", "{link}/batches"), "keeps its own things (library.folder)"),
        (("--to", "/proc/self/fd"), "belongs to the system"),
        (("--to", "{folder}/../.Trash-0/files"), "what lies there is deleted unasked"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    only_read: tuple[Home, Path], tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    home, pictures = only_read
    (tmp_path / "link").symlink_to(home.library)
    done = home.run(
        "apply", *(a.format(folder=pictures, library=home.library, link=tmp_path / "link") for a in arguments)
    )
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert not (home.library / "batches").exists()


def test_the_plan_shows_what_does_not_fit(only_read: tuple[Home, Path], tmp_path: Path) -> None:
    home, _ = only_read
    with disk(tmp_path / "card", "8m") as card:
        for options in (("--plan",), ("--yes",), ("--plan", "--format", "json")):
            done = home.run("apply", "--to", card / "q", *options)
            assert done.returncode == 2
            assert f"are to be copied to the disk at {card}, which has" in " ".join(done.stderr.split())
            assert "/q" in done.stdout, "the plan is shown all the same"
        assert "are missing" in json.loads(done.stdout)["trouble"]
        assert not list(card.iterdir())
    assert not (home.library / "batches").exists()


def test_old_batches_are_removed_with_the_next(home: Home, pictures: Path, tmp_path: Path) -> None:
    apply = ("apply", "--to", tmp_path / "q", "--yes")
    assert home.run(*apply).returncode == 0
    assert home.run("undo").returncode == 0
    (plan,) = (home.library / "batches").glob("*/plan.json")
    body = json.loads(plan.read_text())
    plan.write_text(json.dumps(body | {"made_us": body["made_us"] - 91 * 86_400_000_000}))
    assert home.run(*apply).returncode == 0
    assert [b["state"] for b in home.json("undo", "--list")["batches"]] == ["done"]


def test_what_changed_between_deciding_and_applying_stays(home: Home, pictures: Path, tmp_path: Path) -> None:
    photo = sorted(pictures.glob("*.jpg"))[1]
    data = bytearray(photo.read_bytes())
    data[-1] ^= 1
    times = photo.stat()
    photo.write_bytes(data)
    os.utime(photo, ns=(times.st_atime_ns, times.st_mtime_ns))
    done = home.run("apply", "--to", tmp_path / "q", "--yes")
    assert done.returncode == 1
    assert done.stderr.count("left alone") == 3, "the photo and its companions"
    assert photo.read_bytes() == data


def test_a_quarantine_that_the_watch_ignores_may_lie_inside(home: Home, pictures: Path) -> None:
    home.configure('[watch]\nignore = ["Rejected"]\n')
    done = home.run("apply", "--to", pictures / "Rejected", "--yes")
    assert done.returncode == 0, done.stderr
    assert home.run("apply", "--to", pictures / ".rejected").returncode == 1, "a hidden one too; nothing is left to do"


def test_a_folder_with_another_in_its_place_is_left_alone(home: Home, pictures: Path, tmp_path: Path) -> None:
    pictures.rename(tmp_path / "elsewhere")
    take(pictures, jpeg(tmp_path / "seeds"), 4)
    body = home.json("apply", "--plan", "--to", tmp_path / "q")
    assert not body["items"]
    assert all("in the place of" in r["why"] for r in body["refused"])


def test_of_equal_files_one_stays(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    original = take(folder, jpeg(tmp_path / "seeds"), 1)[0]
    for name in ("copies/a.jpg", "copies/b.jpg"):
        put(folder / name, original.read_bytes())
    assert home.run("scan", folder).returncode == 0
    decide(home.library, Verdict.KEEP_ONE, [original])
    assert home.run("apply", "--to", tmp_path / "q", "--yes").returncode == 0
    assert [f.name for f in folder.rglob("*.jpg")] == ["a.jpg"], "the shortest path stays"


def test_applying_while_a_daemon_runs(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    takes = take(folder, jpeg(tmp_path / "seeds"), 4)
    with running(home, folder):
        wait_until(lambda: photos(home) == 4, "all are known")
        decide(home.library, Verdict.REJECT, takes[1:])
        before = fingerprint(folder)
        assert home.run("apply", "--to", tmp_path / "q", "--yes").returncode == 0
        wait_until(lambda: photos(home) == 1, "the daemon sees that they went")
        assert home.run("undo").returncode == 0
        wait_until(lambda: photos(home) == 4, "the daemon sees that they are back")
    assert fingerprint(folder) == before


def test_a_plan_mentions_what_the_daemon_has_not_read_yet(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    takes = take(folder, jpeg(tmp_path / "seeds"), 3)
    assert home.run("scan", folder).returncode == 0
    decide(home.library, Verdict.REJECT, takes[1:])
    plan: tuple[object, ...] = ("apply", "--to", tmp_path / "q", "--plan")
    with running(home, folder, config=QUICK.replace("quiet_s = 0.2", "quiet_s = 60")):
        wait_until(lambda: photos(home) == 3, "all are known")
        assert home.json(*plan)["notice"] == ""
        take(folder / "late", jpeg(tmp_path / "seeds"), 1, minute=50)
        wait_until(lambda: home.status()["backlog"], "one more lands")
        assert "still looking at what has come" in home.json(*plan)["notice"]
        assert "still looking at what has come" in home.run(*plan).stdout


def test_killed_in_the_middle_hundreds_of_files_go_on_and_come_back(home: Home, tmp_path: Path) -> None:
    folder, to = tmp_path / "Pictures", tmp_path / "Rejected"
    picture, rejected = jpeg(tmp_path / "seeds"), []
    for group in range(GROUPS):
        rejected += take(folder / f"{group % 5}", picture, TAKES, minute=11 * group)[1:]
    for n, photo in enumerate(rejected):
        put(photo.with_suffix(".mov"), b"moving half %d" % n, int(photo.stat().st_mtime) - 1_782_900_000)
        put(Path(f"{photo}.xmp"), b"<x/>%d" % n, n)
    assert home.run("scan", folder).returncode == 0
    decide(home.library, Verdict.REJECT, rejected)
    before, count = fingerprint(folder), 3 * len(rejected)
    apply: tuple[object, ...] = ("apply", "--to", to, "--yes")
    killed(home, *apply)
    assert 0 < len(names(to)) - 1 < count, "in the middle of it"
    (stopped,) = home.json("status")["interrupted"]
    assert (stopped["how"], stopped["state"], stopped["planned"]) == ("quarantine", "unfinished", count)
    message = (
        "quarantine of .* was stopped in the middle, [0-9]+ of 336 files done: "
        f"`dejashot apply` finishes it, `dejashot undo {stopped['id']}` takes it back"
    )
    assert re.search(message, " ".join(home.run("status").stdout.split()))
    assert re.search("✗ applying: quarantine of .* was stopped in the middle", home.run("doctor").stdout)
    moved = names(to)
    assert home.run("apply", "--to", to).returncode == 2, "nobody to ask"
    assert names(to) == moved, "nothing goes on unasked"
    killed(home, *apply)
    done = home.run(*apply)
    assert (done.returncode, "Left alone" in done.stdout) == (0, False), "it is finished, and nothing else is to do"
    assert home.json("report")["groups"] == [], "what was set aside is not counted any more"
    assert len(names(to)) == count + 1
    assert len(names(folder)) == GROUPS
    assert home.json("status")["interrupted"] == []
    killed(home, "undo")
    for stopped in home.json("status")["interrupted"]:  # none where it was done before it could be killed
        assert stopped["state"] == "being undone"
        assert f"`dejashot undo {stopped['id']}` goes on with it" in " ".join(home.run("status").stdout.split())
    killed(home, "undo")
    assert home.run("undo").returncode == 0
    assert fingerprint(folder) == before
    killed(home, *apply)
    killed(home, "undo")
    assert home.run("undo").returncode in (0, 2), "2 where it was done before it could be killed"
    assert home.run("undo").returncode == 2, "nothing is left to undo"
    assert fingerprint(folder) == before
    assert not to.exists()


def killed(home: Home, *arguments: object) -> None:
    """Run a command and kill it after a random number of files."""
    journals = home.library / "batches"
    begun, some = total(journals), random.SystemRandom().randint(0, KILLED_BY)
    process = home.start(*arguments)
    wait_until(lambda: process.poll() is not None or total(journals) > begun + some, "some are done", 300, poll_s=0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def total(folder: Path) -> int:
    """Return the lines of all journals."""
    return sum(f.read_bytes().count(b"\n") for f in folder.glob("*/progress.jsonl"))
