"""Count the files lost when another program takes the name of a photo while it is moved: `last_moment.py [ROUNDS]`.

The other program waits until the photo has two names, or a copy of it has arrived: the narrowest gap there is.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dejashot.actions.moves.safe_move import move
from dejashot.errors import SkippedFileError
from dejashot.models.files import content_hash

WRITER = """
import os, random, sys, time
photo, target, newcomer, jitter = sys.argv[1:4] + [float(sys.argv[4])]
open(newcomer, "w").write("newcomer")
print("ready", flush=True)
end = time.monotonic() + 0.5
while time.monotonic() < end:
    try:
        if os.stat(photo).st_nlink > 1 or os.path.exists(target):
            break
    except FileNotFoundError:
        break
wait = time.perf_counter() + jitter
while time.perf_counter() < wait:
    pass
os.replace(newcomer, photo)
"""


def main(rounds: int) -> int:
    """Run the races; print how many were in time and how many files were lost."""
    in_time = lost = hidden = 0
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        for number in range(rounds):
            folder = Path(name) / str(number)
            folder.mkdir()
            photo, target, newcomer = folder / "a.jpg", folder / "q" / "a.jpg", folder / "new.part"
            photo.write_bytes(b"photo %d" % number)
            content = content_hash(photo.read_bytes()).digest()
            jitter = chance.choice((0, chance.uniform(0, 0.00005), chance.uniform(0, 0.0005)))
            command = [sys.executable, "-S", "-E", "-c", WRITER, photo, target, newcomer, str(jitter)]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
                assert writer.stdout is not None
                writer.stdout.readline()
                try:
                    move(os.fsencode(photo), os.fsencode(target), content, "race")
                    in_time += photo.exists()
                except SkippedFileError:
                    in_time += 1
                writer.wait()
            files = [f for f in folder.rglob("*") if f.is_file()]
            lost += sorted(f.read_bytes() for f in files) != sorted([b"photo %d" % number, b"newcomer"])
            hidden += any(f.name.startswith(".dejashot-") for f in files)
    sys.stdout.write(
        f"{rounds} races, {in_time} came before it was over, {lost} files lost, {hidden} left under a hidden name\n"
    )
    return int(lost or hidden)


if __name__ == "__main__":
    start = time.monotonic()
    code = main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
    sys.stdout.write(f"{time.monotonic() - start:.0f} s\n")
    sys.exit(code)
