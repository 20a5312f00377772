"""The questionnaire of an EMS: what the record measures, what people stated, certificates with their validity; and the reports of others beside it.

    questionnaire_told(actor)     -> our own answers, counted now, gaps named
    comparison_told(actor)        -> question by question: ours, and the newest report that was taken of each other EMS

An answer from the record is marked `record`, one that people gave `stated`, none `none`. A certificate counts on the days between its first and last.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import FILING_READ
from asbuilt.answers.compliance.filing.ems_measures import MEASURES
from asbuilt.answers.compliance.filing.file_rules import newest_on, worded
from asbuilt.answers.compliance.filing.lines import ANSWER, CERTIFICATE, REPORT, Line, lines_of, lines_of_kind
from asbuilt.answers.compliance.filing.parts import day_of
from asbuilt.designed.parties.product_roles import own_party
from asbuilt.designed.parties.queries import code_of, codes_and_names
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.storage import reading

FILE = "ems-questions.json"
RECORD, STATED, NONE = "record", "stated", "none"
VALID, OVER, NOT_YET = "valid", "over", "not_yet"


def about_party(code: str) -> str:
    """What lines about a party say in `about`."""
    return f"party/{code}"


def own_code(tenant: int) -> str:
    """The code of the party that keeps this record. Refused: nobody said which."""
    own = own_party(tenant, clock.now())
    if own is None:
        told = "Nobody said which party keeps this record."
        raise Refused("compliance.no_own_party", told, {}, "Say it in product_roles.csv, as role own.")
    return code_of(tenant, own)


def refuse_party_reader(actor: Actor) -> None:
    """To a party's person there is no questionnaire."""
    if actor.party is not None:
        raise NotFound("compliance.no_questionnaire", "There is no questionnaire.", {}, "Ask who keeps this record.")


def questionnaire_told(actor: Actor) -> dict:
    """Our own answers as the record gives them now. NotFound for a party's person."""
    refuse_party_reader(actor)
    actor.require(FILING_READ)
    with reading.snapshot():
        now = clock.now()
        rules = newest_on(FILE, day_of(now))
        code = own_code(actor.tenant)
        lines = lines_of(actor.tenant, [about_party(code)])
        stated = {line.name: line for line in lines if line.kind == ANSWER}
        answers = [_answer(actor.tenant, one, stated.get(one["question"]), now) for one in rules["questions"]]
        certificates = _certificates(lines, rules, day_of(now))
        gaps = [one["name"] for one in answers if one["source"] == NONE]
        gaps += [f"{one['standard']}: {one['state']}" for one in certificates if one["asked"] in ("minimum", "required") and one["state"] != VALID]  # fmt: skip
        return {
            "party": code, "name": dict(codes_and_names(actor.tenant)).get(code, ""), "made_at": format_instant(now), "rule_set": rules["rule_set"],
            "source": rules["source"], "answers": answers, "certificates": certificates, "gaps": gaps,
        }  # fmt: skip


def _answer(tenant: int, one: dict, line: Line | None, now: int) -> dict:
    measured = MEASURES[one["measure"]](tenant, now) if one["measure"] else None
    counted = measured is not None and measured.value is not None
    said = line.said if line else {}
    return {
        "question": one["question"], "section": one["section"], "name": worded(one["name"]), "source": RECORD if counted else STATED if line else NONE,
        "value": measured.value if measured else None, "unit": one["unit"], "words": measured.words if measured else "", "stated": said.get("words", ""),
        "file": said.get("file", ""), "sha256": said.get("sha256", ""), "asked_by": one["source"],
    }  # fmt: skip


def _certificates(lines: list[Line], rules: dict, today: str) -> list[dict]:
    """The certificates that are asked for, and others that were stated; the last word about each."""
    held = {line.name: line for line in lines if line.kind == CERTIFICATE}
    asked = {one["standard"]: one for one in rules["certificates"]}
    found = []
    for standard in [*asked, *sorted(set(held) - set(asked))]:
        line, known = held.get(standard), asked.get(standard)
        said = line.said if line else {}
        found.append(
            {
                "standard": standard, "name": worded(known["name"]) if known else "", "asked": known["asked"] if known else "", "state": state_of(said, today),
                "number": said.get("number", ""), "issuer": said.get("issuer", ""), "from_on": said.get("from_on", ""), "until_on": said.get("until_on", ""),
                "scope": said.get("scope", ""), "file": said.get("file", ""), "sha256": said.get("sha256", ""),
            }
        )  # fmt: skip
    return found


def state_of(said: dict, today: str) -> str:
    """How a certificate stands on a day: none, not_yet, valid or over."""
    if not said:
        return NONE
    if said["from_on"] > today:
        return NOT_YET
    return OVER if said["until_on"] < today else VALID


def reports_of(tenant: int) -> dict[str, Line]:
    """Party -> the newest report of it that was taken."""
    found: dict[str, Line] = {}
    for line in lines_of_kind(tenant, REPORT):
        if line.about not in found or line.said["made_at"] >= found[line.about].said["made_at"]:
            found[line.about] = line
    return {about.partition("/")[2]: line for about, line in found.items()}


def comparison_told(actor: Actor) -> dict:
    """Question by question, EMS by EMS: value, words and where they come from. Certificates are judged on today's day."""
    own = questionnaire_told(actor)
    with reading.snapshot():
        today = day_of(clock.now())
        taken = reports_of(actor.tenant)
        parties = [{"party": own["party"], "name": own["name"], "made_at": own["made_at"], "sha256": "", "origin": "", "ours": True}]  # fmt: skip
        answers = {own["party"]: {one["question"]: one for one in own["answers"]}}
        certificates = {own["party"]: {one["standard"]: one for one in own["certificates"]}}
        named = dict(codes_and_names(actor.tenant))
        for code, line in sorted(taken.items()):
            said = line.said
            # as we call it: what a report calls itself is its own word
            parties.append({"party": code, "name": named.get(code, said["name"]), "made_at": said["made_at"], "sha256": said["sha256"], "origin": said["origin"], "ours": False})  # fmt: skip
            answers[code] = {one["question"]: one for one in said["answers"]}
            certificates[code] = {one["standard"]: {**one, "state": state_of(one if one.get("from_on") else {}, today)} for one in said["certificates"]}  # fmt: skip
    keys = [one["question"] for one in own["answers"]]
    standards = [one["standard"] for one in own["certificates"]]
    return {
        "rule_set": own["rule_set"], "parties": parties,
        "questions": [
            {"question": key, "name": answers[own["party"]][key]["name"], "answers": {code: _short(held.get(key)) for code, held in answers.items()}}
            for key in keys
        ],
        "certificates": [
            {"standard": one, "parties": {code: _dates(held.get(one)) for code, held in certificates.items()}} for one in standards
        ],
    }  # fmt: skip


def _short(one: dict | None) -> dict:
    """An answer as it stands beside others; none where the report had no such question."""
    if one is None:
        return {"source": NONE, "value": None, "unit": "", "words": ""}
    # what people said stands beside a figure, never instead of it
    words = f"{one['words']} {one['stated']}".strip() if one["source"] == RECORD else one["stated"]
    return {"source": one["source"], "value": one["value"], "unit": one["unit"], "words": words}


def _dates(one: dict | None) -> dict:
    if one is None:
        return {"state": NONE, "from_on": "", "until_on": ""}
    return {"state": one["state"], "from_on": one["from_on"], "until_on": one["until_on"]}
