"""Receive packages at goods-in: each is recorded as a row of lots.csv is, with its raw label as evidence.

    receive_packages(actor, [Receipt(label=b"[)>...", supplier="DIGI", delivery="DN-1")], request_key=key)

Bulk is the first form. All or nothing: what is missing is named (Invalid), what looks wrong is asked back (Refused) until
each question is confirmed by its id. A package without a code gets the next own one, `PK-000123`. One that is to be
inspected comes in quarantine. The entry says which label each package came with and what was confirmed. The same request
twice is one receipt.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import PACKAGE_RECEIVE
from asbuilt.built.supply.actions.stating import state_anew
from asbuilt.built.supply.events import PACKAGE, RECEIVED
from asbuilt.built.supply.files import kept_bytes
from asbuilt.built.supply.inspections import status_at_first
from asbuilt.built.supply.intake import LotsIntake
from asbuilt.built.supply.queries import free_code
from asbuilt.built.supply.receipts import Question, Receipt, Seen, look_at, nearest_parts
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.designed.vulnerability.matching.criteria import kinds_spoken_of
from asbuilt.designed.vulnerability.matching.evaluating import match_delivered
from asbuilt.kernel.errors import Invalid, Refused, RowError
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.facts import fact_id, rows_between
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

RECEIPTS_MAX = 100


@dataclass(frozen=True)
class PackageReceived:
    """A package as it was recorded: its code, the id of its fact, the cells of its row."""

    package: str
    fact: str
    cells: dict[str, str]


@dataclass(frozen=True)
class Received:
    """The entry, the packages in the order in which they were given, warnings as an import gives them."""

    entry: int
    packages: tuple[PackageReceived, ...]
    warnings: tuple[str, ...] = ()


def receive_packages(actor: Actor, receipts: Sequence[Receipt], *, request_key: str | None = None) -> Received:
    """The packages are in the record.

    Invalid: a field is missing or wrong, a text is no label. Refused `supply.confirmation_needed`: something looks wrong;
    its facts name the questions. Conflict: a package of that code is recorded.
    """
    actor.require(PACKAGE_RECEIVE)
    _refuse_count(len(receipts))
    content = digest(*(_said(receipt) for receipt in receipts))
    labels = [(f"label-{n}.txt", one.label) for n, one in enumerate(receipts, 1) if one.label is not None]
    try:
        with (
            kept_bytes(actor.tenant, labels) as kept,
            recording(actor, RECEIVED, request_key=request_key, content=content) as entry,
        ):
            rows, seen = _rows(entry, receipts)
            taken = state_anew(entry, LotsIntake, rows)
            for one in kept:
                one.record(entry)
            entry.notes = _notes(rows, seen, receipts)
            said = tuple(
                PackageReceived(row["package"], fact, row) for row, fact in zip(rows, taken.facts, strict=True)
            )
    except AlreadyRecorded as known:
        return received_before(actor.tenant, known.number)
    sequencing.after_commit(actor.tenant)
    if kinds_spoken_of(actor.tenant):  # what somebody else makes than was approved is looked for as soon as it is here
        match_delivered(actor)
    return Received(entry.number, said, taken.warnings)


def received_before(tenant: int, entry: int) -> Received:
    """What an entry received."""
    texts = rows_between(tenant, entry, PACKAGE.name, 0, RECEIPTS_MAX)
    said = []
    for row, text in enumerate(texts):
        cells = dict(zip(PACKAGE.columns, json.loads(text), strict=True))
        said.append(PackageReceived(cells["package"], fact_id(tenant, entry, PACKAGE.name, row), cells))
    return Received(entry, tuple(said))


def _refuse_count(count: int) -> None:
    if not 1 <= count <= RECEIPTS_MAX:
        raise Invalid(
            "supply.receipts_count",
            f"{count:,} packages in one call; it takes 1 to {RECEIPTS_MAX}.",
            {"packages": count},
            "Send them in parts.",
        )


def _said(receipt: Receipt) -> bytes:
    said = {**asdict(receipt), "label": receipt.label.hex() if receipt.label is not None else None}
    said["confirmed"] = sorted(receipt.confirmed)
    return json.dumps(said, sort_keys=True).encode()


def _rows(entry: Entry, receipts: Sequence[Receipt]) -> tuple[list[dict[str, str]], list[Seen]]:
    seen = look_at(entry.tenant, receipts)
    _refuse_missing(entry.tenant, receipts, seen)
    _ask_back(seen)
    rows: list[dict[str, str]] = []
    parties = numbers_by_name(entry.tenant)
    for one in seen:
        cells = dict(one.cells)
        cells["package"] = cells["package"] or free_code(entry.tenant, [row["package"] for row in rows])
        cells["received_at"] = cells["received_at"] or format_instant(clock.now())
        rows.append({**cells, "status": status_at_first(entry.tenant, cells["part"], parties.get(cells["supplier"]))})
    return rows, seen


def _refuse_missing(tenant: int, receipts: Sequence[Receipt], seen: Sequence[Seen]) -> None:
    rows = []
    for line, (receipt, one) in enumerate(zip(receipts, seen, strict=True), 1):
        for name, choices in one.missing.items():
            rows.append(_missing(tenant, line, name, receipt.part or one.cells["mpn"], choices))
    if rows:
        named = ", ".join(dict.fromkeys(row.column or "" for row in rows))
        raise Invalid(
            "supply.receipt_incomplete",
            f"Not received yet: {named} is missing.",
            {"missing": [{"package": row.line, "field": row.column} for row in rows]},
            rows[0].remedy,
            rows=rows,
        )


def _missing(tenant: int, line: int, name: str, value: str, choices: tuple[str, ...]) -> RowError:
    if name != "part":
        remedy = "Read it from the maker's label and add it, or say - where nobody knows it."
        return RowError("supply.field_missing", "receipt", line, name, "", "is not on the label", remedy)
    if choices:
        shown = ", ".join(choices[:5])
        return RowError(
            "supply.part_several",
            "receipt",
            line,
            "part",
            value,
            f"{value} is approved for several parts",
            f"Say which: {shown}.",
        )
    reason = f"the catalogue knows no part {value}" if value else "neither a label nor a person says which part it is"
    remedy = nearest_parts(tenant, value) or "Say its own part number; add a new part to parts.csv first."
    return RowError("catalog.part_unknown", "receipt", line, "part", value, reason, remedy)


def _ask_back(seen: Sequence[Seen]) -> None:
    asked = [(line, question) for line, one in enumerate(seen, 1) for question in one.questions]
    if asked:
        raise Refused(
            "supply.confirmation_needed",
            " ".join(question_words(question) for _, question in asked[:5]),
            {"questions": [_question(line, question) for line, question in asked]},
            "Look at the package. Confirm what is so; correct what is not.",
        )


def _question(line: int, question: Question) -> dict:
    said = {"package": line, "id": question.id, "code": question.code, "field": question.field}
    return {**said, "value": question.value, "beside": question.beside, "text": question_words(question)}


def question_words(question: Question) -> str:
    """The question as a sentence."""
    value, beside = question.value, question.beside
    match question.code:
        case "mpn_unapproved":
            return f"{value} is not approved for this part" + (f"; approved is {beside}." if beside else ".")
        case "pack_size":
            return f"{value} pieces is no usual pack size" + (f"; so far it came in {beside}." if beside else ".")
        case "lot_near":
            return f"Lot {value} differs from lot {beside} of this delivery by one character."
        case "label_known":
            return f"This label was scanned before ({beside or 'just now'}). Another package?"
    return f"{question.field} {value}: {beside}."


def _notes(rows: Sequence[dict], seen: Sequence[Seen], receipts: Sequence[Receipt]) -> dict:
    pairs = list(zip(rows, seen, receipts, strict=True))
    confirmed = [
        [row["package"], sorted({one.partition(":")[0] for one in given.confirmed})] for row, _, given in pairs
    ]
    return {
        "confirmed": [one for one in confirmed if one[1]],
        "labels": [[row["package"], one.sha256] for row, one, _ in pairs if one.sha256],
        "packages": len(rows),
    }
