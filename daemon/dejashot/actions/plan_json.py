"""A plan as JSON: written down before anything is touched, and checked value by value when it is read back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dejashot.actions import checked_values as checked
from dejashot.actions.plan import WARNING, Item, Plan, RefusedFile, RequiredCopy, WatchedRoot
from dejashot.models.decisions import ApplyMethod
from dejashot.models.files import FileStamp

_ITEM, _STAMP = (tuple(field.name for field in fields(kind)) for kind in (Item, FileStamp))


def item_body(item: Item) -> dict[str, Any]:
    """Return an item as values that JSON can hold."""
    body = {name: getattr(item, name) for name in _ITEM}
    body |= {name: _text(body[name]) for name in ("folder", "source", "target")}
    return body | {"content": item.content.hex(), "stamp": {name: getattr(item.stamp, name) for name in _STAMP}}


def plan_body(plan: Plan) -> dict[str, Any]:
    """Return a plan as values that JSON can hold; bytes of a path that are no text become lone surrogates."""
    return {
        "schema": "dejashot.plan/1",
        "id": plan.id,
        "how": plan.how.value,
        "to": _text(plan.to),
        "made_us": plan.made_us,
        "photos": plan.photos,
        "files": len(plan.items),
        "bytes": plan.size_bytes,
        "warning": WARNING if plan.how.moves else "",
        "items": [item_body(i) for i in plan.items],
        "guards": [[[_text(copy.path), copy.content.hex()] for copy in copies] for copies in plan.guards],
        "refused": [{"path": _text(r.path), "why": r.why} for r in plan.refused],
        "roots": [[_text(root.path), root.device, root.inode] for root in plan.roots],
        "trouble": plan.problem,
        "notice": plan.notice,
        "left_behind": [_text(path) for path in plan.left_behind],
    }


def plan_from(body: Mapping[str, Any]) -> Plan:
    """Return the plan that a body was made of; raise one of `checked_values.NONSENSE` when it is not one."""
    guards = tuple(
        tuple(RequiredCopy(checked.absolute(path), checked.content(content)) for path, content in copies)
        for copies in checked.listed(body["guards"])
    )
    items = tuple(_item(i, len(guards)) for i in checked.listed(body["items"]))
    numbers = {i.number for i in items}
    if len(numbers) != len(items) or not all(i.photo in numbers for i in items):
        raise ValueError("items that do not belong together")
    return Plan(
        id=checked.text(body["id"]),
        how=ApplyMethod(body["how"]),
        to=checked.raw(body["to"]),
        made_us=checked.moment_us(body["made_us"]),
        items=items,
        guards=guards,
        refused=tuple(RefusedFile(checked.raw(r["path"]), checked.text(r["why"])) for r in _list(body, "refused")),
        roots=tuple(_root(*root) for root in _list(body, "roots")),
        left_behind=tuple(checked.raw(path) for path in checked.listed(body.get("left_behind", []))),  # old: none
    )


def _list(body: Mapping[str, Any], key: str) -> Any:
    return checked.listed(body[key])


def _root(path: object, device: object, inode: object) -> WatchedRoot:
    return WatchedRoot(checked.absolute(path), checked.whole_number(device), checked.whole_number(inode))


def _item(body: Mapping[str, Any], guards: int) -> Item:
    """Return an item of a plan with so many sets of required copies."""
    stamp = {name: checked.whole_number(value) for name, value in body["stamp"].items()}
    return Item(
        number=checked.whole_number(body["number"], 0),
        photo=checked.whole_number(body["photo"], 0),
        folder=checked.absolute(body["folder"]),
        source=checked.absolute(body["source"]),
        target=checked.raw(body["target"]),
        content=checked.content(body["content"], may_lack=True),
        stamp=FileStamp(**stamp),
        links=checked.whole_number(body["links"], 0),
        rating=checked.whole_number(body["rating"]),
        guards=checked.whole_number(body["guards"], -1, guards - 1),
        month=checked.text(body["month"]),
        camera=checked.text(body["camera"]),
    )


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
