"""Support and clocks as pages, commands and the API show them.

support_told(actor, "AB-100")      -> periods, units by placing day with regime and end of support, clocks of documents and updates, gaps
unit_clocks(actor, "SN-17")        -> the same of one unit
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import COMPLIANCE_READ
from asbuilt.answers.compliance.assessing.unit_evidence import quoted
from asbuilt.answers.compliance.judging.actions import today
from asbuilt.answers.compliance.judging.wording import local
from asbuilt.answers.compliance.keeping.clock_rules import AFTER, BEFORE, Rules, plus_years, rules_on
from asbuilt.answers.compliance.keeping.modified import placed_and_modified
from asbuilt.answers.compliance.keeping.periods import Period, end_for, periods_of
from asbuilt.answers.compliance.keeping.placed import PlacedOn, left_unsaid, placed_days
from asbuilt.answers.compliance.keeping.terms import terms_of
from asbuilt.answers.compliance.lines import CONTEXT, Line, standing
from asbuilt.answers.compliance.stating import read_product, refuse_party
from asbuilt.designed.firmware.register import RELEASED, registered
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import spans_of
from asbuilt.questions.genealogy.answering.lookup import identity_of, unit_of
from asbuilt.questions.genealogy.evaluating.evaluate import what_is_meant
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

DAYS_SHOWN_MAX = 2_000


def support_told(actor: Actor, product: str) -> dict:
    """Everything about support and retention of a product. NotFound: no such product, or not for this reader."""
    with reading.snapshot():
        lines = read_product(actor, product)
        view, rules, periods = View(actor), rules_on(today()), periods_of(lines)
        units = product_units(view, product)
        days = days_of(view, product, units, rules)
        people = People(actor.tenant, 0).codes({one.line.person for one in periods if one.line.person})
        placed = BitMap().union(*(one.units for one in days))
        return {
            "product": product, "rule_set": rules.rule_set, "changes_on": rules.said["regimes"]["changes_on"],
            "periods": [_period(one, people) for one in reversed(periods)], "units": len(units), "placed": len(placed),
            "not_placed": len(units) - len(placed), "by_day": [_day(one, rules, periods) for one in days[-DAYS_SHOWN_MAX:]],
            "regimes": _regimes(days, rules), "documents": kept_until(view, units, days, periods, rules),
            "updates": update_clocks(actor.tenant, product, periods, rules), "gaps": _gaps(lines, days, periods, rules),
            "terms": _terms(actor.tenant, lines),
        }  # fmt: skip


def unit_clocks(actor: Actor, serial: str) -> dict:
    """Placing day, regime, end of support and clocks of one unit. NotFound: no such unit, or not for this reader."""
    refuse_party(actor, "")
    actor.require(COMPLIANCE_READ)
    with reading.snapshot():
        view, rules = View(actor), rules_on(today())
        unit = unit_of(view, serial)
        product = identity_of(view, unit).product
        periods = periods_of(read_product(actor, product))
        units = product_units(view, product)
        of_product = days_of(view, product, units, rules)
        day = next((one for one in of_product if unit in one.units), None)
        found = {
            "serial": serial, "product": product, "rule_set": rules.rule_set, "placed_on": None, "regime": None, "modified_on": "", "eco": "",
        }  # fmt: skip
        if day is not None:
            found |= {name: cell for name, cell in _day(day, rules, periods).items() if name not in ("spans", "units")}
        return {
            **found, "documents": kept_until(view, units, of_product, periods, rules),
            "updates": update_clocks(actor.tenant, product, periods, rules),
        }  # fmt: skip


def product_units(view: View, product: str) -> BitMap:
    """The units of a product that were planned or built."""
    return BitMap(what_is_meant(view, f"product:{quoted(product)}").certain)


def days_of(view: View, product: str, units: BitMap, rules: Rules) -> list[PlacedOn]:
    """The days on which these units were placed, those that were modified substantially since set apart."""
    return placed_and_modified(view, product, placed_days(view, units), rules)


def documents_clock(days: Sequence[PlacedOn], periods: Sequence[Period], rules: Rules) -> dict | None:
    """Until when papers are kept: from the last unit placed, or modified substantially, under the whole law. None where no unit is."""
    last = max((one.law_day for one in days if rules.regime(one.law_day) == AFTER), default="")
    if not last:
        return None
    end = max((one.end_on for one in periods), default="")
    until = rules.documents_until(last, end)
    return {"last_placed_on": last, "support_end_on": end, "until": until, "source": rules.source("documents")}


def kept_until(
    view: View, units: BitMap, days: Sequence[PlacedOn], periods: Sequence[Period], rules: Rules
) -> dict | None:
    """The clock of the papers of these units of a product, with `left_on`; None where no unit is under the whole law."""
    clocks = [(documents_clock(days, periods, rules), "")]
    if left_on := left_unsaid(view, units, days):
        clocks.append((documents_clock([PlacedOn(left_on, units)], periods, rules), left_on))
    known = [{**clock, "left_on": on} for clock, on in clocks if clock is not None]
    return max(known, key=lambda clock: clock["until"]) if known else None


def update_clocks(tenant: int, product: str, periods: Sequence[Period], rules: Rules) -> list[dict]:
    """Each released security update, from its issue; the newest first."""
    end = max((one.end_on for one in periods), default="")
    found = []
    for one in registered(tenant, product):
        released = one.last(RELEASED)
        if released is None or not one.statement.security_relevant:
            continue
        issued = format_instant(released.happened_at)[:10]
        until = rules.updates_until(issued, max(end, one.statement.supported_until))
        found.append({"release": one.name, "issued_on": issued, "until": until, "source": rules.source("updates")})
    return sorted(found, key=lambda one: one["issued_on"], reverse=True)


def _day(one: PlacedOn, rules: Rules, periods: Sequence[Period]) -> dict:
    regime, end = rules.regime(one.law_day), end_for(periods, one.day)
    least = rules.support_least(one.day, _expected(periods))
    return {
        "placed_on": one.day, "units": len(one.units), "spans": [list(span) for span in spans_of(one.units)], "regime": regime,
        # what a support period must reach is counted from placing; a modification asks for a review, and moves no end by itself
        "support_end_on": end, "short": bool(end) and regime == AFTER and not one.modified_on and end < least, "least_end_on": least,
        "modified_on": one.modified_on, "eco": one.eco,
    }  # fmt: skip


def _expected(periods: Sequence[Period]) -> int | None:
    return periods[-1].expected_years if periods else None


def _regimes(days: Sequence[PlacedOn], rules: Rules) -> list[dict]:
    found = []
    for regime in (BEFORE, AFTER):
        mine = [one for one in days if rules.regime(one.law_day) == regime]
        said = rules.said["regimes"][regime]
        units = sum(len(one.units) for one in mine)
        span = {"first_on": mine[0].day if mine else "", "last_on": mine[-1].day if mine else ""}
        modified = sum(len(one.units) for one in mine if one.modified_on)
        found.append({
            "regime": regime, "name": local(said["name"]), "source": said["source"], "units": units, "modified": modified, **span,
        })  # fmt: skip
    return found


def _period(one: Period, people: dict[int, str]) -> dict:
    return {
        "start_on": one.start_on, "end_on": one.end_on, "expected_years": one.expected_years, "why": one.why, "rule_set": one.rule_set,
        "set_on": one.set_on, "by": people.get(one.line.person, ""), "entry": one.line.entry,
    }  # fmt: skip


def _terms(tenant: int, lines: Sequence[Line]) -> dict | None:
    """What was said of whether updates cost anything; None where nobody did."""
    one = terms_of(lines)
    if one is None:
        return None
    by = People(tenant, 0).codes({one.line.person}).get(one.line.person, "")
    return {
        "free": one.free, "until_on": one.until_on, "why": one.why, "file": one.file, "sha256": one.sha256, "manufacturer": one.manufacturer,
        "by_document": not one.ours, "said_on": one.said_on, "by": by, "entry": one.line.entry,
    }  # fmt: skip


def _gaps(lines: Sequence[Line], days: Sequence[PlacedOn], periods: Sequence[Period], rules: Rules) -> list[str]:
    """What is missing or does not fit, in words of the reader's language."""
    if not periods:
        return [_("No support period is set.")]
    found, newest = [], periods[-1]
    context = standing(lines).get((CONTEXT, None, ""))
    years = context.said["expected_years"] if context else None
    if years is not None and newest.expected_years is not None and years != newest.expected_years:
        words = _("The risk assessment expects {assessed} years of use, the support period {said}.")
        found.append(words.format(assessed=years, said=newest.expected_years))
    if newest.expected_years is None:
        found.append(_("The support period does not say for how many years the product is expected to be used."))
    expected = max((one for one in (years, newest.expected_years) if one is not None), default=None)
    if expected is not None and newest.end_on < (used := plus_years(newest.start_on, expected)):
        words = _("Support ends on {end}; the product is expected to be used for {years} years, until {used}.")
        found.append(words.format(end=newest.end_on, years=expected, used=used))
    short = [one for one in days if _day(one, rules, periods)["short"]]
    if short:
        words = _("{units} units placed since {day} are supported for less than the shortest period allowed.")
        found.append(words.format(units=f"{sum(len(one.units) for one in short):,}", day=short[0].day))
    for one in days:
        if one.modified_on and not any(each.set_on >= one.modified_on for each in periods):
            words = _(
                "{eco} modified units placed on {placed} substantially on {day} ({units}): the support period was not looked at again since."
            )
            found.append(words.format(units=f"{len(one.units):,}", placed=one.day, eco=one.eco, day=one.modified_on))
    if newest.end_on < today():
        found.append(_("Support ended on {day}.").format(day=newest.end_on))
    return found
