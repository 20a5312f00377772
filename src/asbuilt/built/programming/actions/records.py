"""What stations send: signed records in batches, each recorded once, and the signed receipt that lets them forget.

    take_records(actor, station="ST-01", document=b'{"records": [envelope …]}')   -> the receipt, an envelope

    {"records": [envelope …], "files": {SHA-256: base64}}   files are what test records name

A record is known by its key (permit/device/attempt/entry); sent again, it changes nothing and is signed for again. An attempt
becomes rows of programming.csv, one an image, through the intake of that table; one whose unit this record does not have is
kept all the same, with its problem in words. The upload is evidence, the station's head stands in the entry. A device that two
units claim holds both; so does a place of the chain that two records claim: the station's disk was copied.
A test record becomes a test run: by `runs`, which the room of test results gives. What it may not be (a PASS without its evidence, a plan
that is not known) is its problem in words, and the record is kept.
Refused as a whole: a record that the station did not sign, of another station, or with a key that holds another content.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from asbuilt.access.actor import Actor
from asbuilt.access.rights import HOLD_PLACE, STATION_SYNC
from asbuilt.built.production.actions.holds import place_hold
from asbuilt.built.production.orders import Orders, UnitFinder, products_of
from asbuilt.built.programming import events, fixtures, models
from asbuilt.built.programming.intake import ProgrammingIntake
from asbuilt.built.programming.kept_intakes import StationRecordsIntake
from asbuilt.built.programming.permits import key_of_text
from asbuilt.built.programming.stations import StationSeen, head_of, station_of
from asbuilt.designed.catalog.queries import product_number
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES
from asbuilt.kernel import envelope, plans
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.errors import Conflict, Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.keys import PublicKey
from asbuilt.kernel.notes import strict_base64
from asbuilt.kernel.test_records import TEST_RECORD_BYTES_MAX, TEST_RECORD_TYPE, TestRecord, parse_test_record
from asbuilt.ledger import clock, evidence, keyring, origins, sequencing
from asbuilt.ledger.recording import Entry, recording
from asbuilt.storage import reading
from asbuilt.storage.transactions import write_tx

BATCH_BYTES_MAX = 48 * 1024 * 1024
EVIDENCE_CLASS = "machine"
ATTEMPTS = ("pass", "fail", "aborted")
FILES_MAX = 4_000
PARSERS = {documents.RECORD_TYPE: documents.parse_record, TEST_RECORD_TYPE: parse_test_record}
RECEIPT_US = 30 * 86_400_000_000


@dataclass(frozen=True)
class Arrived:
    """A record as it came: what it says, the SHA-256 of its payload, the SHA-256 of the files that came with it, the key
    that signed it."""

    record: documents.ProgrammingRecord | TestRecord
    digest: str
    files: frozenset[str] = frozenset()
    key_id: str = ""


# entry, test records that arrived, the unit of each as ORDER#n (or empty), SHA-256 of the upload -> position -> why it is no test run
Runs = Callable[[Entry, Sequence[Arrived], Sequence[str], str], dict[int, str]]


def take_records(actor: Actor, *, station: str, document: bytes, runs: Runs) -> bytes:
    """Record what is new of a batch, and sign for all of it. Doors call `quality.station_runs`, which gives `runs`."""
    actor.require(STATION_SYNC)
    arrived = _read(document, station, _keys(actor.tenant, station))
    kept = evidence.keep(actor.tenant, BytesIO(document), f"records-{station}.json", EVIDENCE_CLASS)
    try:
        with write_tx(actor.tenant):
            seen = station_of(actor.tenant, station)
            new = _new(actor.tenant, arrived)
            if new:
                forked = _forked(actor.tenant, seen, new)
                with recording(actor, events.UPLOADED) as entry:
                    kept.record(entry)
                    _record(entry, new, kept.sha256, runs)
                    tests = [(one.record, one.key_id) for one in new if isinstance(one.record, TestRecord)]
                    fixtures.counted(actor.tenant, station, tests)
                    last = max(new, key=lambda one: one.record.seq).record
                    entry.notes = {"station": station, "records": len(new), "seq": last.seq, "chain": last.chain}
                _hold_doubled(actor.tenant, station, new, forked)
            seq, chain = head_of(actor.tenant, station, seen.entry)
    finally:
        if not kept.recorded:
            evidence.forget(kept)
    sequencing.after_commit(actor.tenant)
    return _receipt(actor.tenant, station, [one.digest for one in arrived], seq, chain)


def _keys(tenant: int, station: str) -> list[PublicKey]:
    """The station's keys, the newest first: what an older one signed may still lie on a stick."""
    sql = (
        "SELECT public FROM programming_station WHERE tenant = %s AND station = %s AND until_entry IS NULL "
        'ORDER BY entry DESC, "row" DESC'
    )
    return [key_of_text(text) for (text,) in reading.fetch(sql, (tenant, station))]


def _read(document: bytes, station: str, keys: Sequence[PublicKey]) -> list[Arrived]:
    said = parse_strict(document, bytes_max=BATCH_BYTES_MAX, nesting_max=10)
    listed = said.get("records") if type(said) is dict else None
    if type(listed) is not list or not 1 <= len(listed) <= documents.RECORDS_MAX:
        raise Invalid(
            "programming.batch_wrong", f"An upload holds 1 to {documents.RECORDS_MAX} records.", {}, "Send it in parts."
        )
    files = _files(said.get("files", {}))
    found = []
    for one in listed:
        signed = envelope.parse(json.dumps(one).encode(), bytes_max=2 * TEST_RECORD_BYTES_MAX)
        parse = PARSERS.get(signed.payload_type)
        if parse is None:
            raise Invalid("programming.not_a_record", "This is no record of a station.", {}, "Send records only.")
        payload, key = _signed_by(signed, keys)
        record = parse(payload)
        expected = f"{station}/{record.permit_id or '-'}/{record.uid or '-'}/{record.attempt}/{record.seq}"
        if record.station != station or record.key != expected:
            raise Refused(
                "programming.record_other_station", f"Record {record.key[:80]} is not of station {station}.",
                {"key": record.key[:200]}, "Each station sends its own records.",
            )  # fmt: skip
        found.append(Arrived(record, sha256(payload).hexdigest(), files, key.key_id))
    return found


def _signed_by(signed: envelope.Envelope, keys: Sequence[PublicKey]) -> tuple[bytes, PublicKey]:
    """The payload, and which of the station's keys signed it; Tampered where none did."""
    payload = envelope.verify(signed, keys)
    message = envelope.pae(signed.payload_type, signed.payload)
    return payload, next(key for key in keys if any(key.verify(message, one) for _, one in signed.signatures))


def _files(listed: object) -> frozenset[str]:
    """SHA-256 of the files of an upload, each found to be what its name says. Their bytes stay in the upload, which is evidence."""
    if type(listed) is not dict or len(listed) > FILES_MAX:
        raise Invalid(
            "programming.files_wrong", f"An upload brings at most {FILES_MAX:,} files.", {}, "Send it in parts."
        )
    for digest, text in listed.items():
        try:
            right = type(text) is str and sha256(strict_base64(text)).hexdigest() == digest
        except ValueError:
            right = False
        if not right:
            raise Invalid(
                "programming.file_other",
                f"File {digest[:16]} is not the one of its name.",
                {"sha256": digest[:64]},
                "Send it again.",
            )
    return frozenset(listed)


def _new(tenant: int, arrived: Sequence[Arrived]) -> list[Arrived]:
    sql = (
        "SELECT key, payload_sha256 FROM programming_station_record WHERE tenant = %s AND until_entry IS NULL AND "
        + reading.any_of("key", "text")
    )
    keys = reading.list_param(one.record.key for one in arrived)
    known: dict[str, set[str]] = {}
    for key, digest in reading.fetch(sql, (tenant, keys)):
        known.setdefault(key, set()).add(digest)
    found: dict[str, Arrived] = {}
    for one in arrived:
        # after a copy of a disk two records may bear one key: both are kept, since both happened
        if one.digest not in known.get(one.record.key, ()):
            found[one.digest] = one
    return list(found.values())


def _forked(tenant: int, seen: StationSeen, new: Sequence[Arrived]) -> list[str]:
    """Units of places in the chain that are claimed twice since the station was enrolled, old and new."""
    sql = (
        "SELECT seq, chain, scanned FROM programming_station_record WHERE tenant = %s AND station = %s AND entry >= %s "
        "AND until_entry IS NULL AND " + reading.any_of("seq")
    )
    known = reading.fetch(sql, (tenant, seen.station, seen.entry, reading.list_param(one.record.seq for one in new)))
    by_place: dict[int, dict[str, str]] = {}
    for seq, chain, scanned in [*known, *((one.record.seq, one.record.chain, one.record.unit) for one in new)]:
        by_place.setdefault(seq, {})[chain] = scanned
    return [unit for claims in by_place.values() if len(claims) > 1 for unit in claims.values() if unit]


def _record(entry: Entry, new: Sequence[Arrived], upload: str, runs: Runs) -> None:
    """Rows of programming.csv where the unit and release are known, then the records, each with its problem or unit."""
    errors, contradictions, ignored = ErrorList(len(new) * 40), ErrorList(len(new) * 40), []
    rows, of = [], []
    for n, one in enumerate(new):
        for row in _programming(one.record) if isinstance(one.record, documents.ProgrammingRecord) else ():
            rows.append(row)
            of.append(n)
    intake = ProgrammingIntake(entry, "upload", errors, contradictions, ignored.append)
    if rows:
        intake.take(range(1, len(rows) + 1), rows)
        intake.finish()
    problems: dict[int, str] = {}
    for wrong in (*errors.rows, *contradictions.rows):
        problems.setdefault(of[wrong.line - 1], wrong.reason)
    errors, contradictions = ErrorList(len(new) + 1), ErrorList(len(new) + 1)
    units = _places(entry.tenant, [one.record for one in new])
    tests = [n for n, one in enumerate(new) if isinstance(one.record, TestRecord)]
    if tests:
        found = runs(entry, [new[n] for n in tests], [units[n] for n in tests], upload)
        problems |= {tests[n]: why for n, why in found.items()}
    told = [_told(one, upload, problems.get(n, ""), units[n]) for n, one in enumerate(new)]
    records = StationRecordsIntake(entry, "upload", errors, contradictions, ignored.append)
    records.take(range(1, len(told) + 1), told)
    records.finish()
    if errors.total or contradictions.total:
        first = (errors if errors.total else contradictions).rows[0]
        raise Conflict(first.code, f"{first.column}: {first.reason}", {"line": first.line}, first.remedy)


def _places(tenant: int, records: Sequence[documents.ProgrammingRecord | TestRecord]) -> list[str]:
    """The unit of each record as ORDER#n, which names one only; empty where no unit, or more than one of its product, has that name."""
    orders = Orders(tenant)
    found = UnitFinder(tenant, orders).find({record.unit for record in records if record.unit})
    several = {unit for units in found.values() if len(units) > 1 for unit in units}
    product_of = products_of(tenant, several) if several else {}
    said = []
    for record in records:
        units = found.get(record.unit, ())
        if len(units) > 1:
            units = tuple(unit for unit in units if product_of.get(unit) == product_number(tenant, record.product))
        order = orders.of_unit(units[0]) if len(units) == 1 else None
        said.append(f"{order.code}#{order.place_of(units[0])}" if order else "")
    return said


def _programming(record: documents.ProgrammingRecord) -> list[tuple[str, ...]]:
    if record.result not in ATTEMPTS or not record.unit:
        return []
    at = format_instant(record.finished_at)
    # where the name of the unit stands for its device, there is no identity to compare
    uid = "" if record.uid_from == "unit" else record.uid
    return [
        (
            record.unit, record.product, image.version, image.sha256, uid, record.station, record.operator, record.result, at,
            image.role, "", "station",
        )
        for image in {(image.role, image.version): image for image in record.images}.values()
    ]  # fmt: skip


def _told(one: Arrived, upload: str, problem: str, unit: str) -> tuple[str, ...]:
    record = one.record
    if isinstance(record, TestRecord):
        return _test_told(one, record, upload, problem, unit)
    weak = sorted({image.role for image in record.images if image.grade == plans.TOOL_ONLY})
    cells = {
        "serial": unit,
        "key": record.key, "station": record.station, "permit": record.permit_id or "", "scanned": record.unit,
        "uid": record.uid, "attempt": str(record.attempt), "rework": "true" if record.rework else "false",
        "result": record.result, "reason": record.reason, "said": record.said, "grade": record.grade,
        "tool_only": " ".join(weak) if record.result == "pass" else "",
        "images": _json([[i.role, i.version, i.sha256, i.read_back_sha256, i.grade] for i in record.images]),
        "tools": _json(sorted({(call.tool, call.version) for call in record.tools if call.version})),
        "revision": record.revision, "seq": str(record.seq), "chain": record.chain, "alarm": record.lines[0][:250] if record.result == "release" and record.lines else "",
        "payload_sha256": one.digest, "evidence": upload, "problem": problem[:400], "operator": record.operator,
        "happened_at": format_instant(record.finished_at),
    }  # fmt: skip
    return tuple(cells[column] for column in TABLES["station_records"].columns)


def _test_told(one: Arrived, record: TestRecord, upload: str, problem: str, unit: str) -> tuple[str, ...]:
    cells = {
        "serial": unit, "key": record.key, "station": record.station, "permit": record.permit_id or "", "scanned": record.unit,
        "attempt": str(record.attempt), "rework": "false", "result": record.result, "reason": record.reason,
        "said": record.said or f"{record.plan} {record.plan_version}", "images": "[]", "tools": "[]", "revision": record.revision,
        "seq": str(record.seq), "chain": record.chain, "payload_sha256": one.digest, "evidence": upload, "problem": problem[:400],
        "operator": record.operator, "happened_at": format_instant(record.finished_at),
    }  # fmt: skip
    return tuple(cells.get(column, "") for column in TABLES["station_records"].columns)


def _json(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _hold_doubled(tenant: int, station: str, new: Sequence[Arrived], forked: Sequence[str]) -> None:
    """Hold the units that claim one device, and those of a chain that was claimed twice."""
    uids = sorted({one.record.uid for one in new if one.record.result == "pass" and one.record.uid_from != "unit"})
    sql = (
        "SELECT uid, unit, scanned, station FROM programming_station_record WHERE tenant = %s AND result = 'pass' "
        "AND until_entry IS NULL AND " + reading.any_of("uid", "text") + " ORDER BY entry"
    )
    # a name that no unit of this record has is a second unit all the same
    claims: dict[str, dict[int | str, str]] = {}
    for uid, unit, scanned, at in reading.fetch(sql, (tenant, reading.list_param(uids))) if uids else ():
        claims.setdefault(uid, {})[scanned if unit is None else unit] = at
    system = Actor(tenant, "system:stations", frozenset({HOLD_PLACE}))
    for uid, units in claims.items():
        known = sorted(unit for unit in units if isinstance(unit, int))
        if len(units) > 1 and known:
            places = ", ".join(sorted(set(units.values())))
            reason = f"Device identity {uid} was programmed as {len(units)} units, at {places}."
            place_hold(system, spans=[(unit, unit + 1) for unit in known], reason=reason)
    if forked:
        sql = (
            "SELECT DISTINCT unit FROM programming_station_record WHERE tenant = %s AND station = %s AND unit IS NOT NULL "
            "AND until_entry IS NULL AND " + reading.any_of("scanned", "text")
        )
        found = [unit for (unit,) in reading.fetch(sql, (tenant, station, reading.list_param(forked)))]
        if found:
            reason = f"Two ledgers of station {station} claim one place: its disk was copied or rolled back."
            place_hold(system, spans=[(unit, unit + 1) for unit in sorted(found)], reason=reason)


def _receipt(tenant: int, station: str, digests: Sequence[str], seq: int, chain: str) -> bytes:
    said = {
        "schema": 1, "station": station, "received_at": format_instant(clock.now()), "records": list(dict.fromkeys(digests)),
        "seq": seq, "chain": chain,
    }  # fmt: skip
    private = keyring.record_private(origins.origin(tenant))
    return envelope.sign(documents.RECEIPT_TYPE, canonical_bytes(said), private)


def keep_receipt(tenant: int, station: str, name: str, document: bytes) -> None:
    """Keep a receipt for the next folder of the station; after thirty days no station asks for it any more."""
    with write_tx(tenant):
        models.Receipt.objects.of(tenant).filter(written_at__lt=clock.now() - RECEIPT_US).delete()
        models.Receipt.objects.of(tenant).filter(station=station, name=name).delete()
        models.Receipt(
            tenant=tenant, station=station, name=name, document=document.decode(), written_at=clock.now()
        ).save(force_insert=True)
