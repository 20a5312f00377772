"""The configuration management plan of a product, written from what is in force: version control, who may approve what, how a change goes, what stops a step.

It is read from the trust store, the roles that people hold, routings, test plans and rule sets; where a control is possible and not in use it says so.
"""

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.queries import time_zone_of, who_sign_in
from asbuilt.access.rights import (
    CHANGE_APPROVE,
    CHANGE_RELEASE,
    CONCESSION_APPROVE,
    FILING_DECIDE,
    FILING_READ,
    FIRMWARE_DRAFT,
    FIRMWARE_RELEASE,
    HISTORY_IMPORT,
    HOLD_LIFT,
    PERMIT_ISSUE,
    ROLES,
    TEST_PLAN_APPROVE,
    TEST_PLAN_PROPOSE,
    TRUST_SET,
)
from asbuilt.answers.compliance.filing.file_rules import rules_on
from asbuilt.answers.compliance.filing.from_design import releases_of
from asbuilt.answers.compliance.filing.parts import Asking, day_of, named, number
from asbuilt.answers.compliance.filing.stating import no_party, product_of
from asbuilt.answers.gate.known_rules import rules_on as known_rules_on
from asbuilt.designed.catalog.routings import routing_in_force
from asbuilt.designed.catalog.test_plans import in_force, plans_of_products
from asbuilt.designed.changes.controlling.rules import rules_on as change_rules_on
from asbuilt.designed.changes.controlling.seen import controls_told
from asbuilt.designed.firmware.register import trust_chain
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.evidence_classes import evidence_class
from asbuilt.storage import reading

_RIGHTS = (
    HISTORY_IMPORT, FIRMWARE_DRAFT, FIRMWARE_RELEASE, TRUST_SET, TEST_PLAN_PROPOSE, TEST_PLAN_APPROVE, PERMIT_ISSUE, HOLD_LIFT,
    CONCESSION_APPROVE, CHANGE_APPROVE, CHANGE_RELEASE, FILING_DECIDE,
)  # fmt: skip
RETAINED = "traceability"


def plan_told(actor: Actor, product: str) -> dict:
    """The plan as JSON: points by section, and what is possible and not in use."""
    no_party(actor, product)
    actor.require(FILING_READ)
    with reading.snapshot():
        now = clock.now()
        asking = Asking(actor.tenant, product_of(actor.tenant, product), now, rules_on(format_instant(now)[:10]))
        points, gaps = [], []
        for section in (_versions, _authority, _changes, _enforced, _kept):
            some, lacking = section(asking)
            points += some
            gaps += lacking
        return {"product": product, "made_at": format_instant(now), "points": [dict(zip(("section", "point", "said"), one, strict=True)) for one in points], "gaps": gaps}  # fmt: skip


def _versions(asking: Asking) -> tuple[list[tuple], list[str]]:
    section = _("Version control")
    found = releases_of(asking)
    points = [
        (section, _("hardware revisions"), named(sorted(asking.revisions.values())) or "–"),
        (section, _("firmware releases"), number(len(found))),
        (section, _("a version that was recorded is never changed"), _("a later one stands beside it; a wrong one is withdrawn with a reason")),
    ]  # fmt: skip
    unsigned = [one for one in found if one["state"] == "imported"]
    gaps = [_("%(n)s releases stand without signatures.") % {"n": number(len(unsigned))}] if unsigned else []
    return points, gaps


def _authority(asking: Asking) -> tuple[list[tuple], list[str]]:
    """Who may do what: how many people hold a role with the right; and which keys a release needs."""
    section = _("Who may approve")
    # whoever left may approve nothing any more, and who has two of the roles is one person
    house = [one.roles for one in who_sign_in(asking.tenant) if one.party is None]
    points, gaps = [], []
    for right in _RIGHTS:
        roles = [role for role in ROLES if right in ROLES[role]]
        people = sum(not held.isdisjoint(roles) for held in house)
        points.append((section, right, _("%(roles)s: %(n)s people") % {"roles": ", ".join(roles), "n": number(people)}))
        if not people:
            gaps.append(_("Nobody holds a role with the right %(right)s.") % {"right": right})
    chain = trust_chain(asking.tenant)
    if not chain:
        gaps.append(_("No trust store says whose signatures a firmware release needs."))
    else:
        for name, role in sorted(chain[-1].roles.items()):
            said = _("%(n)s keys, %(threshold)s of different holders must sign") % {"n": number(len(role.keys)), "threshold": role.threshold}  # fmt: skip
            points.append((section, _("trust store, version %(version)s: %(role)s") % {"version": chain[-1].version, "role": name}, said))  # fmt: skip
    return points, gaps


def _changes(asking: Asking) -> tuple[list[tuple], list[str]]:
    section = _("How a change goes")
    plans = plans_of_products(asking.tenant, [asking.product])
    rules = change_rules_on(format_instant(asking.now)[:10])
    asked = "; ".join(f"{one.when}: {one.role}" for one in rules.approvals)
    points = [
        (
            section,
            _("engineering changes (ECO)"),
            _(
                "assessed by %(rules)s, agreed to by roles (%(roles)s) and by the manufacturer where it is another party; a unit, an order or a day from which on they hold"
            )
            % {"rules": rules.rule_set, "roles": asked},
        ),  # fmt: skip
        (section, _("test plans"), _("proposed by one person, approved by another")),
        (section, _("firmware"), _("drafted, signed, released under the trust store; withdrawn with a reason")),
    ]
    for plan, versions in sorted(plans.items()):
        now = ", ".join(one.version for one in in_force(versions, asking.now))
        points.append((section, _("test plan %(plan)s") % {"plan": plan}, _("version %(version)s in force") % {"version": now} if now else _("no version in force")))  # fmt: skip
    bare = [plan for plan, versions in plans.items() if not in_force(versions, asking.now)]
    gaps = [_("No version in force: %(names)s.") % {"names": named(bare)}] if bare else []
    if not plans:
        gaps.append(_("No test plan of this product is on file."))
    return points, gaps


def _enforced(asking: Asking) -> tuple[list[tuple], list[str]]:
    """What stops a step: the routing in force of each revision, and the rules about known vulnerabilities."""
    section = _("What is enforced")
    points, gaps = [], []
    for number_, code in sorted(asking.revisions.items(), key=lambda one: one[1]):
        routing = routing_in_force(asking.tenant, number_, asking.now)
        if routing is None:
            gaps.append(_("No routing is in force for revision %(revision)s: no step is refused for being out of order.") % {"revision": code})  # fmt: skip
            continue
        said = _("%(n)s steps in order, since %(day)s") % {"n": number(len(routing.steps)), "day": day_of(routing.from_at)}  # fmt: skip
        points.append((section, _("routing %(routing)s of revision %(revision)s") % {"routing": routing.name, "revision": code}, said))  # fmt: skip
    controls = controls_told(local_system(asking.tenant), asking.product)
    for one in controls:
        ahead = [each for each in one["changes"] if each["approved"]]
        said = ", ".join([one["value"], *(f"{each['value']} ({each['eco']}, {each['boundary']})" for each in ahead)])
        points.append((section, " ".join(filter(None, (one["step"], one["side"], one["aspect"]))), said))
    if not controls:
        gaps.append(_("No process of this product is under change control."))
    rules = known_rules_on(asking.now, time_zone_of(asking.tenant))
    points.append((section, _("known vulnerabilities at release, packing and shipping"), rules.rule_set))
    sql = "SELECT count(*) FROM programming_firmware_demand WHERE tenant = %s AND product = %s AND until_entry IS NULL"
    demands = reading.fetch_one(sql, (asking.tenant, asking.product))[0]
    points.append((section, _("demanded firmware"), number(demands)))
    if not demands:
        gaps.append(_("No hardware revision or order demands a firmware version: a permit alone decides what is loaded."))  # fmt: skip
    return points, gaps


def _kept(asking: Asking) -> tuple[list[tuple], list[str]]:
    kind = evidence_class(RETAINED)
    said = _("%(years)s years from the newest entry that rests on it (%(source)s)") % {"years": kind.years, "source": kind.source}  # fmt: skip
    return [(_("How long it is kept"), _("evidence of traceability"), said)], []
