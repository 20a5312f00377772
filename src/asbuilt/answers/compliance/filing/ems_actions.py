"""Answering the questionnaire, stating certificates, signing a report, and taking in the reports of others.

    answer_question(actor, question="regulated", words="Medical since 2012")
    state_certificate(actor, standard="ISO 9001", number="…", issuer="…", from_on="2025-01-01", until_on="2027-12-31")
    ems_report(actor)                                                  -> the signed ZIP that `asbuilt verify` checks
    take_report(actor, party="EMS2", content=…, keys=…)                checked with the keys that the other EMS handed out, then kept

Refused: a report that is none, that was changed, or whose keys do not fit; it is not kept. A question that is measured takes words too: they stand beside.
"""

import json

from asbuilt.access.actor import Actor
from asbuilt.access.rights import EVIDENCE_READ, FILING_DECIDE, FILING_READ, FILING_WRITE
from asbuilt.answers.compliance.filing import events
from asbuilt.answers.compliance.filing.ems import FILE, about_party, own_code, questionnaire_told, refuse_party_reader
from asbuilt.answers.compliance.filing.file_rules import newest_on
from asbuilt.answers.compliance.filing.lines import ANSWER, CERTIFICATE, REPORT, New
from asbuilt.answers.compliance.filing.package import statement_facts
from asbuilt.answers.compliance.filing.stating import NAME_CHARACTERS_MAX, day, state, text
from asbuilt.answers.compliance.filing.trade import party_code
from asbuilt.answers.compliance.stating import TRACEABILITY, file_said, kept_file, one_of
from asbuilt.kernel import certificates, envelope
from asbuilt.kernel import shipment_packages as packages
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.public_keys import parse_public_keys
from asbuilt.ledger import keyring, proofs, sequencing
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

ANSWERS_FILE, PROOFS_FILE = "answers.json", "proofs.json"
ANSWERS_MAX, CELL_CHARACTERS_MAX = 300, 4_000
_ANSWER = {"question": str, "source": str, "unit": str, "words": str, "stated": str}
_CERTIFICATE = {"standard": str, "from_on": str, "until_on": str, "number": str, "issuer": str}


def answer_question(
    actor: Actor,
    *,
    question: str,
    words: str,
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """What the house says to a question; returns the entry. Said again it supersedes."""
    refuse_party_reader(actor)
    words = text("words", words, CELL_CHARACTERS_MAX)
    with kept_file(actor.tenant, content, name, evidence_class=TRACEABILITY) as kept:

        def lines(entry: Entry) -> list[New]:
            rules = newest_on(FILE, format_instant(entry.recorded_at)[:10])
            one_of("question", question, [one["question"] for one in rules["questions"]])
            said = {"words": words, **file_said(kept)}
            return [New(about_party(own_code(entry.tenant)), ANSWER, name=question, why="", at=None, said=said)]

        asked = [question, words, name, file_said(kept)]
        return state(actor, events.QUESTION_ANSWERED, FILING_WRITE, asked, lines, attached=kept, request_key=request_key)  # fmt: skip


def state_certificate(
    actor: Actor,
    *,
    standard: str,
    number: str,
    issuer: str,
    from_on: str,
    until_on: str,
    scope: str = "",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """A certificate of the house with its first and last day; returns the entry."""
    refuse_party_reader(actor)
    cells = {"standard": standard, "number": number, "issuer": issuer}
    said = {key: text(key, value, NAME_CHARACTERS_MAX) for key, value in cells.items()}
    said |= {"from_on": day("from_on", from_on), "until_on": day("until_on", until_on)}
    said["scope"] = text("scope", scope, NAME_CHARACTERS_MAX, needed=False)
    if said["until_on"] < said["from_on"]:
        raise Invalid(
            "compliance.until_before", "until_on: lies before from_on.", {"field": "until_on"}, "Look at both."
        )
    with kept_file(actor.tenant, content, name, evidence_class=TRACEABILITY) as kept:

        def lines(entry: Entry) -> list[New]:
            particulars = {key: value for key, value in said.items() if key != "standard"}
            new = {**particulars, **file_said(kept)}
            return [
                New(about_party(own_code(entry.tenant)), CERTIFICATE, name=said["standard"], why="", at=None, said=new)
            ]

        asked = [said, name, file_said(kept)]
        return state(actor, events.CERTIFICATE_STATED, FILING_WRITE, asked, lines, attached=kept, request_key=request_key)  # fmt: skip


def ems_report(actor: Actor) -> bytes:
    """Our answers as the record gives them now, signed, with proofs of what people stated."""
    refuse_party_reader(actor)
    actor.require(FILING_READ)
    actor.require(EVIDENCE_READ)
    sequencing.sequence(actor.tenant)
    with reading.snapshot():
        found = questionnaire_told(actor)
        origin, _size, _root, note = sequencing.head(actor.tenant)
        rows = statement_facts(actor.tenant, [about_party(found["party"])])
        files = {ANSWERS_FILE: json.dumps(found, ensure_ascii=False, indent=1).encode()}
        if rows:
            about = {"kind": "EMS report", "party": found["party"]}
            files[PROOFS_FILE] = proofs.certificate(actor.tenant, about, rows)
    counted = sum(1 for one in found["answers"] if one["source"] == "record")
    said = {
        "party": found["party"], "name": found["name"], "made_at": found["made_at"], "rule_set": found["rule_set"],
        "questions": len(found["answers"]), "answered_from_record": counted, "gaps": len(found["gaps"]), "checkpoint": note,
    }  # fmt: skip
    private = keyring.record_private(origin)
    return packages.build(said, files, lambda manifest: envelope.sign(packages.EMS_REPORT.type, manifest, private), packages.EMS_REPORT)  # fmt: skip


def take_report(
    actor: Actor, *, party: str, content: bytes, keys: bytes, name: str = "", request_key: str | None = None
) -> int:
    """The signed report of another EMS, checked with its public keys and kept; returns the entry. Tampered or Invalid where it does not hold."""
    refuse_party_reader(actor)
    actor.require(FILING_DECIDE)
    record_keys, vkeys = parse_public_keys(keys)
    found = packages.check(content, record_keys=record_keys, log_vkeys=vkeys)
    if found.kind is not packages.EMS_REPORT or ANSWERS_FILE not in found.files:
        told = "This is no report of an EMS."
        raise Refused("compliance.report_other", told, {"kind": found.kind.name}, "Ask for the questionnaire's report.")
    if PROOFS_FILE in found.files:
        certificates.check_certificate(found.files[PROOFS_FILE], record_keys=record_keys, log_vkeys=vkeys)
    said = _read(found)

    with kept_file(actor.tenant, content, name or "ems-report.zip", evidence_class=TRACEABILITY) as kept:

        def lines(entry: Entry) -> list[New]:
            code = party_code(entry.tenant, party)
            if code == own_code(entry.tenant):
                told = "A report of our own needs no taking in."
                raise Refused("compliance.report_own", told, {"party": code}, "Name the EMS that it is of.")
            return [
                New(about_party(code), REPORT, name=said["made_at"], why="", at=None, said={**said, **file_said(kept)})
            ]

        asked = [party, file_said(kept)]
        return state(actor, events.REPORT_TAKEN, FILING_DECIDE, asked, lines, attached=kept, request_key=request_key)


def _read(found: packages.CheckedPackage) -> dict:
    """What a checked report says, in our columns alone. Invalid where it says it otherwise."""
    try:
        said = json.loads(found.files[ANSWERS_FILE])
        answers = [_cells(one, _ANSWER) | {"value": _number(one["value"])} for one in said["answers"]]
        held = [_cells(one, _CERTIFICATE) for one in said["certificates"]]
        if max(len(answers), len(held)) > ANSWERS_MAX:
            raise ValueError("too many answers")
        made_at, name = str(found.manifest["made_at"])[:40], str(found.manifest["name"])[:NAME_CHARACTERS_MAX]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        told = f"The report's answers cannot be read: {str(fault)[:100]}."
        raise Invalid("compliance.report_malformed", told, {}, "A newer version of Asbuilt may read it.") from None
    return {"answers": answers, "certificates": held, "made_at": made_at, "name": name, "origin": found.checkpoint.origin, "rule_set": str(found.manifest.get("rule_set", ""))[:100]}  # fmt: skip


def _cells(one: dict, wanted: dict[str, type]) -> dict:
    if not all(type(one[key]) is kind for key, kind in wanted.items()):
        raise TypeError("a cell of another kind")
    return {key: one[key][:CELL_CHARACTERS_MAX] for key in wanted}


def _number(value: object) -> float | int | None:
    if value is not None and type(value) not in (int, float):
        raise TypeError("a value that is no number")
    return value
