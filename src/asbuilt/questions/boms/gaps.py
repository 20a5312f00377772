"""What an as-built BOM cannot say, in words: each with where, on how many units, and never filled.

Texts are marked for the translators and said where they are shown; in the file itself they stand in English.
"""

from collections.abc import Callable
from dataclasses import dataclass

from asbuilt.questions.genealogy.words.terms import gettext_noop as _

GAPS_MAX = 500
SENTENCES = {
    "no_record": _("Of {at} nothing is recorded on {units} units."),
    "one_of": _("At {at} one of several stands on {units} units; the candidates are named."),
    "or_unknown": _("At {at} something is possible on {units} units; what else may stand there is not known."),
    "no_lot": _("The lot or date code of what stands at {at} is not known on {units} units."),
    "not_shown": _("At {at} stands another party's material on {units} units; it is not shown."),
    "inside_not_shown": _("{units} units inside are not shown to this reader."),
    "no_firmware": _("No firmware is recorded on {units} units of {at}."),
    "perhaps_firmware": _("Whether {at} runs on {units} units is not sure."),
    "sbom_not_shown": _("What is in {at} is not shown to this reader."),
    "no_sbom": _("{at} has no SBOM: what is in it is not listed."),
}


@dataclass(frozen=True)
class BomGap:
    """One gap: `kind` is a key of SENTENCES, `at` names positions, a product or an image."""

    kind: str
    at: str
    units: int

    def text(self, say: Callable[[str], str] = str, number: Callable[[int], str] = "{:,}".format) -> str:
        """The sentence."""
        return say(SENTENCES[self.kind]).format(at=self.at, units=number(self.units))


def merged(gaps: list[BomGap]) -> tuple[list[BomGap], int]:
    """Each gap once with the sum of its units, the widest first, up to 500; and how many more there are."""
    held: dict[tuple[str, str], int] = {}
    for one in gaps:
        held[one.kind, one.at] = held.get((one.kind, one.at), 0) + one.units
    found = [BomGap(kind, at, units) for (kind, at), units in held.items()]
    order = list(SENTENCES)
    found.sort(key=lambda one: (order.index(one.kind), -one.units, one.at))
    return found[:GAPS_MAX], max(0, len(found) - GAPS_MAX)
