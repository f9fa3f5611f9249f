"""Series on purpose, from real files through the command: not taken for bursts, kept whole, never counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from homes import Home, tree_hash
from scenes import blurred, exposed, moved, save_photo, scene

NOON = datetime(2026, 7, 1, 12, 0, 0)
FRAME = (1024, 768)


def save_all(
    folder: Path, pictures: Sequence[Image.Image], gap_s: float, extras: Sequence[dict[int, Any]] | None = None
) -> list[str]:
    """Save pictures a gap apart and return their names in time order."""
    names = [f"IMG_{n:04d}.jpg" for n in range(len(pictures))]
    for n, (name, picture) in enumerate(zip(names, pictures, strict=True)):
        save_photo(folder / name, picture, NOON + timedelta(seconds=gap_s * n), extra=extras[n] if extras else None)
    return names


def exposure(seconds: Fraction) -> dict[int, Any]:
    """Return the EXIF tags of an exposure at f/8 and ISO 100."""
    return {0x829A: IFDRational(seconds), 0x829D: IFDRational(8), 0x8827: 100}


def the_series(home: Home, folder: Path) -> dict[str, Any]:
    """Scan a folder, expect one series and nothing to reject, and return the series."""
    before = tree_hash(folder)
    body = home.json("scan", folder)
    (group,) = body["groups"]
    assert group["kind"] == "series"
    assert group["keepers"] == group["photos"]
    assert group["reclaimable_bytes"] == body["totals"]["reclaimable_bytes"] == 0
    assert body["totals"]["series"] == 1
    assert group["because"]
    assert tree_hash(folder) == before
    return dict(group)


def test_a_bracket_by_exposure_time(home: Home, tmp_path: Path) -> None:
    stops = (0, -2, 2)
    extras = [exposure(Fraction(1, 100) * Fraction(2) ** s) for s in stops]
    photos = save_all(tmp_path / "p", [exposed(scene(3), s) for s in stops], 0.5, extras)
    found = the_series(home, tmp_path / "p")
    assert (found["series"], found["photos"]) == ("exposure bracket", photos)
    assert "2.0 EV" in found["because"]
    text = home.run("scan", tmp_path / "p", "--all").stdout
    assert "0 groups of the same shot" in text
    assert "Alike on purpose" in text
    assert "exposure bracket of 3" in text
    assert "★" not in text
    assert "exposure bracket of 3</span> · 3 exposures" in home.run("scan", tmp_path / "p", "--format", "html").stdout


def test_a_bracket_with_exports_and_a_second_copy_of_each(home: Home, tmp_path: Path) -> None:
    folder, stops = tmp_path / "p", (0, -2, 2)
    extras = [exposure(Fraction(1, 100) * Fraction(2) ** s) for s in stops]
    pictures = [exposed(scene(3), s) for s in stops]
    photos = save_all(folder, pictures, 0.5, extras)
    save_all(folder / "small", [p.resize((FRAME[0] // 2, FRAME[1] // 2)) for p in pictures], 0.5, extras)
    (folder / "twice").mkdir()
    for photo in photos:
        (folder / "twice" / photo).write_bytes((folder / photo).read_bytes())
    body = home.json("scan", folder)
    (bracket,) = [g for g in body["groups"] if g["kind"] == "series"]
    copies = [g for g in body["groups"] if g["kind"] != "series"]
    assert (bracket["series"], bracket["photos"], bracket["keepers"]) == ("exposure bracket", photos, photos)
    assert [(g["kind"], g["keepers"]) for g in copies] == [("duplicate", [p]) for p in photos]
    extra = [f for f in folder.rglob("*.jpg") if f.parent != folder]
    assert body["totals"]["reclaimable_bytes"] == sum(f.stat().st_size for f in extra)
    assert len({g["id"] for g in body["groups"]}) == 4


def test_a_burst_whose_metering_drifts_stays_a_burst(home: Home, tmp_path: Path) -> None:
    extras = [exposure(Fraction(1, n)) for n in (100, 80, 60, 50)]
    pictures = [moved(scene(1), 0.004 * n, 0.002 * (n % 2)) for n in range(4)]
    photos = save_all(tmp_path / "p", pictures, 0.5, extras)
    (found,) = home.json("scan", tmp_path / "p")["groups"]
    assert (found["kind"], found["series"], found["photos"]) == ("burst", None, photos)
    assert found["reclaimable_bytes"] > 0


def test_a_panorama_sweep(home: Home, tmp_path: Path) -> None:
    wide = scene(8 + 1, (2048, 768))
    photos = save_all(tmp_path / "p", [wide.crop((x, 0, x + FRAME[0], FRAME[1])) for x in range(0, 1000, 250)], 2.5)
    body = home.json("scan", tmp_path / "p")
    assert body["groups"]
    for group in body["groups"]:
        assert (group["series"], group["keepers"]) == ("panorama sweep", group["photos"])
        assert "frames in a row, each further to the right by about 2" in group["because"]
        assert set(group["photos"]) <= set(photos)
    assert body["totals"]["reclaimable_bytes"] == 0


def test_retakes_that_wander_stay_retakes(home: Home, tmp_path: Path) -> None:
    pictures = [moved(scene(3), dx, dy) for dx, dy in ((0, 0), (0.05, 0.02), (-0.04, 0.03), (0.03, -0.04))]
    save_all(tmp_path / "p", pictures, 2.5)
    groups = home.json("scan", tmp_path / "p")["groups"]
    assert [g["kind"] for g in groups] == ["similar"]


def test_a_focus_stack(home: Home, tmp_path: Path) -> None:
    near_to_far = np.linspace(0, 1, FRAME[1])[:, None, None]

    def focused(at: float) -> Image.Image:
        sharp, soft = (np.asarray(p, dtype=np.float32) for p in (scene(7), blurred(scene(7), 4)))
        share = np.clip(np.abs(near_to_far - at) * 2.5 - 0.3, 0, 1)
        return Image.fromarray((sharp * (1 - share) + soft * share).astype(np.uint8))

    photos = save_all(tmp_path / "p", [focused(at) for at in (0.1, 0.5, 0.9)], 1.0)
    found = the_series(home, tmp_path / "p")
    assert (found["series"], found["photos"]) == ("focus stack", photos)
    assert home.json("scan", tmp_path / "p")["groups"] == [found]


def test_screenshots_of_one_conversation(home: Home, tmp_path: Path) -> None:
    long = scene(10, (720, 4000))
    names = [f"Screenshot_20260701-12000{n}.png" for n in range(3)]
    for n, name in enumerate(names):
        save_photo(
            tmp_path / "p" / name,
            long.crop((0, 1100 * n, 720, 1100 * n + 1560)),
            NOON + timedelta(seconds=3 * n),
            camera=("", ""),
        )
    found = the_series(home, tmp_path / "p")
    assert (found["series"], found["photos"]) == ("screenshots", names)
    assert "3 screenshots" in home.run("scan", tmp_path / "p", "--all").stdout
