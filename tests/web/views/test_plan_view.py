"""A plan by groups: every photo in exactly one of them, a few at a time, and what stays beside it with a reason."""

from hypothesis import given
from hypothesis import strategies as st

from dejashot.actions.plan import Item, Plan, RefusedFile
from dejashot.models.decisions import ApplyMethod, Verdict
from dejashot.models.files import FileStamp
from dejashot.models.shot import Shot
from dejashot.web.views.decisions import OwnerDecisions
from dejashot.web.views.plan import PlannedGroup, left_alone, planned_groups
from group_views import MadeGroups, groups_view_of
from shots import shot, unit


def plan_of(shots: list[Shot], refused: tuple[RefusedFile, ...] = (), root: str = "/photos") -> Plan:
    """Return a plan that sets some shots aside, each with a companion."""
    items: list[Item] = []
    for n, one in enumerate(shots):
        for number, name in ((2 * n, one.path), (2 * n + 1, f"{one.path}.xmp")):
            source = f"{root}/{name}".encode()
            content = one.content if number == 2 * n else b""
            stamp = FileStamp(1, 1, one.size_bytes, 1)
            items.append(Item(number, 2 * n, root.encode(), source, b"", content, stamp))
    return Plan("p", ApplyMethod.QUARANTINE, b"/aside", 1, tuple(items), refused=refused)


def all_groups(plan: Plan, made: MadeGroups, decisions: OwnerDecisions, count: int) -> list[PlannedGroup]:
    found: list[PlannedGroup] = []
    of = 1
    while len(found) < of:
        groups, of = planned_groups(plan, made.view(decisions), len(found), count)
        assert 0 < len(groups) <= count
        found += groups
    return found


@given(st.sampled_from([(2,), (4, 3, 2), (2, 3, 2, 4, 2, 3)]), st.integers(1, 4), st.integers(0, 1), st.data())
def test_every_photo_of_a_plan_is_shown_once_however_few_groups_at_a_time(
    sizes: tuple[int, ...], count: int, alone: int, data: st.DataObject
) -> None:
    made = groups_view_of(
        *sizes, extra=[shot(90_000 + 500 * n, unit(*[0] * 9, n + 1), path=f"x{n}.jpg") for n in range(alone)]
    )
    shots = data.draw(st.lists(st.sampled_from(made.report.shots), min_size=1, unique_by=lambda s: s.content))
    decisions = OwnerDecisions({s.content: Verdict.REJECT for s in shots})
    groups = all_groups(plan_of(shots), made, decisions, count)
    planned = [photo for group in groups for photo in group.planned]
    assert sorted(photo.content for photo in planned) == sorted(s.content.hex() for s in shots)
    assert all(photo.companions == 1 and photo.gone for photo in planned)
    for group in groups:
        if group.group_view is not None:
            staying = {photo.shot_view.id for photo in group.staying}
            assert staying | {p.content for p in group.planned} == {v.id for v in group.group_view.shot_views}
            assert all(photo.why for photo in group.staying)


def test_why_a_shot_stays() -> None:
    made = groups_view_of(3)
    first, second, third = made.report.shots
    refused = (RefusedFile(f"{made.report.head.root}/{second.path}".encode(), "it can't be read"),)
    verdicts = {first.content: Verdict.REJECT, second.content: Verdict.REJECT, third.content: Verdict.KEEP}
    groups, _ = planned_groups(
        plan_of([first], refused, made.report.head.root), made.view(OwnerDecisions(verdicts)), 0, 9
    )
    why = {photo.shot_view.id: photo.why for photo in groups[0].staying}
    assert why[second.content.hex()] == "left alone: it can't be read"
    assert why[third.content.hex()].startswith("you keep it: ")


def test_a_file_left_alone_has_a_picture_where_its_content_is_known() -> None:
    made = groups_view_of(2)
    first, second = made.report.shots
    files = [
        RefusedFile(f"{made.report.head.root}/{name}".encode(), "why")
        for name in (first.path, second.path, "other.jpg")
    ]
    assert [
        f.content
        for f in left_alone(files, made.view(OwnerDecisions({})), plan_of([first], root=made.report.head.root))
    ] == [
        first.content.hex(),
        second.content.hex(),
        "",
    ]
    assert [f.content for f in left_alone(files, None, None)] == ["", "", ""]
