"""What may be typed next: terms with their meanings, and values that begin so, of what this reader may see.

At most 12 values, exact beginnings first. A value is taken from the index of its table; nothing is counted. Questions by
operator complete only for who may ask them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.queries import may_ask_by_operator
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.answering.sight import Sight
from asbuilt.questions.genealogy.evaluating.borne import HANDLED, borne, not_gone
from asbuilt.questions.genealogy.evaluating.defects_found import codes_found
from asbuilt.questions.genealogy.evaluating.history import floor_names
from asbuilt.questions.genealogy.evaluating.made_with import codes_named
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import complete_at
from asbuilt.questions.genealogy.words.more_terms import VALUES_ABOVE
from asbuilt.questions.genealogy.words.terms import FAILED, OUTCOME_WORDS, SCOPE, STATES, TERMS, WORD
from asbuilt.storage import reading

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_CONDITION = re.compile(r"(\w+)=(?:[^\s=(]*,)?$")
_MARKED = re.compile(r"[.@(=<>]")
VALUES_MAX = 12
TERMS_MAX = 40
LOOKED_AT_MAX = 2_000
FIRST_LETTERS = 200


@dataclass(frozen=True)
class Suggestion:
    """A completion: `text` takes the place of characters [start, end) of the question; `hint` says what it is (a marked text
    where `meaning` is True); `more` says that a value follows it."""

    text: str
    hint: str
    start: int
    end: int
    meaning: bool = False
    more: bool = False


Pair = tuple[str, str]  # a value and its hint


def complete(actor: Actor, text: str, cursor: int) -> list[Suggestion]:
    """Suggestions for what is being typed at the cursor. At most sixteen statements."""
    at = complete_at(text[:10_000], cursor)
    with reading.snapshot():
        view = view_of(actor)
        if at.kind == "term":
            return _terms(view, at)
        name = at.term if at.term in TERMS else ""
        if name == "test" and text[at.start - 1 : at.start] == "=":  # the plan stands already
            return [Suggestion(word, "", at.start, at.end) for word in OUTCOME_WORDS if word.startswith(at.prefix)]
        if name in CONDITIONS and (told := _in_pass(text[: at.start], name)) is not None:
            return _conditions(view, Sight(view), at, name, told)
        values = VALUES.get(name) or VALUES_ABOVE.get(name)
        if values is None or (name == "operator" and not may_ask_by_operator(view.actor)):
            return []
        sight = Sight(view)
        # codes are mostly capitals: what is typed small finds them too
        found = dict(values(view, sight, at.prefix) or values(view, sight, at.prefix.upper()))
    return [
        Suggestion(_quoted(name, value), hint, at.start, at.end) for value, hint in list(found.items())[:VALUES_MAX]
    ]


def _in_pass(before: str, name: str) -> str | None:
    """What stands before the value behind `passed:` or `tested:`: the condition in whose place it is, "" where one begins, "@" in the window of
    time; None where it is a step, machine or plan."""
    said = _QUOTED.sub("q", before[before.rfind(f"{name}:") + len(name) + 1 :])
    if said.count("(") > said.count(")"):
        condition = _CONDITION.search(said)
        return condition[1] if condition else ""
    return "@" if "@" in said else None


def _conditions(view: View, sight: Sight, at, name: str, told: str) -> list[Suggestion]:
    """Conditions of one pass or run, or what one may say; nothing for moments."""
    if not told:
        names = [f"{one}=" for one in CONDITIONS[name] if one.startswith(at.prefix)]
        return [Suggestion(one, "", at.start, at.end, more=True) for one in names]
    rule = CONDITIONS[name].get(told)
    found = rule(view, sight, at.prefix) if rule else []
    return [Suggestion(_quoted("lot", value), "", at.start, at.end) for value, _ in found[:VALUES_MAX]]


def _quoted(name: str, value: str) -> str:
    """The value as it must be typed: in quotes where it holds a blank or a mark."""
    if name in ("firmware", "component") or value == FAILED:
        return value
    if name == "test":
        plan, mark, outcome = value.rpartition("=")
        return f"{_quoted('passed', plan)}{mark}{outcome}"
    # behind a step or machine stand conditions, a window, a reading
    told = written("lot", value).removeprefix("lot:")
    return f'"{told}"' if name in ("passed", "tested", "reading") and told == value and _MARKED.search(value) else told


def _terms(view: View, at) -> list[Suggestion]:
    negation = "-" if at.prefix.startswith("-") else ""
    prefix = at.prefix.removeprefix("-").casefold()
    found = []
    for rule in TERMS.values():
        if not rule.name.startswith(prefix) or (rule.name == "operator" and not may_ask_by_operator(view.actor)):
            continue
        text = f"{rule.name}:(" if rule.kind == SCOPE else rule.written
        found.append(Suggestion(negation + text, rule.meaning, at.start, at.end, meaning=True, more=rule.kind != WORD))
    return found[:TERMS_MAX]


def _beginning(rows: Iterable[tuple], prefix: str, allowed: Callable[[tuple], bool] = lambda row: True) -> list[Pair]:
    folded = prefix.casefold()
    return [(row[0], row[1]) for row in rows if row[0] and row[0].casefold().startswith(folded) and allowed(row)]


def _ahead(
    view: View, columns: str, table: str, column: str, prefix: str, more: str = "", limit: int = LOOKED_AT_MAX
) -> list[tuple]:
    """Rows from this beginning on, by the index of the column."""
    sql = f"SELECT {columns} FROM {table} WHERE t.tenant = %s AND {column} >= %s{more} ORDER BY {column} LIMIT {int(limit)}"
    return reading.fetch(sql, (view.tenant, prefix))


def _lots(view: View, sight: Sight, prefix: str) -> list[Pair]:
    table = "supply_lot t JOIN supply_package p ON p.tenant = t.tenant AND p.lot = t.number"
    rows = _ahead(
        view, "t.lot_code, t.maker, t.mpn, t.date_code, p.number", table, "t.lot_code", prefix, view.seen("p")
    )
    allowed = sight.packages()
    said = [
        (code, " ".join(filter(None, (maker, mpn, date and f"· {date}"))), package)
        for code, maker, mpn, date, package in rows
    ]
    return _beginning(said, prefix, lambda row: allowed is None or row[2] in allowed)


def _packages(view: View, sight: Sight, prefix: str) -> list[Pair]:
    table = "supply_package t JOIN supply_lot l ON l.tenant = t.tenant AND l.number = t.lot"
    rows = _ahead(view, "t.code, l.mpn, l.lot_code, t.number", table, "t.code", prefix, view.seen("t"))
    allowed = sight.packages()
    said = [(code, " · ".join(filter(None, (mpn, lot))), number) for code, mpn, lot, number in rows]
    return _beginning(said, prefix, lambda row: allowed is None or row[2] in allowed)


def _of_lots(column: str) -> Callable[[View, Sight, str], list[Pair]]:
    def values(view: View, sight: Sight, prefix: str) -> list[Pair]:
        table = "supply_lot t JOIN supply_package p ON p.tenant = t.tenant AND p.lot = t.number"
        if sight.whole:
            stands = borne(view, "supply_lot")
            sql = f"SELECT DISTINCT t.{column}, '' FROM supply_lot t WHERE t.tenant = %s{stands} ORDER BY 1"
            rows = reading.fetch(sql, (view.tenant,))
            return _beginning(rows, prefix)
        sql = f"SELECT DISTINCT t.{column}, '', p.number FROM {table} WHERE t.tenant = %s{view.seen('p')} ORDER BY 1"
        allowed = sight.packages()
        return _beginning(reading.fetch(sql, (view.tenant,)), prefix, lambda row: row[2] in allowed)

    return values


def _parts(view: View, sight: Sight, prefix: str) -> list[Pair]:
    mpns = _of_lots("mpn")(view, sight, prefix)
    if not sight.whole:
        sql = "SELECT c.code, '', p.number FROM supply_package p JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part "
        rows = reading.fetch(f"{sql}WHERE p.tenant = %s{view.seen('p')}", (view.tenant,))
        allowed = sight.packages()
        return sorted(set(_beginning(rows, prefix, lambda row: row[2] in allowed))) + mpns
    stands = borne(view, "catalog_part")
    rows = _ahead(view, "t.code, ''", "catalog_part t", "t.code", prefix, stands, FIRST_LETTERS)
    return _beginning(rows, prefix) + mpns


def _numbered(table: str, column: str, seen: Callable[[Sight], set | None], hint: str = "''") -> Callable:
    """Codes of a small table whose numbers the sight limits."""

    def values(view: View, sight: Sight, prefix: str) -> list[Pair]:
        allowed = seen(sight)
        sql = f"SELECT t.{column}, {hint}, t.number FROM {table} t WHERE t.tenant = %s{borne(view, table)} ORDER BY 1"
        rows = reading.fetch(sql, (view.tenant,))
        return _beginning(rows, prefix, lambda row: allowed is None or row[2] in allowed)

    return values


def _orders(view: View, sight: Sight, prefix: str) -> list[Pair]:
    allowed = sight.orders()
    rows = _ahead(view, "t.code, '', t.number", "production_order t", "t.code", prefix, view.seen("t"))
    return _beginning(rows, prefix, lambda row: allowed is None or row[2] in allowed)


def _panels(view: View, sight: Sight, prefix: str) -> list[Pair]:
    rows = _ahead(
        view, "t.code, '', t.first_unit, t.until_unit", "production_panel t", "t.code", prefix, view.seen("t")
    )
    return _beginning(rows, prefix, lambda row: sight.whole or sight.units.range_cardinality(row[2], row[3]) > 0)


def _units(view: View, sight: Sight, prefix: str) -> list[Pair]:
    limit = FIRST_LETTERS if sight.whole else LOOKED_AT_MAX
    rows = _ahead(view, "t.value, '', t.unit", "production_unit_name t", "t.value", prefix, view.seen("t"), limit)
    return _beginning(rows, prefix, lambda row: sight.whole or row[2] in sight.units)


def _firmware(view: View, sight: Sight, prefix: str) -> list[Pair]:
    sql = (
        "SELECT t.version, c.code, t.product, t.role FROM firmware_release t JOIN catalog_product c ON c.tenant = t.tenant "
        f"AND c.number = t.product WHERE t.tenant = %s{view.seen('t')} ORDER BY t.version"
    )
    allowed = sight.products()
    said = [
        (version if role in ("", "app") else f"{role}/{version}", product, number)
        for version, product, number, role in reading.fetch(sql, (view.tenant,))
    ]
    return _beginning(said, prefix, lambda row: allowed is None or row[2] in allowed)


def _images(view: View, sight: Sight, prefix: str) -> list[Pair]:
    sql = f"SELECT t.sha256, t.version, t.product FROM firmware_release t WHERE t.tenant = %s{view.seen('t')}"
    allowed = sight.products()
    said = [(bytes(image).hex(), version, number) for image, version, number in reading.fetch(sql, (view.tenant,))]
    return _beginning(said, prefix, lambda row: allowed is None or row[2] in allowed)


def _parties(seen: Callable[[Sight], set | None]) -> Callable:
    def values(view: View, sight: Sight, prefix: str) -> list[Pair]:
        allowed = seen(sight)
        named = sorted((name, "", number) for number, name in party_names(view.tenant, view.entry).items())
        return _beginning(named, prefix, lambda row: allowed is None or row[2] in allowed)

    return values


def _of_role(role: str) -> Callable:
    def values(view: View, sight: Sight, prefix: str) -> list[Pair]:
        sql = f"SELECT t.name, t.country, t.roles FROM parties_party t WHERE t.tenant = %s{view.seen('t')} ORDER BY t.name"
        return (
            _beginning(reading.fetch(sql, (view.tenant,)), prefix, lambda row: role in row[2].split(";"))
            if sight.whole
            else []
        )

    return values


def _received(view: View, sight: Sight, prefix: str) -> list[Pair]:
    """Customers with a shipment, by name."""
    sql = f"SELECT DISTINCT t.customer FROM shipping_shipment t WHERE t.tenant = %s{borne(view, 'shipping_shipment')}"
    rows = reading.fetch(sql, (view.tenant,))
    with_shipment = {number for (number,) in rows}
    return _parties(lambda sight: with_shipment if sight.whole else with_shipment & sight.customers())(
        view, sight, prefix
    )


def _ordered(view: View, sight: Sight, prefix: str) -> list[Pair]:
    """Owners with an order, by name."""
    sql = "SELECT DISTINCT t.owner FROM production_order t WHERE t.tenant = %s" + view.seen("t")
    rows = reading.fetch(sql, (view.tenant,))
    with_order = {number for (number,) in rows}
    return _parties(lambda sight: with_order if sight.whole else with_order & sight.owners())(view, sight, prefix)


def _countries(view: View, sight: Sight, prefix: str) -> list[Pair]:
    allowed = sight.countries()
    stands = borne(view, "shipping_shipment")
    sql = f"SELECT DISTINCT t.country, '' FROM shipping_shipment t WHERE t.tenant = %s{stands} ORDER BY 1"
    rows = reading.fetch(sql, (view.tenant,))
    return _beginning(rows, prefix, lambda row: allowed is None or row[0] in allowed)


def _shipments(view: View, sight: Sight, prefix: str) -> list[Pair]:
    allowed = sight.shipments()
    rows = _ahead(view, "t.code, t.country", "shipping_shipment t", "t.code", prefix, borne(view, "shipping_shipment"))
    return _beginning(rows, prefix, lambda row: allowed is None or row[0] in allowed)


def _feeders(view: View, sight: Sight, prefix: str) -> list[Pair]:
    """Feeders, and behind a machine its own; a party reader is told none."""
    found = _floor("feeder")(view, sight, prefix)
    machine, slash, _ = prefix.partition("/")
    if not slash or not sight.whole:
        return [(name, "") for name, _ in found]
    sql = (
        "SELECT DISTINCT m.name, f.name FROM production_floor_name m JOIN production_material_run r ON r.tenant = m.tenant AND r.machine = "
        "m.number JOIN production_floor_name f ON f.tenant = r.tenant AND f.number = r.feeder WHERE m.tenant = %s AND m.kind = 'machine' AND "
        f"lower(m.name) = lower(%s){view.seen('r')} ORDER BY f.name"
    )
    rows = reading.fetch(sql, (view.tenant, machine))
    return [(name, "") for name, _ in found] + _beginning([(f"{name}/{feeder}", "") for name, feeder in rows], prefix)


def _floor(*kinds: str) -> Callable:
    """Names of the floor; a party reader is told none."""

    def values(view: View, sight: Sight, prefix: str) -> list[Pair]:
        return _beginning([(name, kind) for kind, name in floor_names(view, kinds)], prefix) if sight.whole else []

    return values


def _made_with(term: str) -> Callable:
    """Pastes, stencils, tools or alarms that runs name; a party reader is told none."""

    def values(view: View, sight: Sight, prefix: str) -> list[Pair]:
        return _beginning([(code, "") for code in codes_named(view, term)], prefix) if sight.whole else []

    return values


def _defects(view: View, sight: Sight, prefix: str) -> list[Pair]:
    return _beginning([(code, "") for code in codes_found(view)], prefix) if sight.whole else []


def _positions(view: View, sight: Sight, prefix: str) -> list[Pair]:
    rows = _ahead(view, "DISTINCT t.refdes, ''", "catalog_group_position t", "t.refdes", prefix, "", FIRST_LETTERS)
    return _beginning(rows, prefix) if sight.whole else []


def _tests(view: View, sight: Sight, prefix: str) -> list[Pair]:
    plans = [
        (f"{plan}={outcome}", "")
        for plan, _ in _floor("plan")(view, sight, prefix.partition("=")[0])
        for outcome in OUTCOME_WORDS
    ]
    return _beginning([("failed", ""), *plans], prefix)


def _people(view: View, sight: Sight, prefix: str) -> list[Pair]:
    if not sight.whole:
        return []
    handled = " UNION ".join(
        f"SELECT k.operator FROM {table} k WHERE k.tenant = %s AND k.operator IS NOT NULL{not_gone(view, 'k')}"
        for table in HANDLED
    )
    sql = f"SELECT t.code, '' FROM access_person t WHERE t.tenant = %s AND t.code IS NOT NULL AND t.number IN ({handled}) ORDER BY t.code"
    return _beginning(reading.fetch(sql, (view.tenant,) * (1 + len(HANDLED))), prefix)


VALUES: dict[str, Callable[[View, Sight, str], list[Pair]]] = {
    "lot": _lots, "package": _packages, "part": _parts, "maker": _of_lots("maker"), "datecode": _of_lots("date_code"),
    "supplier": _of_role("supplier"), "feeder": _feeders, "at": _positions, "order": _orders,
    "product": _numbered("catalog_product", "code", Sight.products), "revision": _numbered("catalog_revision", "code", Sight.revisions),
    "bom": _numbered("catalog_bom", "version", Sight.boms), "panel": _panels, "unit": _units, "firmware": _firmware,
    "image": _images, "passed": _floor("step", "machine"), "reading": _floor("step", "machine"), "station": _floor("station"),
    "tested": _floor("station", "plan"), "paste": _made_with("paste"), "stencil": _made_with("stencil"), "tool": _made_with("tool"), "alarm": _made_with("alarm"), "defect": _defects,
    "operator": _people, "test": _tests, "in": lambda view, sight, prefix: _beginning([(state, "") for state in STATES], prefix),
    "customer": _received, "owner": _ordered, "country": _countries, "shipment": _shipments,
}  # fmt: skip


def _one_of(*words: str) -> Callable[[View, Sight, str], list[Pair]]:
    return lambda view, sight, prefix: _beginning([(word, "") for word in words], prefix)


CONDITIONS: dict[str, dict[str, Callable[[View, Sight, str], list[Pair]]]] = {
    "passed": {
        "program": _floor("program"), "machine": _floor("machine"), "step": _floor("step"), "side": _one_of("top", "bottom"),
        "result": _one_of("completed", "failed", "aborted"), "pass": _one_of(),
    },
    "tested": {"plan": _floor("plan"), "station": _floor("station"), "outcome": _one_of(*OUTCOME_WORDS)},
}  # fmt: skip
"""What the bracket of one pass or run may ask, and the values of each."""
