"""From where on an ECO holds, and putting a step's process under control.

    set_boundary(actor, eco="ECO-1", kind="unit", value="SN-17", first_unit=5310, …)      called by answers/gate alone, which knows units
    control_process(actor, product="AB-100", step="REFLOW", side="top", aspect="program", value="P7", why="validated in V-12")

Two ECOs on one thing follow each other: the second takes up what the first leaves, at or behind its boundary, and says both in the same way
(units, or a date). Refused: approvals or what was asked is missing, a product of which nobody said who makes it, an ECO that does not take up what another one leaves, or what the process is
controlled by; a process that nobody put under control; moving one that another ECO follows.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CHANGE_RELEASE
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.designed.changes import events
from asbuilt.designed.changes.controlling import eco as words
from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.actions.stating import state
from asbuilt.designed.changes.controlling.chains import Chain
from asbuilt.designed.changes.controlling.eco import Eco
from asbuilt.designed.changes.controlling.process_revisions import ABOUT, controls_of
from asbuilt.designed.changes.controlling.queries import in_force, manufacturers, parties_asked
from asbuilt.designed.changes.controlling.statements import New
from asbuilt.designed.changes.said.stating import NAME_CHARACTERS_MAX, one_of, text
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.ledger.recording import Entry

CONTROLS_MAX = 500


def set_boundary(
    actor: Actor, *, eco: str, kind: str, value: str, first_unit: int | None, at: int | None, why: str,
    request_key: str | None = None,
) -> int:  # fmt: skip
    """It holds from there on; returns the entry. The caller has looked at what was built."""
    one_of("kind", kind, words.BOUNDARIES)
    why = text("why", why)

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        _refuse_unready(entry.tenant, before)
        _refuse_crossing(entry.tenant, before, first_unit, at)
        if before.boundary is None:
            _refuse_beside_control(entry.tenant, before)
        said = {"value": value, **({} if first_unit is None else {"first_unit": first_unit})}
        found = [New(eco, kinds.BOUNDARY, why, name=kind, at=at, said=said)]
        # found again by each product, whatever else it affects
        if before.boundary is None:
            found += [New(eco, kinds.BOUNDARY_OF, name=product) for product in before.products]
        return found

    # as people said it: what it resolves to may be another instant when the same request comes again
    said = [kind, value, why]
    return state(actor, events.BOUNDED, CHANGE_RELEASE, said, lines, eco=eco, request_key=request_key)


def _refuse_unready(tenant: int, eco: Eco) -> None:
    unknown = sorted(set(eco.products) - set(manufacturers(tenant, eco.products)))
    if unknown:
        said = f"Nobody said who is the manufacturer of {unknown[0]}: nobody can say who has to agree to {eco.code}."
        facts = {"eco": eco.code, "products": unknown}
        remedy = "Add its row to product_roles.csv: product, party, manufacturer."
        raise Refused("changes.manufacturer_unknown", said, facts, remedy)
    parties = parties_asked(tenant, eco.products)
    lacking = eco.lacking(parties)
    if not eco.changes or not eco.assessed or lacking:
        names = names_of(tenant, [party for _, party in lacking if party is not None])
        missing = [role or names.get(party, "") for role, party in lacking]
        said = f"{eco.code} is not approved{': ' + ', '.join(missing) + ' have not agreed' if missing else ''}."
        remedy = "Have it assessed and approved by everybody who is asked."
        raise Refused("changes.not_agreed", said, {"eco": eco.code, "missing": missing}, remedy)
    if eco.open_asked:
        first = eco.open_asked[0]
        said = f"{eco.code} asks for {first.said['what'][:200]}, and that is not done."
        facts = {"eco": eco.code, "asked": [line.name for line in eco.open_asked]}
        raise Refused("changes.asked_open", said, facts, "Do it, and say where its evidence is.")


def _refuse_crossing(tenant: int, eco: Eco, first_unit: int | None, at: int | None) -> None:
    """Another ECO about the same thing has to end where this one begins."""
    for chain in in_force(tenant, eco.products):
        change = next((one for one in eco.changes.values() if one.key == chain.key), None)
        last = _last_of_others(chain, eco.code)
        if change is None or last is None:
            continue
        facts = {"eco": eco.code, "other": last.eco, "value": last.change.new}
        if any(one.eco == eco.code for one in chain.steps) and chain.steps[-1].eco != eco.code:
            said = f"{last.eco} takes up what {eco.code} leaves: the boundary of {eco.code} stays."
            raise Refused("changes.crossing", said, facts, f"Move {last.eco}, or propose an ECO that changes it back.")
        if chain.differ(last.change.new, change.old):
            said = f"{last.eco} leaves {last.change.new}, and {eco.code} begins at {change.old}."
            remedy = f"Let the change begin at {last.change.new}, or propose one that changes {last.eco} back first."
            raise Refused("changes.crossing", said, facts, remedy)
        mine, theirs = (first_unit, last.boundary.first_unit) if at is None else (at, last.boundary.at)
        if theirs is None or mine < theirs:
            said = f"{last.eco} holds from {last.boundary.value} on; {eco.code} would hold before it, or is said in another way."
            remedy = f"Set it at or behind {last.boundary.value}, as {last.boundary.kind}."
            raise Refused("changes.crossing", said, facts, remedy)


def _refuse_beside_control(tenant: int, eco: Eco) -> None:
    """The first change of a controlled process takes up what it is controlled by."""
    changes = [one for one in eco.changes.values() if one.kind == words.PROCESS]
    changed = {chain.key for chain in in_force(tenant, {one.product for one in changes})}
    controlled = {one.key: one for product in {one.product for one in changes} for one in controls_of(tenant, product)}
    for change in changes:
        control = controlled.get(change.key)
        if control is None:
            step, side, aspect = change.subject
            name = " ".join(filter(None, (step, side, aspect)))
            said = f"{name} of {change.product} is not under control: nothing would hold by {eco.code}."
            facts = {"eco": eco.code, "product": change.product, "step": step, "side": side, "aspect": aspect}
            raise Refused("changes.not_controlled", said, facts, f"Put it under control by {change.old} first.")
        if change.key not in changed and change.old != control.value:
            said = f"{control.name} of {change.product} is controlled by {control.value}, and {eco.code} begins at {change.old}."
            facts = {"eco": eco.code, "old": change.old, "value": control.value}
            remedy = f"Let the change begin at {control.value}."
            raise Refused("changes.beside_control", said, facts, remedy)


def _last_of_others(chain: Chain, code: str):
    others = [one for one in chain.steps if one.eco != code]
    return others[-1] if others else None


def control_process(
    actor: Actor, *, product: str, step: str, aspect: str, value: str = "", side: str = "", why: str, on: bool = True,
    request_key: str | None = None,
) -> int:  # fmt: skip
    """From now on the step runs by this value until an ECO changes it; `on=False` takes it out of control. Returns the entry."""
    one_of("aspect", aspect, words.ASPECTS)
    step, side = text("step", step, NAME_CHARACTERS_MAX), text("side", side, NAME_CHARACTERS_MAX, needed=False)
    value, why = text("value", value, NAME_CHARACTERS_MAX, needed=on), text("why", why)

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        if product not in standing_products(entry.tenant):
            said = f"There is no product {product[:80]}."
            raise NotFound("changes.product_missing", said, {"product": product[:80]}, "Look at the list of products.")
        known = controls_of(entry.tenant, product)
        there = any((one.step, one.side, one.aspect) == (step, side, aspect) for one in known)
        if there == on:
            said = f"{product}: {step} {aspect} is {'under control already' if on else 'not under control'}."
            raise Refused(
                "changes.controlled",
                said,
                {"product": product, "step": step},
                "Propose an ECO to change it." if on else "Nothing is to do.",
            )
        if on and len(known) >= CONTROLS_MAX:
            raise Invalid(
                "changes.controls_many", f"{product} has {CONTROLS_MAX} controls.", {}, "Take some away first."
            )
        said = {"step": step, "side": side, "aspect": aspect, "value": value, "state": "on" if on else "off"}
        return [New(ABOUT + product, kinds.CONTROLLED, why, name=product, said=said)]

    asked = [product, step, side, aspect, value, why, on]
    return state(actor, events.PROCESS_CONTROLLED, CHANGE_RELEASE, asked, lines, request_key=request_key)
