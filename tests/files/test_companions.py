"""What goes along with a photo, and what a name alone never swallows."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.files.companions import carries_metadata, companions, companions_by_path, subjects
from dejashot.files.names import RAW, SUPPORTED
from dejashot.models.photo import LinkMetadata

AT = 1_700_000_000_000_000_000
S = 1_000_000_000


def along(photo: str, *others: str, going: tuple[str, ...] = (), mtime_ns: int = AT) -> set[str]:
    """Return what goes along with a photo (and others that go) in a folder where all else has another mtime."""
    names = {name.encode(): mtime_ns for name in others} | {name.encode(): AT for name in (photo, *going)}
    found = companions(names, {name.encode(): [AT] for name in (photo, *going)})
    return {name.decode() for names in found.values() for name in names}


@pytest.mark.parametrize(
    "companion",
    [
        "IMG_1.MOV", "img_1.mov", "IMG_1.mp4", "IMG_1.AAE",
        "IMG_1.xmp", "IMG_1.HEIC.xmp", "IMG_1.heic.XMP", "IMG_1.HEIC.json",
        "IMG_1.HEIC.supplemental-metadata.json", "IMG_1.HEIC.supplemental-me.json", "IMG_1.DNG",
        "IMG_1.cr3", "IMG_1.GPR", "IMG_1.ori",
        "IMG_1_01.HEIC.xmp", "IMG_1.HEIC.pp3", "IMG_1.pp3", "IMG_1.HEIC.dop",
        "IMG_1.on1", "IMG_1.HEIC.cos", "IMG_1.HEIC.nksc", "IMG_1.acr",
        "IMG_1.VRD", "IMG_1.dr4", "IMG_1.WAV",
        "IMG_1.THM", "IMG_1.LRV", "IMG_1.json", "IMG_1.supplemental-metadata.json",
    ],
)  # fmt: skip
def test_a_companion_goes_along(companion: str) -> None:
    assert along("IMG_1.HEIC", companion) == {companion}


@pytest.mark.parametrize(
    "other",
    [
        "IMG_10.MOV",
        "IMG_1.txt",
        "IMG_1.JPG",
        "IMG_1(1).json",
        "IMG_1.JPG.xmp",
        "IMG_1",
        "IMG_2_01.HEIC.xmp",
        "IMG_1_1.HEIC.xmp",
        "IMG_1 (1).MOV",
        "IMG_1.bmp",
    ],
)
def test_what_is_no_companion_stays(other: str) -> None:
    assert along("IMG_1.HEIC", other) == set()


@pytest.mark.parametrize("companion", ["IMG_1.MOV", "IMG_1.AAE", "IMG_1.xmp", "IMG_1.DNG", "IMG_1.pp3", "IMG_1.WAV"])
def test_a_name_alone_never_swallows_what_another_photo_could_own(companion: str) -> None:
    assert along("IMG_1.JPG", "IMG_1.HEIC", companion) == set()
    assert along("IMG_1.JPG", companion, going=("IMG_1.HEIC",)) == {companion}


def test_the_spelling_tells_two_photos_apart_where_it_can() -> None:
    assert along("IMG_1.JPG", "img_1.jpg", "IMG_1.JPG.xmp", "img_1.jpg.xmp", "IMG_1.AAE", "img_1.aae") == {
        "IMG_1.JPG.xmp",
        "IMG_1.AAE",
    }


@pytest.mark.parametrize("film", ["IMG_1.MOV", "IMG_1.MP4", "IMG_1.NEF"])
def test_a_film_or_raw_file_of_another_moment_stays(film: str) -> None:
    assert along("IMG_1.JPG", film, mtime_ns=AT + 5 * S) == {film}
    assert along("IMG_1.JPG", film, mtime_ns=AT - 6 * S) == set()
    assert companions({b"IMG_1.JPG": AT + 99 * S, b"IMG_1.MOV": AT + S}, {b"IMG_1.JPG": [AT + 99 * S, AT]}) == {
        b"IMG_1.JPG": (b"IMG_1.MOV",)
    }


def test_the_sidecar_of_a_raw_file_stays_with_it() -> None:
    assert along("IMG_1.JPG", "IMG_1.CR2", "IMG_1.xmp", "IMG_1.CR2.xmp", mtime_ns=AT + 9 * S) == set()
    assert along("IMG_1.JPG", "IMG_1.CR2", "IMG_1.xmp", "IMG_1.CR2.xmp") == {"IMG_1.CR2", "IMG_1.xmp", "IMG_1.CR2.xmp"}
    assert along("IMG_1.JPG", "IMG_1.psd", "IMG_1.xmp") == set()


ONE, TWO = LinkMetadata("LIVE-0001"), LinkMetadata("LIVE-0002")


def test_a_film_with_the_id_of_a_photo_is_its_half_whatever_it_is_called() -> None:
    names = {b"IMG_1.HEIC": AT, b"IMG_2.HEIC": AT, b"trip.mov": AT + 999 * S, b"IMG_2.MOV": AT}
    going = {b"IMG_1.HEIC": [AT], b"IMG_2.HEIC": [AT]}
    told = {b"IMG_1.HEIC": ONE, b"IMG_2.HEIC": TWO, b"trip.mov": ONE, b"IMG_2.MOV": ONE}
    assert companions(names, going, told) == {b"IMG_1.HEIC": (b"IMG_2.MOV", b"trip.mov"), b"IMG_2.HEIC": ()}
    assert companions(names, {b"IMG_2.HEIC": [AT]}, told) == {b"IMG_2.HEIC": ()}, "a film of another Live Photo stays"
    copied = {**names, b"IMG_1 (1).HEIC": AT}
    told[b"IMG_1 (1).HEIC"] = ONE
    assert companions(copied, going, told)[b"IMG_1.HEIC"] == (), "a copy that stays keeps the film"
    both = companions(copied, {**going, b"IMG_1 (1).HEIC": [AT]}, told)
    assert sorted(n for along in both.values() for n in along) == [b"IMG_2.MOV", b"trip.mov"]


def test_a_photo_that_stays_and_may_own_a_film_keeps_it() -> None:
    names = {b"IMG_1.HEIC": AT, b"IMG_1.JPG": AT, b"IMG_1.MOV": AT}
    told = {b"IMG_1.HEIC": ONE, b"IMG_1.MOV": ONE}
    assert companions(names, {b"IMG_1.HEIC": [AT]}, told) == {b"IMG_1.HEIC": ()}
    assert companions(names, {b"IMG_1.HEIC": [AT], b"IMG_1.JPG": [AT]}, told)[b"IMG_1.HEIC"] == (b"IMG_1.MOV",)
    told[b"IMG_1.JPG"] = TWO
    assert companions(names, {b"IMG_1.HEIC": [AT]}, told) == {b"IMG_1.HEIC": (b"IMG_1.MOV",)}


def test_each_copy_of_a_live_photo_has_the_film_of_its_own_name() -> None:
    names = {name: AT for stem in (b"IMG_1", b"IMG_1 (1)") for name in (stem + b".HEIC", stem + b".MOV")}
    told = dict.fromkeys(names, ONE)
    assert companions(names, {b"IMG_1 (1).HEIC": [AT]}, told) == {b"IMG_1 (1).HEIC": (b"IMG_1 (1).MOV",)}
    assert companions(names, {b"IMG_1.HEIC": [AT], b"IMG_1 (1).HEIC": [AT]}, told) == {
        b"IMG_1.HEIC": (b"IMG_1.MOV",),
        b"IMG_1 (1).HEIC": (b"IMG_1 (1).MOV",),
    }


def test_an_id_that_everything_has_says_nothing() -> None:
    many = {b"%d.%s" % (n, ending): AT + 99 * S * n for n in range(60) for ending in (b"HEIC", b"mov")}
    going = {name: [at] for name, at in many.items() if name.endswith(b"HEIC")}
    found = companions({**many, b"other.mov": AT}, going, dict.fromkeys({*many, b"other.mov"}, ONE))
    assert all(along == () for along in found.values())


def test_where_one_half_alone_has_an_id_names_and_times_decide() -> None:
    names = {b"IMG_1.HEIC": AT, b"IMG_1.MOV": AT + S}
    for told in ({b"IMG_1.HEIC": ONE}, {b"IMG_1.MOV": ONE}):
        assert companions(names, {b"IMG_1.HEIC": [AT]}, told) == {b"IMG_1.HEIC": (b"IMG_1.MOV",)}
        assert companions({**names, b"IMG_1.MOV": AT + 9 * S}, {b"IMG_1.HEIC": [AT]}, told) == {b"IMG_1.HEIC": ()}


def test_when_a_film_was_made_speaks_for_it() -> None:
    names = {b"IMG_1.HEIC": AT + 800 * S, b"IMG_1.MOV": AT + 999 * S}
    for made_s, goes in ((-2, True), (6, False)):
        told = {b"IMG_1.MOV": LinkMetadata(made_us=AT // 1000 + made_s * 1_000_000)}
        found = companions(names, {b"IMG_1.HEIC": [AT + 800 * S, AT]}, told)
        assert found == {b"IMG_1.HEIC": (b"IMG_1.MOV",) if goes else ()}


def test_the_sidecar_of_an_earlier_edit_goes_along() -> None:
    assert along("IMG_1234.HEIC", "IMG_1234.AAE", "IMG_O1234.AAE", "IMG_O1234.xmp", "IMG_O123.AAE") == {
        "IMG_1234.AAE",
        "IMG_O1234.AAE",
    }


def test_the_film_that_takeout_took_out_of_a_motion_photo_goes_with_it() -> None:
    assert along("PXL_1.MP.jpg", "PXL_1.MP", "PXL_1.MP.json", "PXL_1.mp4") == {"PXL_1.MP", "PXL_1.MP.json"}
    assert along("PXL_1.jpg", "PXL_1.MP") == set()
    assert along("PXL_1.MP.jpg", "PXL_1.MP", mtime_ns=AT + 9 * S) == set()


def test_files_that_were_copied_together_are_not_of_one_moment_for_that() -> None:
    now = AT + 9_000_000 * S
    for made_ns, goes in (
        (None, False),
        (AT - 86_400 * S, False),
        (AT + 2 * S, True),
        (AT + 7200 * S, True),
        (AT + 7208 * S, False),
    ):
        names = {b"IMG_1.JPG": now, b"IMG_1.MOV": now, b"IMG_1.DNG": now}
        told = {} if made_ns is None else {b"IMG_1.MOV": LinkMetadata(made_us=made_ns // 1000)}
        assert companions(names, {b"IMG_1.JPG": [now, AT]}, told) == {b"IMG_1.JPG": (b"IMG_1.MOV",) if goes else ()}
    names[b"IMG_1.DNG"] = AT - 3600 * S
    assert companions(names, {b"IMG_1.JPG": [now, AT]}, {}) == {b"IMG_1.JPG": (b"IMG_1.DNG",)}


def test_what_is_known_as_a_photo_goes_along_with_none_and_keeps_its_sidecar() -> None:
    names = dict.fromkeys((b"IMG_1.JPG", b"IMG_1.CR2", b"IMG_1.CR2.xmp", b"IMG_1.JPG.xmp", b"IMG_1.xmp"), AT)
    found = companions(names, {b"IMG_1.JPG": [AT]}, photos={b"IMG_1.JPG", b"IMG_1.CR2"})
    assert found == {b"IMG_1.JPG": (b"IMG_1.JPG.xmp",)}


LONG = "PXL_20260701_120000123.LONG_EXPOSURE-02.ORIGINA"  # what Takeout leaves of a name


@pytest.mark.parametrize(
    ("sidecar", "photo"),
    [
        ("a.jpg.json", "a.jpg"),
        ("a.jpg.supplemental-metadata.json", "a.jpg"),
        ("a.jpg.suppl.json", "a.jpg"),
        ("a.jpg..json", "a.jpg"),
        ("a.jpg(1).json", "a(1).jpg"),
        ("a.jpg.supplemental-metadata(1).json", "a(1).jpg"),
        ("a(1).jpg.json", "a(1).jpg"),
        ("a(1).jpg.sup.json", "a(1).jpg"),
        (f"{LONG[:46]}.json", f"{LONG}.jpg"),
        (f"{LONG[:45]}.json", None),
        ("a.jpg.else.json", None),
        ("a.json", "a.jpg"),
        ("a(1).json", "a(1).jpg"),
        ("a.supplemental-metadata(1).json", "a(1).jpg"),
        ("c.json", None),
        ("metadata.json", None),
        ("A.JPG.json", "a.jpg"),
    ],
)
def test_takeouts_sidecars_are_known_by_their_names(sidecar: str, photo: str | None) -> None:
    there = [b"a.jpg", b"a(1).jpg", f"{LONG}.jpg".encode(), b"b.jpg"]
    assert subjects([sidecar.encode()], there) == {sidecar.encode(): [photo.encode()] if photo else []}
    assert carries_metadata(sidecar.encode())


def test_a_cut_name_that_two_photos_could_have_says_nothing() -> None:
    there = [f"{LONG}.jpg".encode(), f"{LONG[:46]}L.jpg".encode()]
    sidecar = f"{LONG[:46]}.json".encode()
    assert subjects([sidecar], there) == {sidecar: []}


def about(sidecar: str, *there: str) -> list[str]:
    """Return what a sidecar is about in a folder."""
    names = [os.fsencode(name) for name in (*there, sidecar)]
    return [os.fsdecode(name) for name in subjects([os.fsencode(sidecar)], names)[os.fsencode(sidecar)]]


PARTY = "\N{PARTY POPPER} A birthday party with Ann and Ben at the lake.jpg"
SMILES = "a" + 30 * "\N{GRINNING FACE}" + ".jpg"


@pytest.mark.parametrize(
    ("name", "kept", "number"),
    [
        (PARTY, 45, ""),  # 46 units
        (PARTY, 45, "(1)"),
        (SMILES, 23, ""),  # 45 units: the 46th is half a letter
        ("Grüße aus dem Sommerurlaub am schönen Bodensee.jpg", 46, ""),
    ],
)
def test_a_cut_is_counted_in_utf16_units(name: str, kept: int, number: str) -> None:
    sidecar, photo = f"{name[:kept]}{number}.json", f"{name.removesuffix('.jpg')}{number}.jpg"
    other, edit = f"{name.removesuffix('.jpg')}(2).jpg", f"{name.removesuffix('.jpg')}-edited{number}.jpg"
    for form in ("NFC", "NFD"):
        there = [unicodedata.normalize(form, n) for n in (photo, other)]
        assert about(sidecar, *there) == there[:1]
        assert about(unicodedata.normalize("NFD", sidecar), *there) == there[:1]
    assert about(sidecar, photo, edit) == [photo, edit]
    assert about(f"{name[: kept - 2]}{number}.json", photo) == []


def test_an_edit_shares_the_sidecar_of_its_original_unless_it_has_its_own() -> None:
    meta = "supplemental-metadata"
    assert about(f"a.jpg.{meta}.json", "a.jpg", "a-bearbeitet.jpg", "b-bearbeitet.jpg") == ["a.jpg", "a-bearbeitet.jpg"]
    assert about(f"a.HEIC.{meta}.json", "a.HEIC", "a-edited.jpg") == ["a.HEIC", "a-edited.jpg"]
    assert about(f"a.jpg.{meta}(1).json", "a.jpg", "a(1).jpg", "a-edited.jpg", "a-edited(1).jpg") == [
        "a(1).jpg",
        "a-edited(1).jpg",
    ]
    assert about(f"a.HEIC.{meta}.json", "a.HEIC", "a.jpg", "a-edited.jpg") == ["a.HEIC"], "it may be of the other"
    assert about("a.jpg.json", "a.jpg", "a-edited.jpg", "a-edited.jpg.json") == ["a.jpg"]
    assert about("a.json", "a.jpg", "a-edited.jpg") == ["a.jpg", "a-edited.jpg"]


def test_a_sidecar_without_an_ending_is_of_the_one_photo_that_it_may_be_of() -> None:
    assert about("Peanut Butter Balls.json", "Peanut Butter Balls.jpg") == ["Peanut Butter Balls.jpg"]
    assert about("a.json", "a.jpg", "a.png") == []
    assert about("a.json", "a.jpg", "a.jpg.json") == [], "that photo has its own"
    assert about("a.json", "a.jpg", "a.MOV") == ["a.jpg", "a.MOV"]


def test_what_an_edit_needs_stays_while_it_stays() -> None:
    json, edit = "a.jpg.supplemental-metadata.json", "a-edited.jpg"
    assert along("a.jpg", json, edit) == set()
    assert along("a.jpg", json, going=(edit,)) == {json}


def test_what_a_film_may_need_stays_with_it() -> None:
    assert along("IMG_1.JPG", "IMG_1.MOV", "IMG_1.THM", mtime_ns=AT + 99 * S) == set()
    assert along("IMG_1.JPG", "IMG_1.MOV", "IMG_1.THM") == {"IMG_1.MOV", "IMG_1.THM"}
    assert along("IMG_1.JPG", "IMG_1.AVI", "IMG_1.THM", "IMG_1.WAV") == set(), "the film stays"
    assert along("IMG_1.JPG", "IMG_1.LRV", "IMG_1.THM") == {"IMG_1.LRV", "IMG_1.THM"}


def test_a_second_version_of_a_photo_by_that_name_has_its_own_sidecar() -> None:
    assert along("IMG_1.JPG", "IMG_1_01.JPG", "IMG_1_01.JPG.xmp") == set()
    assert along("IMG_1.JPG", "IMG_1_01.JPG.xmp", "IMG_1_02.jpg.XMP") == {"IMG_1_01.JPG.xmp", "IMG_1_02.jpg.XMP"}


def test_a_raw_file_belongs_to_the_rendering_that_a_phone_made_of_it() -> None:
    base = "PXL_20260501_083112250"
    assert along(f"{base}.RAW-01.COVER.jpg", f"{base}.RAW-02.ORIGINAL.dng") == {f"{base}.RAW-02.ORIGINAL.dng"}
    assert along(f"{base}.MP.jpg", f"{base}.dng") == {f"{base}.dng"}
    assert along(f"{base}.MP.jpg", f"{base}.dng", mtime_ns=AT + 9 * S) == set()
    assert along(f"{base}.BURST-01.COVER.jpg", f"{base}.dng") == set()


def test_accents_are_compared_however_they_are_put_together() -> None:
    one, other = unicodedata.normalize("NFC", "Café"), unicodedata.normalize("NFD", "CAFÉ")
    assert along(f"{one}.jpg", f"{other}.jpg.xmp", f"{other}.AAE", f"{other}.MOV") == {
        f"{other}.jpg.xmp",
        f"{other}.AAE",
        f"{other}.MOV",
    }


def test_names_need_not_be_text() -> None:
    names = {b"IMG\xff.jpg": AT, b"IMG\xff.MOV": AT, b"IMG\xfe.MOV": AT}
    assert companions(names, {b"IMG\xff.jpg": [AT]}) == {b"IMG\xff.jpg": (b"IMG\xff.MOV",)}


STEMS = st.sampled_from(["a", "A", "b", "a.jpg", "a-edited"])
SUFFIXES = st.sampled_from(
    [
        "jpg",
        "JPG",
        "heic",
        "MOV",
        "mp4",
        "xmp",
        "XMP",
        "aae",
        "json",
        "supplemental-metadata.json",
        "dng",
        "txt",
        "psd",
        "pp3",
        "jpg.pp3",
        "wav",
    ]
)
NAMES = st.builds(lambda stem, suffix: f"{stem}.{suffix}".encode(), STEMS, SUFFIXES)


@given(st.dictionaries(NAMES, st.sampled_from([AT, AT + 4 * S, AT + 60 * S]), max_size=12), st.data())
def test_what_goes_along(names: dict[bytes, int], data: st.DataObject) -> None:
    photos = [n for n in names if n.rpartition(b".")[2].lower().decode() in SUPPORTED - RAW]
    going = data.draw(st.sets(st.sampled_from(photos))) if photos else set()
    found = companions(names, {p: [names[p]] for p in going})
    assert set(found) == going
    carried = [name for along in found.values() for name in along]
    assert len(carried) == len(set(carried)), "each file once"
    assert not {*carried} & {*photos}, "a photo is nobody's companion"
    ids = st.sampled_from([LinkMetadata(), ONE, TWO, LinkMetadata(made_us=AT // 1000)])
    told = {name: data.draw(ids) for name in sorted(names)}
    by_id = companions(names, {p: [names[p]] for p in going}, told)
    for photo, along in by_id.items():
        for film in (n for n in along if n.lower().endswith((b".mov", b".mp4")) and told[n].live_id):
            assert told[photo].live_id in ("", told[film].live_id), "no film goes with a photo of another id"
            same = [p for p in photos if told[p].live_id == told[film].live_id]
            own = [p for p in same if p.lower().rpartition(b".")[0] == film.lower().rpartition(b".")[0]]
            assert set(own) & going or set(same) <= going, "none goes while the photo of its id stays"
    shuffled = dict(sorted(names.items(), reverse=True))
    assert companions(shuffled, {p: [names[p]] for p in sorted(going, reverse=True)}) == found, (
        "the order of names says nothing"
    )
    everything = companions(names, {p: [names[p]] for p in photos})
    assert {*carried} <= {n for along in everything.values() for n in along}, (
        "more photos that go never leave more behind"
    )
    for name in carried:
        stem = name.lower().split(b".")[0]
        assert any(p.lower().startswith((stem + b".", stem.removesuffix(b"-edited") + b".")) for p in going)
    for staying in set(photos) - going:
        assert staying + b".xmp" not in carried, "what is spelled as a photo's own stays with it"
        assert staying + b".json" not in carried
        assert staying + b".pp3" not in carried


def test_by_path_each_folder_is_for_itself() -> None:
    files = {b"/a/IMG_1.MOV": AT, b"/b/IMG_1.xmp": AT, b"/c/IMG_1.MOV": AT}
    going = {b"/a/IMG_1.HEIC": [AT], b"/b/IMG_1.HEIC": [AT], b"/d/IMG_1.HEIC": [AT]}
    assert companions_by_path(files, going) == {
        b"/a/IMG_1.HEIC": [b"/a/IMG_1.MOV"],
        b"/b/IMG_1.HEIC": [b"/b/IMG_1.xmp"],
    }
    linked = {b"/a/IMG_1.MOV": LinkMetadata("one"), b"/a/IMG_1.HEIC": LinkMetadata("two")}
    assert companions_by_path(files, going, linked)[b"/a/IMG_1.HEIC"] == []
    assert companions_by_path(files, going, photos={b"/a/IMG_1.MOV"})[b"/a/IMG_1.HEIC"] == []
