"""A house where boards change: Ostwerk builds `board` for Halden; BOM 1 and BOM 2, an order of each, reels of the old and the new module."""

from line_and_box import AT, factory, lot

OLD, NEW = "Acme/M-MCU", "Nova/N-MCU"
EVERY_ANSWER = {
    "new_threat": "no", "new_attack_path": "no", "changed_likelihood": "no", "changed_impact": "no", "changed_purpose": "no",
    "same_tls": "not_applicable", "same_crypto": "yes", "same_secure_boot": "yes", "same_uid": "yes",
}  # fmt: skip


def role(product: str, party: str, role: str = "manufacturer") -> dict:
    return {"product": product, "party": party, "role": role, "operator": "", "happened_at": "2026-01-01T00:00:00Z"}


def tables() -> dict[str, list[dict]]:
    """The line and box, with a second BOM version of the board: R1 and R2 swapped places, MCU replaced by MCU2, a capacitor more."""
    made = factory()
    made["parties"] = [
        {"party": "OW", "name": "Ostwerk", "roles": "ems;manufacturer", "country": "DE"},
        {"party": "HAL", "name": "Halden", "roles": "manufacturer;customer", "country": "NO"},
        {"party": "ALP", "name": "Alpina", "roles": "manufacturer;customer", "country": "AT"},
    ]
    made["product_roles"] = [role("", "OW", "own"), role("board", "HAL"), role("box", "ALP")]
    described = {"description": "", "lifecycle": "", "msl": ""}
    made["parts"] += [
        {**described, "part": "MCU", "mpn": "N-MCU", "manufacturer": "Nova"},
        {**described, "part": "CAP", "mpn": "M-CAP", "manufacturer": "Acme"},
    ]
    line = {"product": "board", "revision": "A", "bom_version": "2", "quantity": "1"}
    made["bom"] += [
        {**line, "line": "10", "part": "RES", "refdes": "R1"}, {**line, "line": "20", "part": "MCU", "refdes": "U1"},
        {**line, "line": "30", "part": "CAP", "quantity": "2", "refdes": "C1 C2"},
    ]  # fmt: skip
    made["lots"].append({**lot("N1", "MCU", "LN1"), "mpn": "N-MCU", "manufacturer": "Nova"})
    made["orders"].append(
        {"order": "WN", "product": "board", "quantity": "4", "revision": "A", "bom_version": "2", "customer": "HAL", "opened_at": AT}
    )  # fmt: skip
    made["units"] += [
        {"order": "WN", "serial": f"N{n}", "panel": "", "position": "", "state": "planned"} for n in range(1, 5)
    ]
    made["materials"] = []  # nothing is begun
    return made


def assess(actor, eco: str, substantial: str = "no", **answers: str) -> None:
    """Answer every question, and judge."""
    from asbuilt.designed.changes.controlling.actions.proposing import answer_question, judge_substantial

    for question, answer in {**EVERY_ANSWER, **answers}.items():
        answer_question(actor, eco=eco, question=question, answer=answer, why="looked at it")
    judge_substantial(actor, eco=eco, answer=substantial, why="by the answers")


def agree(eco: str, *who) -> None:
    """These approve it, each for the role given: (actor, role)."""
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    for actor, role in who:
        decide(actor, eco=eco, decision="approved", role=role)
