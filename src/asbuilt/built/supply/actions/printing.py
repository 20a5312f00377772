"""Print labels of packages: the bytes lie in the outbox with the entry that says who printed what, and go once it is committed."""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import PACKAGE_RECEIVE
from asbuilt.built.supply.events import LABELS_PRINTED
from asbuilt.built.supply.label_texts import package_label
from asbuilt.formats.package_labels import zpl
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import outbox, reading
from asbuilt.storage.printers import CHANNEL, address_of

LABELS_MAX = 100


@dataclass(frozen=True)
class Printed:
    """The entry and the numbers of the messages in the outbox; none where the very request was printed before."""

    entry: int
    messages: tuple[int, ...]


def print_labels(actor: Actor, *, packages: Sequence[str], printer: str, request_key: str | None = None) -> Printed:
    """A label of each package is on its way to the printer. NotFound: no such package or printer."""
    actor.require(PACKAGE_RECEIVE)
    if not 1 <= len(packages) <= LABELS_MAX:
        raise Invalid(
            "supply.labels_count",
            f"{len(packages):,} labels in one call; it takes 1 to {LABELS_MAX}.",
            remedy="Print them in parts.",
        )
    address = address_of(printer)
    content = digest(printer.encode(), *(code.encode() for code in packages))
    try:
        with recording(actor, LABELS_PRINTED, request_key=request_key, content=content) as entry:
            labels = [zpl(package_label(entry.tenant, code)) for code in packages]
            numbers = tuple(outbox.leave(entry.tenant, CHANNEL, address, label) for label in labels)
            entry.notes = {"packages": list(packages), "printer": printer}
    except AlreadyRecorded as known:
        return Printed(known.number, ())
    sequencing.after_commit(actor.tenant)
    return Printed(entry.number, numbers)


def states(tenant: int, printed: Printed) -> list[outbox.Outgoing]:
    """How the messages of a print stand."""
    with reading.snapshot():
        return outbox.outgoing(tenant, list(printed.messages))
