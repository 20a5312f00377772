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
from asbuilt.answers.compliance.filing.ems import (
    FILE,
    NONE,
    RECORD,
    STATED,
    about_party,
    own_code,
    questionnaire_told,
    refuse_party_reader,
)
from asbuilt.answers.compliance.filing.file_rules import newest_on
from asbuilt.answers.compliance.filing.lines import ANSWER, CERTIFICATE, REPORT, New
from asbuilt.answers.compliance.filing.package import statement_facts
from asbuilt.answers.compliance.filing.stating import NAME_CHARACTERS_MAX, day, state, text
from asbuilt.answers.compliance.filing.trade import party_code
from asbuilt.answers.compliance.stating import TRACEABILITY, file_said, kept_file, one_of
from asbuilt.kernel import certificates, envelope
from asbuilt.kernel import shipment_packages as packages
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import DAY_US, format_instant, parse_date, parse_instant
from asbuilt.kernel.public_keys import parse_public_keys
from asbuilt.ledger import clock, keyring, proofs, sequencing
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

ANSWERS_FILE, PROOFS_FILE = "answers.json", "proofs.json"
ANSWERS_MAX, CELL_CHARACTERS_MAX, FIGURE_MAX = 300, 4_000, 10**12
SOURCES = (RECORD, STATED, NONE)
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
    """What a checked report says, in our columns alone. Invalid where it says it otherwise, or what nobody can mean: a signature holds for any words."""
    try:
        said = json.loads(found.files[ANSWERS_FILE], parse_constant=_no_constant)
        answers = [_answer(one) for one in said["answers"]]
        held = [_certificate(one) for one in said["certificates"]]
        if max(len(answers), len(held)) > ANSWERS_MAX:
            raise ValueError("too many answers")
        for each in ([one["question"] for one in answers], [one["standard"] for one in held]):
            if len(set(each)) < len(each):
                raise ValueError("the same thing twice")
        made_at, name = _made_at(found.manifest["made_at"]), str(found.manifest["name"])[:NAME_CHARACTERS_MAX]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        told = f"The report's answers cannot be read: {str(fault)[:100]}."
        raise Invalid("compliance.report_malformed", told, {}, "A newer version of Asbuilt may read it.") from None
    return {"answers": answers, "certificates": held, "made_at": made_at, "name": name, "origin": found.checkpoint.origin, "rule_set": str(found.manifest.get("rule_set", ""))[:100]}  # fmt: skip


def _no_constant(said: str) -> None:
    raise ValueError(f"{said} is no figure")


def _made_at(said: object) -> str:
    """When it was made, in our writing; one that lies ahead would be the newest for ever."""
    made_at = parse_instant(said if type(said) is str else "")
    if made_at > clock.now() + DAY_US:
        raise ValueError("it was made on a day that has not come")
    return format_instant(made_at)


def _answer(one: dict) -> dict:
    found, value = _cells(one, _ANSWER), _number(one["value"])
    if found["source"] not in SOURCES:
        raise ValueError(f"{found['source'][:40]!a} is no source of an answer")
    if value is not None and not 0 <= value <= (100 if found["unit"] == "%" else FIGURE_MAX):
        raise ValueError(f"the figure of {found['question'][:40]!a} cannot be")
    return found | {"value": value}


def _certificate(one: dict) -> dict:
    """One with both of its days, or one of which nothing is said."""
    found = _cells(one, _CERTIFICATE)
    days = (found["from_on"], found["until_on"])
    if any(days) and parse_date(days[0]) > parse_date(days[1]):
        raise ValueError(f"the days of {found['standard'][:40]!a} are the wrong way round")
    return found


def _cells(one: dict, wanted: dict[str, type]) -> dict:
    if not all(type(one[key]) is kind for key, kind in wanted.items()):
        raise TypeError("a cell of another kind")
    for key in wanted:
        one[key].encode()  # half of a letter is none
        if any(letter < " " and letter not in "\n\r\t" for letter in one[key]):
            raise ValueError("control characters")
    return {key: one[key][:CELL_CHARACTERS_MAX] for key in wanted}


def _number(value: object) -> float | int | None:
    if value is not None and type(value) not in (int, float):
        raise TypeError("a value that is no number")
    return value
