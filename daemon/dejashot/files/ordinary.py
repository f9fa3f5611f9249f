"""Names of ordinary files that are no pictures: nobody needs to look into them."""

import re

ENDINGS = frozenset(
    # texts, documents, tables
    "txt text md rst rtf doc docx dot dotx odt ods odp odg xls xlsx xlsm ppt pptx pps ppsx pdf ps eps tex bib epub "
    "mobi azw3 csv tsv log nfo "
    "htm html xhtml mht css scss less js mjs cjs ts tsx jsx map vue json jsonl ndjson xml xsl xsd yaml yml toml "
    "ini cfg conf config env plist "
    "properties lock pages numbers key ics vcf eml msg "
    # programs and their sources
    "py pyc pyo pyi ipynb c h cc cpp cxx hpp hh m mm cs java class jar kt kts go rs rb php pl pm lua r jl swift "
    "scala sh bash zsh fish bat cmd "
    "ps1 sql o a so dylib dll lib exe msi app apk deb rpm wasm d rlib rmeta gradle cmake mk in am po mo pot diff "
    "patch whl egg "
    # archives, disk images, databases, indexes
    "zip gz tgz bz2 xz 7z rar tar zst lz4 cab iso dmg vhd vmdk qcow2 db db3 sqlite sqlite3 db-wal db-shm "
    "db-journal sqlite-wal sqlite-shm "
    "mdb accdb idx pack parquet npy npz pkl pt onnx h5 "
    # sound, films, subtitles, fonts
    "mp3 m4a aac wav flac ogg oga opus wma aif aiff amr mid midi m3u m3u8 pls wmv flv f4v vob ogv rm rmvb asf divx "
    "mjpg mjpeg dv mxf m2v mpv "
    "srt sub vtt ass ssa ttf otf woff woff2 eot fon "
    # what photo programs and cameras put next to photos
    "pp3 dop cos comask cot cop cof on1 onphoto rws nksc vrd dr4 spd acr arp lrcat lrcat-wal lrcat-shm lrprev "
    "lrfprev lrtemplate xmpz mie "
    "thm tn tnb tnl thn thumb ithmb ctg cpi bdm mpl mif ind sav gpx kml kmz nmea fit tcx picasa pto pts "
    "cocatalogdb cosessiondb cosessionlock "
    "icc icm dcp lcp cube 3dl lut abr atn look info sfv md5 sha1 sha256 par2 torrent nzb asc sig pem crt gpg "
    # the system's
    "lnk url webloc desktop directory theme ani cur sys dat-journal pid sock swp swo bak~ cnt".split()
)
_NAMES = re.compile(r"readme.*|licen[cs]e.*|copying|makefile|dockerfile|gemfile|rakefile|icon\r|indexervolumeguid")
_NO_ENDING = re.compile(r".*\s.*|\d*|.{11,}", re.DOTALL)


def is_ordinary(name: str, ending: str) -> bool:
    """Return whether a file is some ordinary one by its name; `ending` stands in small letters."""
    return ending in ENDINGS or _NAMES.fullmatch(name.lower()) is not None


def lacks_ending(ending: str) -> bool:
    """Return whether what follows the last dot of a name is no file ending, as in `Anna 1. May` or `2024.05.01`."""
    return _NO_ENDING.fullmatch(ending) is not None
