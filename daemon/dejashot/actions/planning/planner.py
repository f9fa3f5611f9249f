"""From decisions to a plan: what they mean for each file, and what the method asked for does with it."""

from collections.abc import Callable, Collection

from dejashot.actions.plan import IN_PACKAGE, Plan
from dejashot.actions.planning.candidates import Candidates
from dejashot.actions.planning.disk import root_now
from dejashot.actions.planning.draft import Draft, PlanRequest
from dejashot.actions.planning.links import plan_links
from dejashot.actions.planning.ratings import plan_ratings
from dejashot.actions.planning.removal import plan_removal
from dejashot.actions.planning.resolution import Resolution, resolve
from dejashot.files.nofollow import folder_of
from dejashot.files.packages import package_of
from dejashot.models.decisions import ApplyMethod

PLANNERS: dict[ApplyMethod, Callable[[Draft], None]] = {
    ApplyMethod.QUARANTINE: plan_removal,
    ApplyMethod.TRASH: plan_removal,
    ApplyMethod.LIST: plan_removal,
    ApplyMethod.XMP: plan_ratings,
    ApplyMethod.ALBUM: plan_links,
}


def make_plan(request: PlanRequest, candidates: Candidates) -> Plan:
    """Return the plan for the files that decisions are about; nothing in another program's package is part of it."""
    resolution = resolve(candidates.files, candidates.groups, candidates.verdicts, candidates.ranks, candidates.last)
    draft = Draft(request, candidates, resolution.without(_in_packages(resolution), IN_PACKAGE))
    PLANNERS[request.how](draft)
    return Plan(
        id=request.id,
        how=request.how,
        to=request.to,
        made_us=request.now_us,
        items=tuple(draft.items),
        guards=draft.guards,
        refused=tuple(draft.refused),
        roots=tuple(root_now(folder) for folder in sorted({i.folder for i in draft.items})),
        left_behind=tuple(sorted(draft.left_behind)),
    )


def _in_packages(resolution: Resolution) -> set[bytes]:
    """Return which files that go or stay lie in another program's package."""
    copies = (copy.path for copies in resolution.remove.values() for copy in copies)
    return _packaged([*resolution.remove, *resolution.keep, *copies])


def _packaged(paths: Collection[bytes]) -> set[bytes]:
    """Return which files (absolute paths) lie in a package; each folder is looked at once."""
    folders = {folder: bool(package_of(folder)) for folder in {folder_of(path) for path in paths}}
    return {path for path in paths if folders[folder_of(path)]}
