"""The slots of the digests' schedule, what came of each, and how the delivery of its digest stands."""

from dataclasses import asdict, dataclass

from dejashot.library.connection import LibraryConnection


@dataclass(frozen=True, slots=True)
class DigestRun:
    """One slot of the schedule and what came of it; times in microseconds since 1970.

    `photos` are new, in `groups` that wait; `removable_photos` of these groups could go, and free `reclaimable_bytes`.
    """

    slot_us: int
    state: str
    after_seq: int
    until_seq: int
    made_us: int
    photos: int = 0
    groups: int = 0
    reclaimable_bytes: int = 0
    file: bytes = b""
    removable_photos: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of a digest: `waiting`, `sent` or `given_up`; `reached` are hashes of the addresses that have it."""

    slot_us: int
    state: str
    tries: int
    next_us: int
    detail: str = ""
    reached: str = ""


class DigestRuns:
    """The digests made so far: `running`, `done`, `empty` or `missed`, by their slots."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def schedule_since_us(self) -> int:
        """Return since when the schedule runs (us since 1970), 0 before it ever did."""
        return int(self._connection.value("SELECT value FROM counter WHERE name = 'schedule_since_us'") or 0)

    def start_schedule(self, now_us: int) -> None:
        """Remember since when the schedule runs, once."""
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE counter SET value = ? WHERE name = 'schedule_since_us' AND value = 0", (now_us,)
            )

    def restart_schedule(self, now_us: int) -> None:
        """Let the schedule run since a moment before all that is known: the clock was wrong then, or is now."""
        with self._connection.transaction():
            self._connection.execute("UPDATE counter SET value = ? WHERE name = 'schedule_since_us'", (max(1, now_us),))

    def in_states(self, *states: str) -> list[DigestRun]:
        """Return the slots in some states, the one made last first, whatever the clock showed."""
        rows = self._connection.select(
            "SELECT * FROM digest_run WHERE state IN (*) ORDER BY until_seq DESC, slot_us DESC", in_=states
        )
        return [DigestRun(**dict(r)) for r in rows]

    def done_between(self, since_us: int, until_us: int) -> list[DigestRun]:
        """Return the digests of the slots from one moment (us) to before another, oldest first.

        The very first digest is left out: it tells of all photos there were.
        """
        rows = self._connection.select(
            "SELECT * FROM digest_run WHERE slot_us >= ? AND slot_us < ? AND state = 'done' AND after_seq > 0"
            " ORDER BY slot_us",
            (since_us, until_us),
        )
        return [DigestRun(**dict(r)) for r in rows]

    def last_slot_us(self, by_us: int) -> int | None:
        """Return the newest slot by a moment (us) that was dealt with in any way, None when none was."""
        slot_us: int | None = self._connection.value(
            "SELECT max(slot_us) FROM digest_run WHERE state != 'running' AND slot_us <= ?", (by_us,)
        )
        return slot_us

    def digested_seq(self) -> int:
        """Return up to which arrival the digests made so far cover."""
        return int(self._connection.value("SELECT max(until_seq) FROM digest_run WHERE state != 'missed'") or 0)

    def put(self, run: DigestRun) -> None:
        """Write a slot's row; the delivery of one that is there stays."""
        with self._connection.transaction():
            self._connection.execute(
                "INSERT INTO digest_run (slot_us, state, after_seq, until_seq, made_us, photos, groups,"
                " removable_photos, reclaimable_bytes, file) VALUES (:slot_us, :state, :after_seq, :until_seq,"
                " :made_us, :photos, :groups, :removable_photos, :reclaimable_bytes, :file)"
                " ON CONFLICT (slot_us) DO UPDATE SET state = excluded.state,"
                " after_seq = excluded.after_seq, until_seq = excluded.until_seq, made_us = excluded.made_us,"
                " photos = excluded.photos, groups = excluded.groups,"
                " removable_photos = excluded.removable_photos,"
                " reclaimable_bytes = excluded.reclaimable_bytes, file = excluded.file",
                asdict(run),
            )

    def deliveries(self, state: str) -> list[Delivery]:
        """Return the deliveries in a state, the one to be tried first first."""
        rows = self._connection.select("SELECT * FROM delivery WHERE state = ? ORDER BY next_us, slot_us", (state,))
        return [Delivery(**dict(r)) for r in rows]

    def put_delivery(self, delivery: Delivery) -> None:
        """Write how the delivery of a digest stands."""
        with self._connection.transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO delivery (slot_us, state, tries, next_us, detail, reached)"
                " VALUES (:slot_us, :state, :tries, :next_us, :detail, :reached)",
                asdict(delivery),
            )
