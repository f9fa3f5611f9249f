"""A batch: a plan that is written down before anything is touched, and a journal of what became of every file."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dejashot.actions.checked_values import NONSENSE, event_of
from dejashot.actions.plan import Item, Plan, planned_bytes
from dejashot.actions.plan_json import plan_body, plan_from
from dejashot.errors import BatchError, StorageError
from dejashot.files import jsonl
from dejashot.language.texts import noted
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import (
    PRIVATE_FOLDER,
    make_private,
    read_own,
    refuse_others,
    shown,
    sync_folder,
    write_atomically,
)

BATCHES, PLAN_NAME, PROGRESS_NAME = "batches", "plan.json", "progress.jsonl"
# Translators: the state of what was applied, in a list
UNFINISHED = noted("unfinished")
UNDONE, UNDONE_IN_PART = noted("undone"), noted("undone but for some")
NOTHING_DONE = noted("nothing was done")


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch in short: when (us since 1970), how, what it did and its `state`, a word or two.

    `files` were dealt with, of those that were `planned`. One that is `stopped` waits for its owner to finish it or
    take it back.
    """

    id: str
    made_us: int
    how: ApplyMethod
    to: bytes
    files: int
    photos: int
    size_bytes: int
    state: str
    planned: int
    stopped: bool


@dataclass
class Batch:
    """A batch as its folder says.

    `done`, `back` and `ready` hold what was noted of items, by number; `refused` and `left` say why nothing was done
    (or undone) with them. `made` are folders that were made for it.
    """

    folder: Path
    plan: Plan
    done: dict[int, dict[str, Any]] = field(default_factory=dict)
    ready: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    back: dict[int, dict[str, Any]] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    made: list[bytes] = field(default_factory=list)
    finished: bool = False
    undoing: bool = False
    undone: bool = False

    @classmethod
    def begin(cls, library: Path, plan: Plan) -> "Batch":
        """Write a plan down, on the disk when this returns; raise BatchError when that was done before, or OSError."""
        folder = make_private(library / BATCHES) / plan.id
        try:
            folder.mkdir(mode=PRIVATE_FOLDER)
            folder.chmod(PRIVATE_FOLDER)  # the umask has no say in it
        except FileExistsError:
            raise BatchError(
                noted("this plan has been carried out already"),
                "Make a new one: run `dejashot apply` again",
                noted("Have a new one shown"),
            ) from None
        write_atomically(folder / PLAN_NAME, json.dumps(plan_body(plan)).encode())
        sync_folder(folder.parent)
        return cls(folder, plan)

    @classmethod
    def read(cls, folder: Path) -> "Batch":
        """Read a batch; raise BatchError when its plan is not readable."""
        try:
            refuse_others(folder)
            batch = cls(folder, plan_from(json.loads(read_own(folder / PLAN_NAME))))
            if batch.plan.id != folder.name:
                raise ValueError("the plan of another batch")
            lines = jsonl.read_lines(folder / PROGRESS_NAME)
        except (*NONSENSE, StorageError, OSError) as error:
            raise BatchError(
                noted("the batch {name} can't be read").format(name=folder.name),
                noted("Look into {folder}: plan.json says what moved where").format(folder=shown(folder)),
            ) from error
        numbers = {item.number for item in batch.plan.items}
        for line in lines:
            with suppress(*NONSENSE):  # torn by a power cut: what is on the disk shows how far it came
                batch._take_in(event_of(json.loads(line), numbers))
        return batch

    def note(self, what: str, item: Item | None = None, *, durable: bool = False, **more: Any) -> None:
        """Note what became of an item, or of the batch; raise OSError."""
        event = {"is": what, **({"item": item.number} if item else {}), **more}
        jsonl.append(self.folder / PROGRESS_NAME, [event], durable=durable)
        self._take_in(event)

    def _take_in(self, event: dict[str, Any]) -> None:
        number = event.get("item", -1)
        match event["is"]:
            case "done":
                self.done[number] = event
                self.refused.pop(number, None)
            case "ready":
                self.ready[number] = event
            case "refused":
                self.refused[number] = str(event["why"])
            case "back":
                self.back[number] = event
                self.left.pop(number, None)
            case "left":
                self.left[number] = str(event["why"])
            case "made":
                self.made.extend(f.encode("utf-8", "surrogateescape") for f in event["folders"])
            case "finished":
                self.finished = True
            case "undoing":
                self.undoing = True
            case "undone":
                self.undone = True

    @property
    def open(self) -> bool:
        """Return whether it was stopped in the middle and is to go on."""
        return not self.finished and not self.undoing

    @property
    def stopped(self) -> bool:
        """Return whether it was stopped in the middle, on its way or on the way back."""
        return self.open or (self.undoing and not self.undone)

    @property
    def acted(self) -> list[Item]:
        """Return the items that were done."""
        return [i for i in self.plan.items if i.number in self.done]

    @property
    def summary(self) -> Summary:
        """Return the batch in short."""
        acted, plan = self.acted, self.plan
        return Summary(
            id=plan.id,
            made_us=plan.made_us,
            how=plan.how,
            to=plan.to,
            files=len(acted),
            photos=sum(not i.companion for i in acted),
            size_bytes=planned_bytes(acted) if plan.how.moves else 0,
            state=self._state(),
            planned=len(plan.items),
            stopped=self.stopped,
        )

    def _state(self) -> str:
        if not self.stopped and not self.acted:
            return NOTHING_DONE
        if self.undone:
            return UNDONE_IN_PART if self.left else UNDONE
        if self.undoing:
            return noted("being undone")
        return noted("done") if self.finished else UNFINISHED
