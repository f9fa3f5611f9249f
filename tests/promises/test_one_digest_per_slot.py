"""One digest per slot, and each photo new in one digest: 20 zones, 10 years, sleep, restarts, clock jumps, crashes."""

import json
import os
import random
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dejashot.config.settings import DigestSettings, Settings
from dejashot.digests.runner import DigestRunner
from dejashot.digests.schedule import Schedule
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.models.capture import instant, microseconds
from scenes import save_photo, scene

LONG = os.environ.get("DEJASHOT_LONG") == "1"
ZONES = [
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Santiago",
    "America/Havana", "America/Nuuk", "America/Sao_Paulo", "Australia/Lord_Howe", "Antarctica/Troll",
    "Antarctica/Casey", "Pacific/Apia", "Pacific/Chatham", "Pacific/Easter", "Africa/Casablanca", "Africa/Cairo",
    "Asia/Tehran", "Asia/Kathmandu", "Asia/Beirut",
]  # fmt: skip
# name: crontab line, and the same as a test of dates, hours and minutes
KINDS = {
    "half past two": ("30 2 * * *", lambda d: True, [2], [30]),
    "midnight": ("0 0 * * *", lambda d: True, [0], [0]),
    "hourly": ("0 * * * *", lambda d: True, range(24), [0]),
    "sundays": ("15 1 * * sun", lambda d: d.weekday() == 6, [1], [15]),
    "weekend nights": ("*/20 0-3 * * sat-sun", lambda d: d.weekday() > 4, range(4), [0, 20, 40]),
    "the 31st": ("0 8 31 * *", lambda d: d.day == 31, [8], [0]),
    "last of the month": ("0 3 last * *", lambda d: (d + timedelta(days=1)).day == 1, [3], [0]),
}


def expected_slots(kind: str, zone: ZoneInfo, first: date, days: int) -> list[datetime]:
    """Return the slots of some days as UTC, found without crontab lines or the product's arithmetic."""
    _, fits, hours, minutes = KINDS[kind]
    walls = [
        datetime(d.year, d.month, d.day, h, m)
        for d in (first + timedelta(days=n) for n in range(days))
        if fits(d)
        for h in hours
        for m in minutes
    ]
    return sorted({moment_of(wall, zone) for wall in walls})


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when a wall clock of the zone first shows a time, or first shows a later one where it is skipped."""
    around = [wall.replace(tzinfo=UTC) + timedelta(hours=h) for h in (-30, -15, 0, 15, 30)]
    offsets = {at.astimezone(zone).utcoffset() or timedelta() for at in around}
    moments = [wall.replace(tzinfo=UTC) - offset for offset in offsets]
    shown = [m for m in moments if m.astimezone(zone).replace(tzinfo=None) == wall]
    if shown:
        return min(shown)
    moment = min(moments)
    while moment.astimezone(zone).replace(tzinfo=None) < wall:
        moment += timedelta(minutes=1)
    return moment


def next_step(rng: random.Random) -> timedelta:
    """Return how long until the next tick: seconds while awake, hours to weeks asleep."""
    return rng.choice(
        [
            timedelta(seconds=rng.uniform(1, 60)),
            timedelta(minutes=rng.uniform(1, 90)),
            timedelta(hours=rng.uniform(1, 30)),
            timedelta(hours=rng.uniform(1, 30)),
            timedelta(days=rng.uniform(1, 25)),
        ]
    )


@pytest.mark.parametrize("name", ZONES)
def test_ten_years_of_every_zone_and_schedule(name: str) -> None:
    """Walk through ten years of ticks: what is due is the newest slot that passed, once, in order, without gaps."""
    zone = ZoneInfo(name)
    first = date(2008, 6, 1) if name == "Pacific/Apia" else date(2017, 1, 1)
    for kind in KINDS:
        days = 3653 if LONG or kind not in ("hourly", "weekend nights") else 366
        slots = expected_slots(kind, zone, first, days)
        schedule = Schedule(KINDS[kind][0], zone)
        rng = random.Random(f"{name} {kind}")
        now = last = slots[0] - timedelta(hours=1)
        made: list[datetime] = []
        covered = 0
        while now < slots[-1]:
            now = min(slots[-1], now + next_step(rng) * (1 if LONG or kind == "half past two" else 4))
            slot = schedule.due(now, last)
            passed = bisect_right(slots, now)
            assert slot == (slots[passed - 1] if passed > covered else None)
            covered = passed
            if slot is not None:
                made.append(slot)
                last = slot
        assert covered == len(slots)
        assert all(a < b for a, b in pairwise(made))


@pytest.mark.parametrize("name", ZONES)
def test_every_minute_around_the_nights_when_clocks_change(name: str) -> None:
    zone = ZoneInfo(name)
    schedule = Schedule("* * * * *", zone)
    start = datetime(2011, 1, 1, tzinfo=UTC) if name == "Pacific/Apia" else datetime(2023, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=n) for n in range(366 * 24)]
    changes = [a for a, b in pairwise(hours) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]
    for change in changes or [start]:
        now = last = change - timedelta(hours=2)
        seen: set[datetime] = set()
        while now < change + timedelta(hours=6):
            now += timedelta(seconds=60)
            slot = schedule.due(now, last)
            wall = now.astimezone(zone).replace(tzinfo=None, second=0)
            assert (slot is not None) == (wall not in seen and (not seen or wall > max(seen)))
            if slot is not None:
                assert last < slot <= now
                last = slot
                seen.add(wall)


@pytest.fixture
def pipeline_of(library: Path) -> Iterator[Pipeline]:
    with open_pipeline(Settings(), library, 1) as opened:
        yield opened


@pytest.mark.parametrize("catch_up", ["latest", "none"])
@pytest.mark.parametrize("name", ZONES if LONG else ZONES[::3])
def test_clock_jumps_skip_no_slot_and_repeat_none(
    pipeline_of: Pipeline, library: Path, name: str, catch_up: str
) -> None:
    """Let the real library live with a clock that jumps by seconds to decades, back too, with restarts in between."""
    zone = ZoneInfo(name)
    settings = Settings(digest=DigestSettings(schedule="30 2 * * *", catch_up=catch_up))
    pipeline = replace(pipeline_of, settings=settings)
    schedule = Schedule("30 2 * * *", zone)
    rng = random.Random(f"{name} {catch_up}")
    true = datetime(2026, 1, 1, tzinfo=UTC)
    wrong = timedelta(0)
    before = started = true
    maker = DigestRunner(pipeline, zone, library / "digests", started)
    handled: dict[datetime, str] = {}
    for _ in range(1500 if LONG else 250):
        true += next_step(rng)
        turn = rng.random()
        if turn < 0.06:
            wrong = rng.choice(
                [
                    timedelta(days=rng.uniform(-30, 30)),
                    timedelta(days=365 * rng.uniform(-12, 12)),
                    datetime(1970, 1, 5, tzinfo=UTC) - true,
                ]
            )
        elif turn < 0.2:
            wrong = timedelta(0)
        now = true + wrong
        if turn > 0.9:
            maker, started = DigestRunner(pipeline, zone, library / "digests", now), now
        started = min(started, now)
        slot = maker.due(now)
        newest = schedule.due(now, now - timedelta(days=3))
        assert newest is not None
        noted = {instant(r.slot_us) for r in pipeline.library.digest_runs.in_states("missed")} - set(handled)
        if slot is not None:
            assert noted == set()
            assert slot == newest
            assert slot not in handled
            assert catch_up == "latest" or slot >= started
            seq = pipeline.library.digest_runs.digested_seq()
            pipeline.library.digest_runs.put(DigestRun(microseconds(slot), "empty", seq, seq, 1))
            handled[slot] = "made"
        elif noted:
            assert noted == {newest}
            assert catch_up == "none"
            assert newest < started
            handled[newest] = "missed"
        if before < newest <= now:
            assert newest in handled, "a slot was skipped"
        assert maker.due(now) is None
        before = now
    assert "made" in handled.values()
    assert ("missed" in handled.values()) == (catch_up == "none")


@pytest.mark.parametrize("seed", range(12 if LONG else 2))
def test_every_photo_is_new_in_one_digest_whatever_breaks(library: Path, tmp_path: Path, seed: int) -> None:
    """Let photos land, digests fail half-way, the daemon restart and the clock jump; a photo is new in one digest."""
    rng = random.Random(seed)
    folder, digests = tmp_path / "Pictures", library / "digests"
    folder.mkdir()
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    landed = failed = 0
    with open_pipeline(Settings(digest=DigestSettings(schedule="0 * * * *", keep="")), library, 1) as pipeline:
        maker = DigestRunner(pipeline, UTC, digests, now)
        for step in range(60 if LONG else 16):
            for _ in range(rng.choice([0, 0, 1, 2])):
                taken = datetime(2026, 7, 1, 12) + timedelta(seconds=rng.uniform(0, 600))
                save_photo(folder / f"IMG_{landed:04d}.jpg", scene(rng.randrange(4), (160 + landed, 120)), taken)
                landed += 1
            bring_up_to_date(pipeline, [folder], lambda _: None, lambda _: None)
            now += next_step(rng) if rng.random() < 0.9 else timedelta(days=rng.uniform(-400, 400))
            if rng.random() < 0.3:
                maker = DigestRunner(pipeline, UTC, digests, now)
            slot = maker.due(now)
            if slot is None:
                continue
            name = f"{slot:%Y-%m-%d_%H%M}.{rng.choice(['json', 'txt', 'html'])}"
            broken = rng.random() < 0.5 and step < 40
            if broken and not (digests / name).exists():
                (digests / name).mkdir(parents=True)  # what a full disk does: a file can't be put there
            for _ in range(2):
                with suppress(OSError):
                    maker.make(slot, pipeline.library.folders.all(), [])
                    break
                failed += 1
                if (digests / name).is_dir():
                    (digests / name).rmdir()
                assert maker.due(now - timedelta(days=1)) == slot
        now = max(now, datetime(2030, 1, 1, tzinfo=UTC)) + timedelta(hours=2)
        slot = maker.due(now)
        if slot is not None:
            maker.make(slot, pipeline.library.folders.all(), [])
        runs = sorted(pipeline.library.digest_runs.in_states("done", "empty"), key=lambda r: (r.until_seq, r.after_seq))
        assert pipeline.library.digest_runs.in_states("running") == []
        assert all(a.until_seq == b.after_seq for a, b in pairwise(runs))
    bodies = [json.loads(Path(os.fsdecode(r.file)).with_suffix(".json").read_text()) for r in runs if r.state == "done"]
    new = [p["path"] for body in bodies for p in body["photos"] if p["new"]]
    assert sorted(new) == [f"IMG_{n:04d}.jpg" for n in range(landed)]
    assert failed > 0
    assert sum(p.is_file() for p in digests.glob("2*.json")) == len(bodies)
