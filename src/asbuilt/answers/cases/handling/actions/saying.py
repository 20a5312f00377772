"""What people say of a case: products and roles, duties of the house, moments, measures, notes.

    add_product(actor, case="C-1", product="EG-200")          role and manufacturer out of the record of roles, or as said
    say_duty(actor, case="C-1", duty="nis2", on=True, why="…")
    state_moment(actor, case="C-1", moment="aware_at", at=…, why="…")      of every duty, or of one
    state_measure(actor, case="C-1", kind="mitigating", at=…, why="…")     -> M-1; said again with its code it is superseded

A moment that was stated before is superseded, never changed: both stay, and so do the deadlines that were shown between. Refused: a
product whose manufacturer nobody knows, a duty that does not run. Invalid: a time ahead of the clock.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_DECIDE, CASE_WORK
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling import clocks
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX, not_ahead, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CASE_MOMENTS, MEASURE_KINDS, ROLES, SAID, CaseFile, Run, by_role
from asbuilt.answers.cases.handling.duty_rules import Duty, rule_sets
from asbuilt.answers.cases.handling.roles import party_named, role_towards
from asbuilt.answers.cases.handling.statements import New
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.designed.parties.queries import code_of
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.ledger.recording import Entry

HOURS_MAX = 24 * 366
PRODUCTS_MAX = 500
MEASURES_MAX = 200


def add_product(
    actor: Actor,
    *,
    case: str,
    product: str,
    role: str = "",
    manufacturer: str = "",
    versions: str = "",
    why: str = "",
    request_key: str | None = None,
) -> int:
    """The case is about this product; said again it supersedes what was said of its role and versions. Returns the entry.

    `role` is ours towards it: manufacturer, ems, importer, distributor; `none` takes the product off the case.
    """
    if role:
        one_of("role", role, (*ROLES, "none"))
    why, versions = text("why", why, needed=False), text("versions", versions, NAME_CHARACTERS_MAX, needed=False)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        known = standing_products(entry.tenant)
        if product not in known:
            remedy = did_you_mean(product, known) or "Add its BOM to bom.csv first."
            said = f"There is no product {product[:60]}."
            raise NotFound("catalog.product_unknown", said, {"product": product[:60]}, remedy)
        if product not in before.products and len(before.products) >= PRODUCTS_MAX:
            said = f"A case has at most {PRODUCTS_MAX} products."
            raise Refused("cases.products_many", said, {"case": case}, "Open another case for the others.")
        held = role_towards(entry.tenant, product, entry.recorded_at, role=role, manufacturer=manufacturer)
        said = {"role": held.role, "by": held.by, **({"versions": versions} if versions else {})}
        return [New(case, kinds.PRODUCT, why, party=held.party, name=product, said=said)]

    asked = ["product", product, role, manufacturer, versions, why]
    return state(actor, events.STATED, CASE_WORK, asked, lines, case=case, request_key=request_key)


def say_duty(
    actor: Actor,
    *,
    case: str,
    duty: str,
    why: str,
    on: bool = True,
    hours: int | None = None,
    party: str = "",
    request_key: str | None = None,
) -> int:
    """The house says that it has this duty here, or has it not; `hours` of a contract, for one brand owner or all. Returns the entry.

    Said off after somebody followed it, it ends with that reason: nothing more is owed or called, and what was said of it stays.
    """
    why = text("why", why)
    rules = rule_sets()[-1].duty(duty)
    if hours is not None and (rules.duty != "contract" or not 0 < hours <= HOURS_MAX):
        said = f"hours: only a contract's, from 1 to {HOURS_MAX:,}."
        raise Invalid("cases.hours_wrong", said, {"field": "hours"}, "The others' stand in the rules.")

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        if rules.when != SAID and rules.duty != "contract":
            said = f"{duty}: follows from the role towards a product and from what happened."
            raise Refused("cases.duty_by_role", said, {"case": case, "duty": duty}, starts(before, rules))
        said = {"on": "yes" if on else "no", **({"hours": str(hours)} if hours is not None else {})}
        number = party_named(entry.tenant, party) if party else None
        if not on and any(key[1] == duty and number in (None, key[0]) for key in by_role(before, before.kinds)):
            said = f"{duty}: follows from the role towards a product; switched off it would run on without its hours."
            remedy = f"Decide that it is not reportable: {_asks_nothing(duty)}."
            raise Refused("cases.duty_by_role", said, {"case": case, "duty": duty}, remedy)
        return [New(case, kinds.DUTY, why, party=number, duty=duty, said=said)]

    asked = ["duty", duty, why, on, hours, party]
    return state(actor, events.STATED, CASE_WORK, asked, lines, case=case, request_key=request_key)


def _asks_nothing(duty: str) -> str:
    """The grounds on which nothing is to be reported of this duty."""
    grounds = rule_sets()[-1].grounds_of(duty)
    return " or ".join(one.ground for one in grounds if one.decision == "not_reportable")


def state_moment(
    actor: Actor,
    *,
    case: str,
    moment: str,
    at: int,
    why: str,
    duty: str = "",
    manufacturer: str = "",
    request_key: str | None = None,
) -> int:
    """When it was (UTC µs), and why we say so; returns the entry. Awareness is of each duty and manufacturer, without them of all that run."""
    one_of("moment", moment, (clocks.AWARE, *CASE_MOMENTS))
    why = text("why", why)
    aware = moment == clocks.AWARE
    if not aware and (duty or manufacturer):
        said = f"{moment}: is of the whole case."
        raise Invalid("cases.moment_whole", said, {"field": "duty"}, "Leave duty and manufacturer out.")

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        not_ahead("at", at, entry)
        if not aware:
            return [New(case, kinds.MOMENT, why, name=moment, at=at)]
        runs = runs_named(before, entry.tenant, duty, manufacturer)
        return [New(case, kinds.MOMENT, why, party=one.party, duty=one.duty.duty, name=moment, at=at) for one in runs]

    asked = ["moment", moment, at, why, duty, manufacturer]
    right = CASE_DECIDE if aware else CASE_WORK
    return state(actor, events.STATED, right, asked, lines, case=case, request_key=request_key)


def state_measure(
    actor: Actor,
    *,
    case: str,
    kind: str,
    why: str,
    at: int | None,
    measure: str = "",
    manufacturer: str = "",
    request_key: str | None = None,
) -> int:
    """A mitigating or corrective measure is available since then; without `at` the one named is none. Returns the entry."""
    one_of("kind", kind, MEASURE_KINDS)
    why = text("why", why)
    if at is None and not measure:
        raise Invalid("cases.measure_when", "at: is missing.", {"field": "at"}, "Say since when users can have it.")

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        if at is not None:
            not_ahead("at", at, entry)
        if measure and measure not in before.measures:
            said = f"{case} has no measure {measure[:20]}."
            raise NotFound("cases.measure_unknown", said, {"measure": measure[:20]}, "Look at the case.")
        if not measure and len(before.measures) >= MEASURES_MAX:
            said = f"A case has at most {MEASURES_MAX} measures."
            raise Refused("cases.measures_full", said, {"case": case}, "The first one starts the clock.")
        code = measure or f"M-{len(before.measures) + 1}"
        number = party_named(entry.tenant, manufacturer) if manufacturer else None
        return [New(case, kinds.MEASURE, why, party=number, name=code, at=at, said={"kind": kind})]

    asked = ["measure", kind, why, at, measure, manufacturer]
    return state(actor, events.STATED, CASE_WORK, asked, lines, case=case, request_key=request_key)


def note(actor: Actor, *, case: str, words: str, request_key: str | None = None) -> int:
    """A line for whoever reads the case later; returns the entry."""
    words = text("words", words)

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        return [New(case, kinds.NOTE, words)]

    return state(actor, events.STATED, CASE_WORK, ["note", words], lines, case=case, request_key=request_key)


def runs_named(case: CaseFile, tenant: int, duty: str, manufacturer: str) -> list[Run]:
    """The duties of the case that are meant: of that name, towards that party; all that run, and were not ended, where none is named."""
    party = party_named(tenant, manufacturer) if manufacturer else None
    running = [one for one in case.runs if duty or one.ended is None]
    found = [one for one in running if duty in ("", one.duty.duty) and (not manufacturer or one.party == party)]
    if not found:
        running = ", ".join(
            f"{one.duty.duty} {code_of(tenant, one.party) if one.party else ''}".strip() for one in case.runs
        )
        said = f"{case.code} has no such duty."
        known = next((one for one in rule_sets()[-1].duties if one.duty == duty and one.when != SAID), None)
        remedy = f"These run: {running}." if running else "Add the product first: its role says which duties run."
        if known is not None and not manufacturer:
            remedy = starts(case, known)
        raise Refused("cases.duty_not_running", said, {"case": case.code, "duty": duty[:40]}, remedy)
    return found


def starts(case: CaseFile, duty: Duty) -> str:
    """What to say of the case so that a duty that follows from roles runs."""
    if not any(line.said["role"] == duty.when for line in case.products.values()):
        return "Add the product, with its role."
    if set(case.kinds).isdisjoint(duty.kinds):
        named = " or ".join(duty.kinds)
        return f"Say what the case turned out to be, and since when: `asbuilt case kind {case.code} {duty.kinds[0]}` ({named})."
    return "It runs: name its manufacturer."
