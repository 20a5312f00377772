"""Machines: who speaks, when last, how much, how sure its clock is; and what the floor calls it.

Without a name of the floor a machine is called by the handle of its messages, and its step follows from what it says.
What is named today holds for what it says from now on.
"""

from collections import Counter
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import MACHINE_NAME, MACHINE_READ
from asbuilt.built.messages.events import NAMED
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import bulk, reading

NAME_CHARACTERS_MAX = 200


@dataclass
class Machine:
    """A machine as its messages show it. Times are UTC microseconds: by its clock, and when it was heard."""

    handle: str
    machine: str
    step: str
    last_at: int = 0
    received_at: int = 0
    last_name: str = ""
    uses: Counter = field(default_factory=Counter)
    flagged: int = 0
    names: list[tuple[str, str, int]] = field(default_factory=list)  # message, use, how many

    @property
    def dead_letters(self) -> int:
        """How many of its messages came as dead letters, mended ones too."""
        return self.uses["dead"]

    @property
    def ahead_seconds(self) -> int:
        """How far its clock was ahead of ours at its last message; negative: behind, or the message waited."""
        return (self.last_at - self.received_at) // 1_000_000


def machines(actor: Actor) -> list[Machine]:
    """Every machine that ever sent a message or was named, the one heard last first. Two statements."""
    actor.require(MACHINE_READ)
    sql = "SELECT handle, machine, step FROM messages_machine WHERE tenant = %s"
    found = {handle: Machine(handle, *named) for handle, *named in reading.fetch(sql, (actor.tenant,))}
    sql = (
        "SELECT handle, name, use, count, flagged, last_at, received_at FROM messages_machine_count WHERE tenant = %s "
        "ORDER BY handle, count DESC, name"
    )
    for handle, name, use, count, flagged, last_at, received_at in reading.fetch(sql, (actor.tenant,)):
        one = found.setdefault(handle, Machine(handle, handle, ""))
        one.uses[use] += count
        one.flagged += flagged
        one.names.append((name, use, count))
        if (received_at, last_at) > (one.received_at, one.last_at):
            one.received_at, one.last_at, one.last_name = received_at, last_at, name
    return sorted(found.values(), key=lambda one: (-one.received_at, one.handle))


def step_of(tenant: int, handle: str) -> str:
    """The step that the floor says a machine does; "" where it says none. One statement."""
    sql = "SELECT step FROM messages_machine WHERE tenant = %s AND handle = %s"
    row = reading.fetch_one(sql, (tenant, handle))
    return row[0] if row else ""


def floor_name(tenant: int, handle: str) -> str:
    """What the floor calls a machine; its handle where it says nothing. One statement."""
    sql = "SELECT machine FROM messages_machine WHERE tenant = %s AND handle = %s"
    row = reading.fetch_one(sql, (tenant, handle))
    return row[0] if row else handle


def software_of(tenant: int, handle: str) -> str:
    """The version of a machine's software as it said it last; "" where it said none. One statement."""
    sql = "SELECT software FROM messages_machine WHERE tenant = %s AND handle = %s"
    row = reading.fetch_one(sql, (tenant, handle))
    return row[0] if row else ""


def operator_at(tenant: int, handle: str) -> str:
    """The badge of who works at a machine, as its OperatorActivated said last; "" where nobody does. Two statements."""
    sql = "SELECT operator FROM messages_machine WHERE tenant = %s AND handle = %s"
    row = reading.fetch_one(sql, (tenant, handle))
    if row is None or row[0] is None:
        return ""
    return People(tenant, 0).codes([row[0]]).get(row[0], "")


def name_machine(
    actor: Actor, *, handle: str, machine: str = "", step: str = "", request_key: str | None = None
) -> Machine:
    """From now on the record calls the machine so, and its step. An empty name is the handle again, an empty step none."""
    actor.require(MACHINE_NAME)
    for value, what in ((handle, "handle"), (machine, "machine"), (step, "step")):
        if len(value) > NAME_CHARACTERS_MAX or not (value.isprintable() and value.strip() == value):
            raise Invalid(
                "messages.machine_name",
                f"{what} is too long, or holds what cannot be printed.",
                {what: value[:NAME_CHARACTERS_MAX]},
                f"Give up to {NAME_CHARACTERS_MAX} characters, without blanks around them.",
            )
    if not handle:
        raise Invalid(
            "messages.machine_name", "The handle of the machine is missing.", {}, "Give the Source of its messages."
        )
    content = digest(handle.encode(), machine.encode(), step.encode())
    try:
        with recording(actor, NAMED, request_key=request_key, content=content) as entry:
            sql = (
                "INSERT INTO messages_machine (tenant, handle, machine, step) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT (tenant, handle) DO UPDATE SET machine = excluded.machine, step = excluded.step"
            )
            bulk.run(sql, (actor.tenant, handle, machine or handle, step))
            entry.notes = {"handle": handle, "machine": machine or handle, "step": step}
    except AlreadyRecorded:
        pass
    sequencing.after_commit(actor.tenant)
    return Machine(handle, machine or handle, step)
