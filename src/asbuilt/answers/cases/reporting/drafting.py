"""The text of each field as the record gives it, with where it comes from. Pure over what is known; a field that the record does not know has none.

    generated(source, matrix, earlier)   -> {"title": Drafted(text, sources), …}
    since(source, matrix, earlier)       -> {"member_states": "DE, FR"}: copied fields of which the record says something else by now

English, as the platform takes nothing else. A field that a report copies has the text that was submitted before; only where none was submitted it
is drafted anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asbuilt.answers.cases.handling.case_file import CaseFile, Run
from asbuilt.answers.cases.handling.clocks import AWARE
from asbuilt.answers.cases.handling.statements import Line
from asbuilt.answers.cases.reporting.field_rules import COPIED, PRODUCT, STATES, Field, Matrix, joined, member_states
from asbuilt.answers.cases.reporting.known import Known, ProductUnits
from asbuilt.formats.countries import is_code

MITIGATING, CORRECTIVE = "mitigating", "corrective"
ANSWER, CASE, FEED, RULES, EARLIER, RECORD = "frozen_answer", "case", "feed", "rules", "submitted", "record"
LIST_MAX = 12  # names in a sentence; what is left out is counted
_VECTORS = {"AV:N": "network", "AV:A": "adjacent network", "AV:L": "local", "AV:P": "physical"}


@dataclass(frozen=True)
class Drafted:
    """A text and what it rests on: (kind, which, what of it)."""

    text: str
    sources: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Earlier:
    """What was submitted in a stage before: its texts, its reference and time as text."""

    stage: str
    reference: str
    at: str
    texts: dict[str, str]
    drafted: dict[str, set[str]] = field(
        default_factory=dict
    )  # field -> what the record gave for it in the stages before


@dataclass(frozen=True)
class Source:
    """What a draft is made of."""

    case: CaseFile
    run: Run
    known: Known
    stage: str
    parties: dict[int, str]
    asked: Line | None = None

    def measures(self, *wanted: str) -> list[Line]:
        """The measures that are available, of these kinds, the earliest first."""
        kinds = wanted or (MITIGATING, CORRECTIVE)
        mine = (None, self.run.party)
        held = [one for one in self.case.measures.values() if one.at is not None and one.party in mine]
        return sorted((one for one in held if one.said["kind"] in kinds), key=lambda one: one.at)


def generated(source: Source, matrix: Matrix, earlier: Earlier | None) -> dict[str, Drafted]:
    """Field -> its text with sources; fields of which the record knows nothing are left out."""
    found: dict[str, Drafted] = {}
    for one in matrix.of(source.run.duty.duty, source.stage):
        drafted = _earlier(one, source.stage, earlier) or _drafted(one, source)
        if drafted is None and earlier is not None and earlier.texts.get(one.field):
            drafted = _submitted(one, earlier)
        if drafted is not None and drafted.text.replace("-", "").strip():
            found[one.field] = drafted
    return found


def since(source: Source, matrix: Matrix, earlier: Earlier | None) -> dict[str, str]:
    """Field that is copied -> what the record gives now, where that is neither what was submitted nor what the record gave then."""
    found = {}
    for one in matrix.of(source.run.duty.duty, source.stage):
        if _earlier(one, source.stage, earlier) is None:
            continue
        fresh = _drafted(one, source)
        if fresh and fresh.text not in {earlier.texts[one.field], *earlier.drafted.get(one.field, ())}:
            found[one.field] = fresh.text
    return found


def unplaced(source: Source, matrix: Matrix) -> dict[str, int]:
    """What the record says instead of a country (empty: nothing) -> units there. They may be in a Member State that the draft does not name."""
    if not any(one.kind == STATES for one in matrix.of(source.run.duty.duty, source.stage)):
        return {}
    return {said: count for said, count in sorted(source.known.countries.items()) if not is_code(said)}


def _earlier(one: Field, stage: str, earlier: Earlier | None) -> Drafted | None:
    if earlier is None or one.owed(stage) != COPIED or not earlier.texts.get(one.field):
        return None
    return _submitted(one, earlier)


def _submitted(one: Field, earlier: Earlier) -> Drafted:
    return Drafted(earlier.texts[one.field], [(EARLIER, earlier.stage, f"{earlier.at} {earlier.reference}".strip())])


def _drafted(one: Field, source: Source) -> Drafted | None:
    if one.repeats == PRODUCT:
        told = [_of_product(one, source, each) for each in source.known.products]
        if not any(each.text for each in told if each):
            return None
        sources = dict.fromkeys(one for each in told if each for one in each.sources)
        return Drafted(joined([each.text if each else "" for each in told]), list(sources))
    writer = _WRITERS.get(one.field)
    return writer(source) if writer else None


# ---- what several fields say


def minute(at: int) -> str:
    """An instant as the platform takes it: to the minute, in UTC."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).strftime("%Y-%m-%d %H:%M UTC")


def _line(line: Line, what: str = "") -> tuple[str, str, str]:
    return CASE, str(line.entry), what or line.name or line.kind


def _answer(source: Source, what: str) -> tuple[str, str, str]:
    return ANSWER, source.known.answer.ulid, what


def listed(names: list[str]) -> str:
    """Names with commas; behind twelve how many more."""
    shown = ", ".join(names[:LIST_MAX])
    return shown if len(names) <= LIST_MAX else f"{shown} and {len(names) - LIST_MAX} more"


def _numbers(source: Source) -> str:
    """The three numbers, never the first alone."""
    units = source.known.units
    return f"{units['certain']:,} units certainly, {units['possible']:,} possibly; of {units['unrecorded']:,} the record does not say"


def _states(source: Source) -> list[str]:
    return sorted(set(source.known.countries) & member_states())


def _where(source: Source) -> str:
    known = source.known
    if not known.countries:
        return "None of them was shipped."
    ordered = sorted(known.countries.items(), key=lambda row: (-row[1], row[0]))
    each = listed([f"{code or 'country not recorded'} {count:,}" for code, count in ordered])
    held = "1 customer" if known.customers == 1 else f"{known.customers:,} customers"
    return f"Shipped to {held}: {each}. Not shipped: {known.here:,}."


def _product_names(source: Source) -> str:
    return listed([one.product for one in source.known.products])


def _versions(source: Source) -> str:
    said = [f"{one.product}: {_version(source, one).text}" for one in source.known.products]
    return "; ".join(each for each in said if not each.endswith(": "))


# ---- fields of a product


def _name(source: Source, one: ProductUnits) -> Drafted:
    return Drafted(one.product, [_line(source.case.products[one.product], "product")])


def _version(source: Source, one: ProductUnits) -> Drafted:
    """What a person said of the versions; else firmware and hardware revisions of the affected units."""
    said = source.case.products.get(one.product)
    if said is not None and said.said.get("versions"):
        return Drafted(said.said["versions"], [_line(said, "versions")])
    told = []
    if one.firmware:
        told.append(f"firmware {listed(one.firmware)}")
    if one.revisions:
        told.append(f"hardware revision {listed(one.revisions)}")
    if not told:
        return Drafted("")
    if one.firmware and one.without_firmware:
        told.append(f"{one.without_firmware:,} units without a record of their firmware")
    return Drafted("; ".join(told), [_answer(source, "firmware, revisions")])


def _of_product(rule: Field, source: Source, one: ProductUnits) -> Drafted | None:
    """Its name and versions by the answer; class and support as it was decided, in the recipient's words."""
    writer = _OF_PRODUCT.get(rule.field)
    if writer is not None:
        return writer(source, one)
    fact = source.known.facts.get(one.product, {}).get(rule.fact)
    if fact is None:
        return None
    text = rule.words.get(fact.value, "") if rule.words else fact.value
    return Drafted(text, [fact.source] if text else [])


_OF_PRODUCT: dict[str, Callable[[Source, ProductUnits], Drafted]] = {"product_name": _name, "product_version": _version}


# ---- fields of the report


def _kind(source: Source) -> Drafted:
    word = "incident" if source.run.duty.duty == "cra.incident" else "vulnerability"
    return Drafted(word, [(RULES, source.run.rules.rule_set, source.run.duty.duty)])


def _title(source: Source) -> Drafted:
    return Drafted(source.case.title, [_line(source.case.lines[0], "title")])


def _summary(source: Source) -> Drafted:
    case, known = source.case, source.known
    told, sources = [f"{case.title}."], [_line(case.lines[0], "title")]
    if known.vulnerabilities:
        told.append(f"Vulnerability: {listed([one.name for one in known.vulnerabilities])}.")
        sources.append((FEED, listed([one.name for one in known.vulnerabilities]), "names"))
    if known.products:
        told.append(f"Products: {_product_names(source)}.")
    if known.counted:
        told.append(f"Affected: {_numbers(source)}. {_where(source)}")
        sources.append(_answer(source, "units, shipments"))
    for one in source.measures():
        told.append(f"{'Fix' if one.said['kind'] == CORRECTIVE else 'Workaround'} since {minute(one.at)}: {one.why}")
        sources.append(_line(one))
    return Drafted("\n".join(told), sources)


def _manufacturer(source: Source) -> Drafted | None:
    name = source.parties.get(source.run.party) if source.run.party is not None else None
    return Drafted(name, [(RECORD, "parties", "name")]) if name else None


def _member_states(source: Source) -> Drafted | None:
    codes = _states(source)
    return Drafted(", ".join(codes), [_answer(source, "shipments")]) if codes else None


def _all_products(source: Source) -> Drafted | None:
    lines = [_line(source.case.products[one.product], "product") for one in source.known.products]
    return Drafted(_product_names(source), lines) if source.known.products else None


def _all_versions(source: Source) -> Drafted | None:
    text = _versions(source)
    return Drafted(text, [_answer(source, "firmware, revisions")] if source.known.answer else []) if text else None


def _component(source: Source) -> Drafted | None:
    names = source.known.components
    return Drafted(listed(names), [(FEED, source.known.vulnerabilities[0].name, "findings")]) if names else None


def _users(source: Source) -> Drafted | None:
    found = source.measures()
    return Drafted(joined([one.why for one in found]), [_line(one) for one in found]) if found else None


def _user_action(source: Source) -> Drafted | None:
    found = source.measures(MITIGATING)
    return Drafted("\n".join(one.why for one in found), [_line(one) for one in found]) if found else None


def _taken(source: Source) -> Drafted | None:
    found = source.measures()
    texts = [f"{minute(one.at)}, {one.said['kind']}: {one.why}" for one in found]
    return Drafted(joined(texts), [_line(one) for one in found]) if found else None


def _mitigation(source: Source) -> Drafted | None:
    found = source.measures()
    texts = [f"{minute(one.at)}, {one.said['kind']}: {one.why}" for one in found]
    return Drafted("\n".join(texts), [_line(one) for one in found]) if found else None


def _measure_at(source: Source) -> Drafted | None:
    found = source.measures()
    return Drafted(minute(found[0].at), [_line(found[0])]) if found else None


def _update(source: Source) -> Drafted | None:
    found = source.measures(CORRECTIVE)
    return Drafted("\n".join(one.why for one in found), [_line(one) for one in found]) if found else None


def _vector(source: Source) -> Drafted | None:
    for one in source.known.vulnerabilities:
        word = next((word for part, word in _VECTORS.items() if part in one.vector.split("/")), "")
        if word:
            return Drafted(f"{word} ({one.vector})", [(FEED, one.name, "CVSS vector")])
    return None


def _named(prefix: str) -> Callable[[Source], Drafted | None]:
    def write(source: Source) -> Drafted | None:
        names = [one.name for one in source.known.vulnerabilities] + source.known.other_names
        found = sorted({name for name in names if name.startswith(prefix)})
        return Drafted(", ".join(found), [(FEED, found[0], "names")]) if found else None

    return write


def _nature_v(source: Source) -> Drafted | None:
    """(a) what feeds call it; (b) that it is listed as exploited, where a feed says so. No word more."""
    told, sources = [], []
    for one in source.known.vulnerabilities:
        if one.title:
            told.append(f"(a) {one.name}: {one.title}")
        if one.exploited:
            since = f" since {minute(one.exploited_at)}" if one.exploited_at else ""
            told.append(f"(b) {one.name}: listed as exploited{since}")
        if one.title or one.exploited:
            sources.append((FEED, one.name, "title, exploited"))
    decided = source.run.decision
    if decided is not None:
        told.append(f"(b) {decided.why}")
        sources.append(_line(decided, "decision"))
    return Drafted("\n".join(told), sources) if told else None


def _severity_v(source: Source) -> Drafted | None:
    told, sources = [], []
    for one in source.known.vulnerabilities:
        parts = []
        if one.score is not None:
            parts.append(f"CVSS {one.score:.1f}" + (f" ({one.vector})" if one.vector else ""))
        if one.epss is not None:
            parts.append(f"EPSS {one.epss:.3f}")
        if one.exploited:
            parts.append("listed as exploited")
        if parts:
            told.append(f"{one.name}: {', '.join(parts)}.")
            sources.append((FEED, one.name, "CVSS, EPSS, exploited"))
    return Drafted("\n".join(told), sources) if told else None


def _impact(source: Source) -> Drafted | None:
    if not source.known.counted:
        return None
    # a paper that goes to one manufacturer names no product of another, as the question of a case about several does
    several = len({line.party for line in source.case.products.values() if line.said["role"] != "none"}) > 1
    what = "units, shipments" if several else f"units of {source.known.answer.question}"
    return Drafted(f"Affected: {_numbers(source)}. {_where(source)}", [_answer(source, what)])


def _aware(source: Source) -> Drafted | None:
    aware = source.run.aware
    return Drafted(minute(aware.at), [_line(aware, AWARE)]) if aware is not None else None


def _occurred(source: Source) -> Drafted | None:
    line = source.case.moments.get("occurred_at")
    return Drafted(minute(line.at), [_line(line)]) if line is not None and line.at is not None else None


def _nature_i(source: Source) -> Drafted | None:
    decided = source.run.decision
    if decided is None:
        return None
    says = next((one.says for one in source.run.rules.grounds if one.ground == decided.said["ground"]), "")
    return Drafted(f"{source.case.title}.\n{says}\n{decided.why}", [_line(decided, "decision")])


def _assessment(source: Source) -> Drafted | None:
    lines = [source.case.moments.get("assessment_started_at"), source.case.moments.get("assessment_concluded_at")]
    lines = [one for one in [*lines, source.run.aware] if one is not None and one.at is not None]
    words = {AWARE: "Aware", "assessment_started_at": "Begun", "assessment_concluded_at": "Concluded"}
    told = [f"{words[one.name]} {minute(one.at)}: {one.why}".rstrip(": ") for one in lines]
    return Drafted("\n".join(told), [_line(one) for one in lines]) if told else None


def _proof(source: Source) -> Drafted | None:
    frozen = source.known.answer
    if frozen is None or not source.known.counted:
        return None
    return Drafted(f"Answer {frozen.ulid}, SHA-256 {bytes(frozen.sha256).hex()}", [_answer(source, "hash")])


def _asked(source: Source) -> Drafted | None:
    return Drafted(source.asked.why, [_line(source.asked, "asked")]) if source.asked is not None else None


_WRITERS: dict[str, Callable[[Source], Drafted | None]] = {
    "type": _kind, "title": _title, "summary": _summary, "manufacturer": _manufacturer, "member_states": _member_states,
    "component": _component, "user_action": _user_action, "measures_taken": _taken, "measures_users": _users, "attack_vector": _vector,
    "cve": _named("CVE-"), "euvd": _named("EUVD-"), "general_info_v": _nature_v, "measure_available_at": _measure_at,
    "update_details": _update, "severity_v": _severity_v, "impact_v": _impact, "aware_at_v": _aware, "aware_at_i": _aware,
    "aware_at": _aware, "occurred_at": _occurred, "general_info_i": _nature_i, "initial_assessment": _assessment,
    "mitigation_ongoing": _mitigation, "impact_i": _impact, "impact": _impact, "affected": _impact, "proof": _proof, "asked": _asked,
    "product_name": _all_products, "product_version": _all_versions,
}  # fmt: skip
