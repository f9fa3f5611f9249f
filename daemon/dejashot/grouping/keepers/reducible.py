"""What a group would free if only its keepers stayed."""

from collections.abc import Collection, Sequence

from dejashot.models.groups import Group
from dejashot.models.shot import Shot


def reducible_bytes(shots: Sequence[Shot], group: Group, keepers: Collection[int]) -> int:
    """Return what would be free in bytes if only the keepers of a group stayed, companions included.

    Names of one file on the disk free nothing.
    """
    sizes = {node: size for m in group.members for node, size in shots[m].nodes.items()}
    kept = {node for k in keepers for node in shots[k].nodes}
    return sum(size for node, size in sizes.items() if node not in kept)
