"""Files: where they lie, what `stat` says of them, and which could not be read."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

# the raw formats of cameras, by ending: read through the JPEG in them, else only kept with their photos
RAW_FORMATS = frozenset(
    "3FR ARQ ARW BAY BMQ CAP CR2 CR3 CRW CS1 DC2 DCR DCS DNG DRF DSC EIP ERF FFF GPR IIQ K25 KC2 KDC MDC MEF MOS "
    "MRW NEF NRW ORF ORI PEF"
    " PTX PXN QTK RAF RAW RDC RW1 RW2 RWL RWZ SR2 SRF SRW STI X3F".split()
)


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What `stat` says of a file; a changed stamp means a changed file."""

    size_bytes: int
    mtime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileStamp":
        """Return the stamp of a stat result; far mtimes are cut off and inodes folded, so that all fits int64."""
        mtime_ns = min(max(status.st_mtime_ns, -(2**63)), 2**63 - 1)
        return cls(status.st_size, mtime_ns, _int64(status.st_ino), _int64(status.st_dev))


def _int64(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file of one folder: the folder's id and the path below it (bytes)."""

    folder: int
    path: bytes

    def under(self, root: Path) -> bytes:
        """Return the absolute path (bytes), given the folder's own."""
        return os.path.join(os.fsencode(root), self.path)


def content_hash(data: bytes = b"") -> "hashlib.blake2b":
    """Return the hash that is a photo's identity, over some bytes so far: BLAKE2b-256."""
    return hashlib.blake2b(data, digest_size=32)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read, with its reason code and what was found."""

    path: str
    reason: str
    detail: str
