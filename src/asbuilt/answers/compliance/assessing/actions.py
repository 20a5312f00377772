"""Saying what a risk assessment says, line by line; each later line of the same name supersedes.

    say_context(actor, product="AB-100", purpose="…", foreseeable_use="…", conditions="…", expected_years=8)
    say_asset(actor, product="AB-100", words="update key")                                            -> "AS-1"
    say_threat(actor, product="AB-100", words="…", assets=["AS-1"], likelihood="medium", impact="high")  -> "TH-1"
    say_measure(actor, product="AB-100", words="…", threats=["TH-1"], requirements=["I.2.j"])         -> "ME-1"
    say_residual(actor, product="AB-100", threat="TH-1", likelihood="low", impact="high", accepted=True, why="…")
    say_requirement(actor, product="AB-100", requirement="I.2.j", applies="yes", how="…", questions=["…"])

Refused: a requirement that does not apply without a justification, one that always applies, a name that nobody said, a question that the record cannot answer.
"""

from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import COMPLIANCE_ASSESS
from asbuilt.answers.compliance.assessing.risks import LEVELS
from asbuilt.answers.compliance.events import ASSESSED
from asbuilt.answers.compliance.judging.actions import today
from asbuilt.answers.compliance.judging.decision import NO, YES
from asbuilt.answers.compliance.judging.rule_sets import rules_on
from asbuilt.answers.compliance.lines import ASSET, CONTEXT, MEASURE, REQUIREMENT, RESIDUAL, THREAT, Line, New, standing
from asbuilt.answers.compliance.stating import NAME_CHARACTERS_MAX, one_of, refuse_party, state, text
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.ledger.recording import Entry
from asbuilt.questions.genealogy.answering.answers import ask
from asbuilt.storage import reading

NAMES_MAX = 500
QUESTIONS_MAX = 20
YEARS_MAX = 100
PREFIXES = {ASSET: "AS-", THREAT: "TH-", MEASURE: "ME-"}


def say_context(
    actor: Actor,
    *,
    product: str,
    purpose: str,
    foreseeable_use: str = "",
    conditions: str = "",
    expected_years: int | None = None,
    why: str = "",
    request_key: str | None = None,
) -> int:
    """Intended purpose, foreseeable use, operating conditions, how many years it is expected to be used; returns the entry."""
    if expected_years is not None and not 1 <= expected_years <= YEARS_MAX:
        said = f"expected_years: {expected_years} is not between 1 and {YEARS_MAX}."
        raise Invalid("compliance.years_wrong", said, {"field": "expected_years"}, "Say whole years.")
    said = {
        "purpose": text("purpose", purpose),
        "foreseeable_use": text("foreseeable_use", foreseeable_use, needed=False),
        "conditions": text("conditions", conditions, needed=False),
        "expected_years": expected_years,
    }
    return _say(actor, product, CONTEXT, "", said, why, request_key)


def say_asset(
    actor: Actor, *, product: str, words: str, asset: str = "", gone: bool = False, request_key: str | None = None
) -> str:
    """Something worth protecting; `asset` supersedes one, `gone` takes it off. Returns its code."""
    said = {"words": text("words", words), "gone": gone}
    return _coded(actor, product, ASSET, asset, said, "", request_key)


def say_threat(
    actor: Actor,
    *,
    product: str,
    words: str,
    likelihood: str,
    impact: str,
    assets: Sequence[str] = (),
    threat: str = "",
    gone: bool = False,
    request_key: str | None = None,
) -> str:
    """What may happen to which assets, how likely, how bad, before measures. Returns its code."""
    said = {
        "words": text("words", words), "assets": list(dict.fromkeys(assets)), "likelihood": one_of("likelihood", likelihood, LEVELS),
        "impact": one_of("impact", impact, LEVELS), "gone": gone,
    }  # fmt: skip
    return _coded(actor, product, THREAT, threat, said, "", request_key)


def say_measure(
    actor: Actor,
    *,
    product: str,
    words: str,
    threats: Sequence[str] = (),
    requirements: Sequence[str] = (),
    measure: str = "",
    gone: bool = False,
    request_key: str | None = None,
) -> str:
    """What is done against which threats, and which requirements it serves. Returns its code."""
    known = rules_on(today()).requirements
    said = {
        "words": text("words", words), "threats": list(dict.fromkeys(threats)),
        "requirements": [one_of("requirements", key, known) for key in dict.fromkeys(requirements)], "gone": gone,
    }  # fmt: skip
    return _coded(actor, product, MEASURE, measure, said, "", request_key)


def say_residual(
    actor: Actor,
    *,
    product: str,
    threat: str,
    likelihood: str,
    impact: str,
    accepted: bool,
    why: str,
    request_key: str | None = None,
) -> int:
    """What is left of a threat after the measures, and whether somebody accepts it, and why. Returns the entry."""
    said = {
        "likelihood": one_of("likelihood", likelihood, LEVELS),
        "impact": one_of("impact", impact, LEVELS),
        "accepted": accepted,
    }
    return _say(actor, product, RESIDUAL, threat, said, text("why", why), request_key)


def say_requirement(
    actor: Actor,
    *,
    product: str,
    requirement: str,
    applies: str,
    how: str = "",
    why: str = "",
    questions: Sequence[str] = (),
    request_key: str | None = None,
) -> int:
    """Whether a requirement of Annex I applies (yes or no), how it is met, or why it does not apply; questions whose units prove it. Returns the entry."""
    refuse_party(actor, product)
    known = {one["key"]: one for one in rules_on(today()).part("requirements")}
    one_of("requirement", requirement, list(known))
    one_of("applies", applies, (YES, NO))
    why, how = text("why", why, needed=False), text("how", how, needed=False)
    if applies == NO and known[requirement]["always"]:
        said = f"{requirement} always applies."
        remedy = "Say how it is met; only points of Annex I Part I (2) may not apply."
        raise Refused("compliance.requirement_always", said, {"requirement": requirement}, remedy)
    if applies == NO and not why:
        said = f"{requirement}: does not apply, and no justification is given."
        remedy = "Article 13(4) asks for a clear justification: say why."
        raise Refused("compliance.justification_missing", said, {"requirement": requirement}, remedy)
    if applies == YES and not how:
        said = f"{requirement}: applies, and nobody says how it is met."
        raise Invalid("compliance.words_missing", said, {"field": "how"}, "Say it in a few words.")
    asked = [text("questions", one) for one in dict.fromkeys(questions) if one.strip()]
    if len(asked) > QUESTIONS_MAX:
        said = f"questions: more than {QUESTIONS_MAX}."
        raise Invalid("compliance.too_many", said, {"field": "questions"}, "Join some with `or`.")
    for question in asked:
        ask(actor, question)  # refused where the record cannot answer it
    said = {"applies": applies, "how": how, "questions": asked}
    return _say(actor, product, REQUIREMENT, requirement, said, why, request_key)


def _say(actor: Actor, product: str, kind: str, name: str, said: dict, why: str, request_key: str | None) -> int:
    why = text("why", why, needed=False)

    def lines(_: Entry, before: list[Line]) -> list[New]:
        if kind == RESIDUAL:
            _refuse_unsaid(before, THREAT, [name])
        return [New(product, kind, name=name, why=why, said=said)]

    asked = [kind, name, sorted(said.items()), why]
    return state(actor, ASSESSED, COMPLIANCE_ASSESS, product, asked, lines, request_key=request_key)


def _coded(actor: Actor, product: str, kind: str, code: str, said: dict, why: str, request_key: str | None) -> str:
    """A line with a code of its own, the next free one where none is named."""
    if len(code) > NAME_CHARACTERS_MAX:
        text("code", code, NAME_CHARACTERS_MAX)

    def lines(_: Entry, before: list[Line]) -> list[New]:
        named = {line.name for line in before if line.kind == kind}
        if code:
            _refuse_unsaid(before, kind, [code])
        elif len(named) >= NAMES_MAX:
            full = f"{product} has {NAMES_MAX} of them, the most there may be."
            raise Refused("compliance.names_many", full, {"product": product, "kind": kind}, "Join some.")
        _refuse_unsaid(before, ASSET, said.get("assets", ()))
        _refuse_unsaid(before, THREAT, said.get("threats", ()))
        return [New(product, kind, name=code or f"{PREFIXES[kind]}{len(named) + 1}", why=why, said=said)]

    asked = [kind, code, sorted(said.items())]
    entry = state(actor, ASSESSED, COMPLIANCE_ASSESS, product, asked, lines, request_key=request_key)
    sql = "SELECT name FROM compliance_statement WHERE tenant = %s AND entry = %s AND kind = %s"
    return reading.fetch_one(sql, (actor.tenant, entry, kind))[0]


def _refuse_unsaid(before: Sequence[Line], kind: str, names: Sequence[str]) -> None:
    known = {name for (of, _party, name), line in standing(before).items() if of == kind and not line.said.get("gone")}
    for name in names:
        if name not in known:
            said = f"There is no {kind} {name[:20]}."
            remedy = f"There are {', '.join(sorted(known)[:20])}." if known else "Say it first."
            raise NotFound("compliance.name_unknown", said, {"kind": kind, "name": name[:20]}, remedy)
