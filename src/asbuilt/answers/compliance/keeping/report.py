"""The retention report of a year: which clocks run, which begin and end in it, what was erased under which rule.

retention_report(actor, 2028)   -> {"year", "products": […], "updates": […], "supplies": […], "erased": […], "ending": […]}
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.rights import COMPLIANCE_READ
from asbuilt.answers.compliance.judging.actions import today
from asbuilt.answers.compliance.keeping.clock_rules import Rules, rules_on
from asbuilt.answers.compliance.keeping.periods import periods_of
from asbuilt.answers.compliance.keeping.placed import left_unplaced
from asbuilt.answers.compliance.keeping.seen import days_of, kept_until, product_units, update_clocks
from asbuilt.answers.compliance.lines import SUPPORT, lines_of
from asbuilt.answers.compliance.stating import refuse_party
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.erasure import erasures
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

FIRST_YEAR, LAST_YEAR = 1970, 9000


def retention_report(actor: Actor, year: int) -> dict:
    """The year as the record has it now. NotFound for a party's person; Invalid: no such year."""
    refuse_party(actor, "")
    actor.require(COMPLIANCE_READ)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        said = f"year: {year} is none."
        raise Invalid("compliance.year_wrong", said, {"field": "year"}, "Write it as 2028.")
    with reading.snapshot():
        rules, view = rules_on(today()), View(actor)
        products = sorted(standing_products(actor.tenant))
        said = lines_of(actor.tenant, products, [SUPPORT])
        rows, updates = [], []
        for product in products:
            periods = periods_of(said.get(product, []))
            units = product_units(view, product)
            days = days_of(view, product, units, rules)
            mine = update_clocks(actor.tenant, product, periods, rules)
            updates += [{"product": product, **one} for one in mine if one["issued_on"] <= _last(year)]
            unsaid = left_unplaced(view, units, days)
            if days or unsaid:
                clock = kept_until(view, units, days, periods, rules)
                rows.append(_product(product, year, days, periods, rules, clock, len(unsaid)))
        return {
            "year": year, "rule_set": rules.rule_set, "products": rows, "updates": updates, "supplies": _supplies(actor.tenant, year, rules),
            "erased": _erased(actor.tenant, year), "ending": _ending(year, rows, updates),
            "gaps": list(_gaps(rows)),
        }  # fmt: skip


def _gaps(rows: list[dict]) -> Iterator[str]:
    for one in rows:
        if not one["support_end_on"]:
            yield _("{product}: no support period is set.").format(product=one["product"])
        if one["not_said"]:
            words = _("{product}: {units} units left, and nobody said when they were placed on the market.")
            yield words.format(product=one["product"], units=f"{one['not_said']:,}")


def _product(product: str, year: int, days, periods, rules: Rules, clock: dict | None, not_said: int) -> dict:
    in_year = sum(len(one.units) for one in days if one.day[:4] == f"{year:04}")
    return {
        "product": product, "placed": sum(len(one.units) for one in days), "placed_in_year": in_year, "first_on": days[0].day if days else "",
        "last_on": days[-1].day if days else "", "not_said": not_said, "regimes": _regimes(days, rules),
        "support_end_on": max((one.end_on for one in periods), default=""), "documents_until": clock["until"] if clock else "",
    }  # fmt: skip


def _regimes(days, rules: Rules) -> dict[str, int]:
    """Law -> how many units fall under it, as they were placed or modified substantially since."""
    found: dict[str, int] = defaultdict(int)
    for one in days:
        found[rules.regime(one.law_day)] += len(one.units)
    return dict(found)


def _supplies(tenant: int, year: int, rules: Rules) -> list[dict]:
    """Who supplied us and whom we supplied in the year, how often, and until when that can be shown."""
    low, high = _instant(year), _instant(year + 1)
    sql = (
        "SELECT supplier, count(*), max(received_at) FROM supply_package WHERE tenant = %s AND until_entry IS NULL "
        "AND received_at >= %s AND received_at < %s GROUP BY supplier"
    )
    rows = [("supplied_by", *row) for row in reading.fetch(sql, (tenant, low, high))]
    sql = (
        "SELECT s.customer, count(DISTINCT s.number), max(l.shipped_at) FROM shipping_shipment s JOIN shipping_line l ON l.tenant = s.tenant "
        "AND l.shipment = s.number AND l.until_entry IS NULL WHERE s.tenant = %s AND l.shipped_at >= %s AND l.shipped_at < %s GROUP BY s.customer"
    )
    rows += [("supplied_to", *row) for row in reading.fetch(sql, (tenant, low, high))]
    names = names_of(tenant, {party for _way, party, *_rest in rows if party is not None})
    found = []
    for way, party, count, last in rows:
        last_on = format_instant(last)[:10]
        found.append(
            {"way": way, "party": names.get(party, ""), "count": count, "last_on": last_on, "until": rules.supply_until(last_on)}
        )  # fmt: skip
    return sorted(found, key=lambda one: (one["way"], one["party"]))


def _erased(tenant: int, year: int) -> list[dict]:
    """What was erased in the year: what, under which rule, in which entry; never the value."""
    said = dict(erasures(tenant))
    sql = f"SELECT number, recorded_at FROM ledger_entry WHERE tenant = %s AND {reading.any_of('number')}"
    at = dict(reading.fetch(sql, (tenant, reading.list_param(sorted(said))))) if said else {}
    return [
        {"entry": number, "what": notes["what"], "rule": notes["rule"], "on": format_instant(at[number])[:10]}
        for number, notes in said.items() if format_instant(at[number])[:4] == f"{year:04}"
    ]  # fmt: skip


def _ending(year: int, rows: list[dict], updates: list[dict]) -> list[dict]:
    """Clocks whose last day lies in the year."""
    of = [("support", one["product"], one["support_end_on"]) for one in rows]
    of += [("documents", one["product"], one["documents_until"]) for one in rows]
    of += [("update", one["release"], one["until"]) for one in updates]
    return [{"clock": kind, "of": name, "on": day} for kind, name, day in of if day[:4] == f"{year:04}"]


def _instant(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def _last(year: int) -> str:
    return f"{year:04}-12-31"
