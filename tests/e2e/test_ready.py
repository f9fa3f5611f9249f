"""What the daemon has looked at when it is idle is what a scan of the same photos says: nothing changes afterwards."""

import shutil
from pathlib import Path
from typing import Any

from daemons import photos, running, wait_until
from homes import Home, environment


def test_while_it_is_idle_everything_is_as_after_a_scan(home: Home, busy_minute: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    folder.mkdir()
    with running(home, folder):
        for count, photo in enumerate(sorted(busy_minute.iterdir()), start=1):
            landed = tmp_path / photo.name
            shutil.copy2(photo, landed)
            landed.rename(folder / photo.name)
            wait_until(lambda count=count: photos(home) == count, "it is read")
        wait_until(lambda: home.status()["closer_looks"] == 0, "all are looked at")
        shown = home.json("report")
    assert shown["groups"] and not any(g["pending"] for g in shown["groups"])
    (tmp_path / "fresh").mkdir()
    fresh = Home(tmp_path / "fresh", environment(tmp_path / "fresh"))
    scanned = fresh.json("scan", folder)
    assert same(shown) == same(scanned)


def same(report: dict[str, Any]) -> list[Any]:
    """Return what must not depend on the order in which photos came."""
    pairs = [(p["a"], p["b"], p["similarity_percent"], p["same_shot"]) for p in report["pairs"]]
    chosen = [(g["kind"], g["photos"], g["keepers"], g["reasons"], g["confidence"]) for g in report["groups"]]
    return [pairs, chosen]
