"""The tools that are timed side by side: how each is installed, run on a folder of photos, and asked what it found."""

from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
MAIN = "dejashot, the whole answer"  # what the others are compared with


@dataclass(frozen=True, slots=True)
class Package:
    """A version from the package registry; `bare` is installed without what it asks for."""

    version: str
    requirements: tuple[str, ...]
    bare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and its command lines, one after the other.

    In them `$python` is its Python, `$bin` the folder of its commands, `$scripts` that of ours, `$photos` the photos,
    `$work` an empty folder. `shows` prints what was found where the commands do not; from `until` on, an output names
    what could not be read.
    """

    name: str
    gives: str
    commands: tuple[str, ...]
    package: Package | None = None
    on_path: str = ""
    statuses: tuple[int, ...] = (0,)
    shows: str = ""
    until: str = ""


_DEJASHOT = "$python -m dejashot scan $photos --format json --output $work/report.json"
_IMMACULATE = Package("0.3.0", ("immaculate[sscd]==0.3.0",))
_PHOTO_S = Package("2.6.0", ("photo-s-tools[exif,watch]==2.6.0",))

OURS = (
    Tool(
        "dejashot, reading alone",
        "vectors, maps, times",
        (f"{_DEJASHOT} --interval 1s",),
        shows="$python $scripts/print_files.py $work report.json",
        until='"damaged"',
    ),
    Tool(
        MAIN,
        "percent, groups, keepers, reasons",
        (f"{_DEJASHOT} --interval 60s",),
        shows="$python $scripts/print_files.py $work report.json",
        until='"damaged"',
    ),
)
PEERS = (
    Tool(
        "image-dedup-ai",
        "pairs by hash, savings",
        ("$bin/image-dedup-ai $photos --threshold 0.8 --json",),
        Package("0.1.0", ("image-dedup-ai==0.1.0",)),
        until='"skipped"',
    ),
    Tool(
        "immaculate pdq",
        "groups by hash",
        ("$bin/immaculate $photos --json --method pdq",),
        _IMMACULATE,
        until='"skipped"',
    ),
    Tool(
        "immaculate sscd_distilled",
        "groups by network",
        ("$bin/immaculate $photos --json --method sscd_distilled",),
        _IMMACULATE,
        until='"skipped"',
    ),
    Tool(
        "immaculate sscd",
        "groups by network",
        ("$bin/immaculate $photos --json --method sscd",),
        _IMMACULATE,
        until='"skipped"',
    ),
    Tool(
        "duplicate-images phash",
        "pairs by hash",
        ("$bin/find-dups $photos --algorithm phash --hash-size 8 --max-distance 6 --slow --on-equal print_inline -qq",),
        Package("0.11.10", ("duplicate-images==0.11.10",)),
    ),
    Tool(
        "imagededup PHash",
        "pairs by hash",
        ("$python $scripts/with_imagededup.py $photos",),
        Package(
            "0.3.3.post2",
            ("numpy", "Pillow", "PyWavelets", "scikit-learn", "matplotlib", "tqdm"),
            ("imagededup==0.3.3.post2",),
        ),
    ),
    Tool(
        "photo-s dedup",
        "groups by hash, savings",
        ("$bin/photo-s dedup -r $photos --json --threshold 10",),
        _PHOTO_S,
        statuses=(0, 1),
    ),
    Tool(
        "photo-s cull",
        "bursts by time, best by score",
        ("$bin/photo-s cull -r $photos --json --score --burst --gap 60",),
        _PHOTO_S,
        until='"ok": false',
    ),
    Tool(
        "clearclutter",
        "groups by hash, keepers, savings",
        (
            "$bin/clearclutter --workspace $work/index scan $photos",
            "$bin/clearclutter --workspace $work/index group $photos",
        ),
        Package("0.1.4", ("clearclutter==0.1.4",)),
        shows="$python $scripts/print_clearclutter.py $work/index/clearclutter.db",
    ),
    Tool(
        "czkawka for Python",
        "groups by hash",
        ("$python $scripts/with_czkawka.py $photos",),
        Package("0.1.2", ("czkawka==0.1.2",)),
    ),
    Tool(
        "difPy",
        "pairs by mean difference",
        ("$python -m difPy.dif -D $photos -Z $work/found -s similar -ro True -dim False -proc 2",),
        Package("4.2.1", ("difPy==4.2.1",)),
        shows="$python $scripts/print_files.py $work/found *_results.json",
    ),
    Tool(
        "navig-dedupe",
        "groups by hash, keepers",
        ("$bin/navig-dedupe scan $photos --images --near --json",),
        Package("0.1.2", ("navig-dedupe==0.1.2",)),
    ),
    Tool(
        "findimagedupes",
        "groups by hash",
        ("findimagedupes -R -t 90% -f $work/prints.db $photos",),
        on_path="findimagedupes",
    ),
)
