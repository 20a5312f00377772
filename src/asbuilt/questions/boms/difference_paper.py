"""A comparison of two BOM versions on paper: PDF/A-2b, one table for each kind of difference.

    difference_pdf(compared(actor, …))  -> bytes

Fonts come with the library, so that the page is the same everywhere. Standard: ISO 19005-2.
"""

from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from asbuilt.formats.paper import NotSet, paper
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock

_PAGE = Path(__file__).with_name("data") / "difference.typ"


def difference_pdf(found: dict) -> bytes:
    """The page of a comparison as it was made; about 0.1 s."""
    try:
        return paper(_PAGE, _said(found), clock.now())
    except NotSet as refusal:
        told = "The comparison cannot be written as PDF."
        raise Invalid("changes.pdf_failed", told, {"cause": str(refusal)}, "Take it as JSON.") from None


def sections_of(found: dict) -> list[dict]:
    """Title, columns and rows of each kind of difference that there is; rows are texts. The page shows the same tables."""
    part, refdes, old, new = _("Part"), _("Reference designators"), _("Old"), _("New")
    every = [
        (_("New parts"), (part, new, refdes), [(x["part"], x["new_quantity"], x["refdes_gained"]) for x in found["added"]]),
        (_("Parts that went"), (part, old, refdes), [(x["part"], x["old_quantity"], x["refdes_lost"]) for x in found["removed"]]),
        (
            _("Another part at the same place"), (_("Old part"), _("New part"), refdes),
            [(x["old_part"], x["new_part"], x["refdes"]) for x in found["replaced"]],
        ),
        (
            _("Swapped"), (part, _("stands now at"), part, _("stands now at")),
            [(x["part"], x["refdes"], x["other_part"], x["other_refdes"]) for x in found["swapped"]],
        ),
        (
            _("Moved"), (part, _("from"), _("to")), [(x["part"], x["old_refdes"], x["new_refdes"]) for x in found["moved"]],
        ),
        (
            _("Other quantities"), (part, old, new, _("gained"), _("lost")),
            [(x["part"], x["old_quantity"], x["new_quantity"], x["refdes_gained"], x["refdes_lost"]) for x in found["quantities"]],
        ),
        (
            _("Makers' parts of the same number"), (part, _("went"), _("came"), _("stay")),
            [(x["part"], _makers(x["gone"]), _makers(x["new"]), _makers(x["kept"])) for x in found["makers"]],
        ),
        (
            _("Firmware"), (_("Product"), _("Role"), old, new),
            [(x["product"], x["role"], x["old_version"] or "–", x["new_version"] or "–") for x in found["firmware"]],
        ),
    ]  # fmt: skip
    return [
        {"title": title, "columns": list(columns), "rows": [[_cell(cell) for cell in row] for row in rows]}
        for title, columns, rows in every
        if rows
    ]


def _said(found: dict) -> dict:
    old, new = found["old"], found["new"]
    name = "{product} {revision} BOM {bom_version} {configuration}"
    return {
        "lang": (get_language() or "en").partition("-")[0],
        "heading": _("Comparison of BOM versions"), "none": _("Both mean the same."),
        "foot": f"{found['product']} {format_instant(clock.now())[:16]}Z",
        "facts": [
            [_("Old"), name.format(product=found["product"], **old).strip()],
            [_("New"), name.format(product=found["product"], **new).strip()],
            [_("Units built by the old one"), old["units"]], [_("Units built by the new one"), new["units"]],
        ],
        "sections": sections_of(found),
    }  # fmt: skip


def _makers(pairs: list[dict]) -> str:
    return "; ".join(f"{one['maker']} {one['mpn']}".strip() for one in pairs)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
