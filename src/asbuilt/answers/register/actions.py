"""Freezing answers: kept word for word with the question, the log's head and a hash; never recomputed, only superseded."""

import hashlib
import json
import os
from collections.abc import Callable

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ANSWER_FREEZE
from asbuilt.answers.register.events import ANSWER
from asbuilt.answers.register.models import FrozenAnswer
from asbuilt.answers.register.queries import frozen_answer
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.certificates import ANSWER_FORMAT, ANSWER_TYPE
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import proofs, sequencing
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.questions.genealogy.answering.answers import ask
from asbuilt.storage import bulk, reading
from asbuilt.storage.databases import WRITER
from asbuilt.storage.transactions import write_tx

COLUMNS = (
    "tenant",
    "number",
    "ulid",
    "question",
    "answer",
    "sha256",
    "frozen_at",
    "entry",
    "supersedes",
    "overtaken_by",
)
CHARACTERS_MAX = 64 * 1024 * 1024


def freeze_answer(
    actor: Actor,
    question: str,
    *,
    as_of: str | None = None,
    supersedes: str | None = None,
    then: Callable[[FrozenAnswer], object] | None = None,
    request_key: str | None = None,
) -> FrozenAnswer:
    """Ask now and keep the answer with every serial number. The same request key with the same question gives the same one.

    `then` takes it and writes what rests on it, in the same transaction: both, or none.
    """
    actor.require(ANSWER_FREEZE)
    if actor.party is not None:
        raise Refused(
            "register.narrow_view", "A narrow view cannot be frozen.", remedy="Ask the company that keeps this record."
        )
    older = frozen_answer(actor, supersedes) if supersedes else None
    sequencing.sequence(actor.tenant)
    content = digest(question.encode(), (as_of or "").encode(), (supersedes or "").encode())
    with write_tx(actor.tenant):
        try:
            with recording(actor, "register.answer_frozen", request_key=request_key, content=content) as entry:
                ulid = _write(entry, actor, question, as_of, older)
        except AlreadyRecorded as known:
            sql = "SELECT ulid FROM register_frozen_answer WHERE tenant = %s AND entry = %s"
            ulid = reading.fetch_one(sql, (actor.tenant, known.number))[0]
        if then is not None:
            then(FrozenAnswer.objects.using(WRITER).of(actor.tenant).get(ulid=ulid))
    sequencing.after_commit(actor.tenant)
    return frozen_answer(actor, ulid)


def _write(entry, actor: Actor, question: str, as_of: str | None, older: FrozenAnswer | None) -> str:
    # asked inside the write transaction: nothing can be recorded between the answer and its entry
    said = ask(actor, question, as_of=as_of, serials=True).as_dict()
    said["elapsed_ms"] = None
    said["checkpoint"] = _hand_out_head(actor.tenant)
    said["frozen_at"] = format_instant(entry.recorded_at)
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    if len(text) > CHARACTERS_MAX:
        raise Refused("register.answer_too_large", "This answer is too large to keep.", remedy="Narrow the question.")
    sha256 = hashlib.sha256(canonical_bytes(said)).digest()
    ulid = new_ulid(entry.recorded_at, os.urandom(10))
    counts = said["affected"]
    row = [ulid, question, as_of or "", sha256.hex(), counts["certain"], counts["possible"], counts["unrecorded"]]
    facts = entry.facts(ANSWER)
    facts.add([row_text(row)], [sha256[:8]])
    sql = "SELECT max(number) FROM register_frozen_answer WHERE tenant = %s"
    number = (reading.fetch_one(sql, (actor.tenant,))[0] or 0) + 1
    values = (actor.tenant, number, ulid, question, text, sha256, entry.recorded_at, entry.number)
    bulk.insert_rows("register_frozen_answer", COLUMNS, [(*values, older.number if older else None, None)])
    if older:
        mark_overtaken(entry, [older.number])
    return ulid


def _hand_out_head(tenant: int) -> dict:
    """The head as signed now. No entry can come between it and the answer, so it covers all that the answer rests on."""
    origin, size, root, _ = sequencing.head(tenant)
    sql = "SELECT 1 FROM ledger_checkpoint WHERE tenant = %s AND size = %s AND origin = %s"
    if reading.fetch_one(sql, (tenant, size, origin)) is None:
        # a head has the time of the newest entry it covers, not of its being handed out
        bulk.run(
            "INSERT INTO ledger_checkpoint (tenant, size, origin, signed_at, note) SELECT tenant, size, origin, signed_at, note "
            "FROM ledger_head WHERE tenant = %s AND origin = %s",
            (tenant, origin),
        )
    return {"size": size, "root": bytes(root).hex()}


def mark_overtaken(entry, numbers: list[int]) -> None:
    """These answers are no longer what the record says; they stay as they are and name the entry that overtook them."""
    sql = (
        "UPDATE register_frozen_answer SET overtaken_by = %s WHERE tenant = %s AND number = %s AND overtaken_by IS NULL"
    )
    for number in numbers:
        bulk.run(sql, (entry.number, entry.tenant, number))


def overtake_by_withdrawal(entry, facts) -> None:
    """A withdrawn fact speaks of units: every standing answer about some of them, or of all facts without units, is overtaken."""
    spans = [span for fact in facts for span in fact.units]
    sql = "SELECT number, answer FROM register_frozen_answer WHERE tenant = %s AND overtaken_by IS NULL"
    touched = []
    for number, text in reading.fetch(sql, (entry.tenant,)):
        held = [(first, until) for first, until, _ in json.loads(text)["spans"]]
        if not spans or any(first < high and low < until for first, until in held for low, high in spans):
            touched.append(number)
    mark_overtaken(entry, touched)


def answer_document(actor: Actor, ulid: str) -> bytes:
    """A frozen answer as a signed document that `asbuilt verify` checks without a database."""
    said = json.loads(frozen_answer(actor, ulid).answer)
    sql = "SELECT origin, note FROM ledger_checkpoint WHERE tenant = %s AND size = %s ORDER BY origin DESC LIMIT 1"
    origin, note = reading.fetch_one(sql, (actor.tenant, said["checkpoint"]["size"]))
    document = {"format": ANSWER_FORMAT, "answer": said, "checkpoint": note}
    return proofs.signed_document(origin, ANSWER_TYPE, document)
