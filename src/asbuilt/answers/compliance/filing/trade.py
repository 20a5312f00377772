"""Who supplied us, and whom we supplied (Article 23): name, address, what, when, and until when each has to be shown.

    trade_told(actor)                                -> {"supplied_us": […], "we_supplied": […], "gaps": […]}
    state_address(actor, party="SUP", name="…", address="…")

Two clocks run for each transaction, so many years after being supplied and after supplying, by the dated rules. Consumers are no economic operators: a
customer stands here as a party of the record. An address that nobody stated is a gap.
"""

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.rights import FILING_READ, FILING_WRITE
from asbuilt.answers.compliance.filing import events
from asbuilt.answers.compliance.filing.lines import ADDRESS, New, lines_of_kind
from asbuilt.answers.compliance.filing.paper_rules import papers_on
from asbuilt.answers.compliance.filing.parts import named, number
from asbuilt.answers.compliance.filing.stating import NAME_CHARACTERS_MAX, state, text
from asbuilt.designed.parties.queries import code_of, numbers_by_name
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

ROWS_MAX = 20_000


def years_after(at: int, years: int) -> int:
    """The same moment so many years later; 29 February becomes the 28th."""
    moment = datetime.fromtimestamp(at // 1_000_000, UTC)
    day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
    return int(moment.replace(year=moment.year + years, day=day).timestamp()) * 1_000_000


def trade_told(actor: Actor) -> dict:
    """Every delivery by supplier and every shipment by customer, the newest first, with the end of its clock; gaps named."""
    if actor.party is not None:
        raise _unknown("")
    actor.require(FILING_READ)
    with reading.snapshot():
        now = clock.now()
        rules = papers_on(format_instant(now)[:10])
        addresses = {line.about: line.said for line in lines_of_kind(actor.tenant, ADDRESS)}
        # each with one more than is listed, where there is one
        kept, sent = _deliveries(actor.tenant), _shipments(actor.tenant)
        supplied, gone = (
            [_row(one, addresses, rules.traceability_years, now) for one in rows[:ROWS_MAX]] for rows in (kept, sent)
        )
        gaps = _gaps(actor.tenant, addresses)
        for rows, said in ((kept, _("deliveries")), (sent, _("shipments"))):
            if len(rows) > ROWS_MAX:
                gaps.append(
                    _("Of %(what)s the newest %(n)s are listed, and no more.") % {"what": said, "n": number(ROWS_MAX)}
                )
        return {
            "rule_set": rules.rule_set, "years": rules.traceability_years, "source": rules.traceability_source, "supplied_us": supplied,
            "we_supplied": gone, "gaps": gaps,
        }  # fmt: skip


def _gaps(tenant: int, addresses: dict[str, dict]) -> list[str]:
    """What nobody said, of everything that came and went: a list that is cut counts no less. Two statements."""
    gaps = []
    bare = [code for code in _operators(tenant) if not addresses.get(f"party/{code}", {}).get("address")]
    if bare:
        gaps.append(_("No address is stated of: %(names)s.") % {"names": named(bare)})
    nobody, undated = _unsaid(tenant)
    if nobody:
        gaps.append(_("Of %(n)s packages nobody said who supplied them.") % {"n": number(nobody)})
    if undated:
        gaps.append(_("Of %(n)s packages nobody said when they came.") % {"n": number(undated)})
    return gaps


def _operators(tenant: int) -> list[str]:
    """The codes of all who supplied us and whom we supplied, in order. One statement."""
    sql = (
        "SELECT t.code FROM parties_party t WHERE t.tenant = %s AND t.until_entry IS NULL AND (t.number IN (SELECT p.supplier FROM supply_package p "
        "WHERE p.tenant = %s AND p.until_entry IS NULL AND p.supplier IS NOT NULL) OR t.number IN (SELECT s.customer FROM shipping_line l "
        "JOIN shipping_shipment s ON s.tenant = l.tenant AND s.number = l.shipment WHERE l.tenant = %s AND l.until_entry IS NULL))"
    )
    return sorted({code for (code,) in reading.fetch(sql, (tenant, tenant, tenant))})


def _unsaid(tenant: int) -> tuple[int, int]:
    """How many packages came of which nobody said from whom, and of which nobody said when. One statement."""
    sql = (
        "SELECT coalesce(sum(CASE WHEN t.code IS NULL THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN p.received_at IS NULL THEN 1 ELSE 0 END), 0) "
        "FROM supply_package p LEFT JOIN parties_party t ON t.tenant = p.tenant AND t.number = p.supplier AND t.until_entry IS NULL "
        "WHERE p.tenant = %s AND p.until_entry IS NULL"
    )
    nobody, undated = reading.fetch_one(sql, (tenant,))
    return int(nobody), int(undated)


def _deliveries(tenant: int) -> list[tuple]:
    sql = (
        "SELECT t.code, t.name, t.country, p.delivery, p.received_at, count(*), min(a.code), count(DISTINCT p.part) FROM supply_package p "
        "JOIN catalog_part a ON a.tenant = p.tenant AND a.number = p.part "
        "LEFT JOIN parties_party t ON t.tenant = p.tenant AND t.number = p.supplier AND t.until_entry IS NULL "
        "WHERE p.tenant = %s AND p.until_entry IS NULL GROUP BY t.code, t.name, t.country, p.delivery, p.received_at "
        "ORDER BY 5 DESC NULLS LAST, 1, 4 LIMIT %s"
    )
    return [(*row[:3], row[3], row[4], row[5], f"{row[6]} … ({row[7]})" if row[7] > 1 else row[6], 0) for row in reading.fetch(sql, (tenant, ROWS_MAX + 1))]  # fmt: skip


def _shipments(tenant: int) -> list[tuple]:
    sql = (
        "SELECT t.code, t.name, t.country, s.code, max(l.shipped_at), sum(l.until_unit - l.first_unit) FROM shipping_line l "
        "JOIN shipping_shipment s ON s.tenant = l.tenant AND s.number = l.shipment "
        "LEFT JOIN parties_party t ON t.tenant = s.tenant AND t.number = s.customer AND t.until_entry IS NULL "
        "WHERE l.tenant = %s AND l.until_entry IS NULL GROUP BY t.code, t.name, t.country, s.code ORDER BY 5 DESC NULLS LAST, 4 LIMIT %s"
    )
    return [(*row[:3], row[3], row[4], 0, "", int(row[5])) for row in reading.fetch(sql, (tenant, ROWS_MAX + 1))]


def _row(one: tuple, addresses: dict[str, dict], years: int, now: int) -> dict:
    code, name, country, paper, at, packages, what, units = one
    said = addresses.get(f"party/{code}", {})
    until = years_after(at, years) if at is not None else None
    return {
        "party": code or "", "name": said.get("name") or name or "", "country": country or "", "address": said.get("address", ""), "paper": paper,
        "at": format_instant(at) if at is not None else None, "packages": packages, "what": what, "units": units,
        "shown_until": format_instant(until)[:10] if until is not None else None, "over": until is not None and until < now,
    }  # fmt: skip


def state_address(actor: Actor, *, party: str, name: str, address: str, request_key: str | None = None) -> int:
    """Name and address of an economic operator; returns the entry. Said again it supersedes."""
    if actor.party is not None:
        raise _unknown(party)
    name, address = text("name", name, NAME_CHARACTERS_MAX), text("address", address, 1_000)

    def lines(entry: Entry) -> list[New]:
        code = party_code(entry.tenant, party)
        return [New(f"party/{code}", ADDRESS, name=code, why="", at=None, said={"name": name, "address": address})]

    return state(actor, events.ADDRESS_STATED, FILING_WRITE, [party, name, address], lines, request_key=request_key)


def party_code(tenant: int, party: str) -> str:
    """The code of a party that stands, by code or name. NotFound: there is none."""
    known = numbers_by_name(tenant)
    if party not in known:
        raise _unknown(party)
    return code_of(tenant, known[party])


def _unknown(party: str) -> NotFound:
    said = f"There is no party {party[:60]}.".replace(" .", ".")
    return NotFound("compliance.party_unknown", said, {"party": party[:60]}, "Look at parties.csv.")
