"""Words of the record as the reader of a judgement or of a technical file says them, each in one place: an authority reads the file in its own language,
states included.

spoken("in_force")   -> "in force", in German "in Kraft"; a word that is not one of these stands as it is
"""

from django.utils.translation import gettext_lazy as _

_SPOKEN = {
    # releases, revisions, changes, plans
    "imported": _("imported"), "draft": _("draft"), "released": _("released"), "withdrawn": _("withdrawn"), "superseded": _("superseded"),
    "waiting": _("waits for approval"), "approved": _("approved"), "in_force": _("in force"), "suspended": _("suspended"), "refused": _("refused"),
    "open": _("open"), "closed": _("closed"),
    # units and their tests
    "planned": _("planned"), "production": _("in production"), "outside": _("outside"), "stock": _("in stock"), "shipped": _("shipped"),
    "returned": _("returned"), "scrapped": _("scrapped"), "pass": _("pass"), "fail": _("fail"), "error": _("error"), "aborted": _("aborted"),
    # scope and class, requirements and risks
    "in": _("in scope"), "out": _("out of scope"), "default": _("default"), "important-I": _("important, class I"),
    "important-II": _("important, class II"), "critical": _("critical"), "yes": _("yes"), "no": _("no"), "low": _("low"), "medium": _("medium"),
    "high": _("high"), "proved": _("proved"), "partly": _("partly"), "missing": _("missing"), "described": _("described"),
    "unanswered": _("not said"), "not_applicable": _("does not apply"), "none": _("none"), "full": _("in full"), "part": _("in part"),
    "agreed": _("as agreed with a business user"), "direct": _("direct"), "indirect": _("indirect"),
    "simplified": _("simplified"),
}  # fmt: skip


def spoken(word: str) -> str:
    """A word of the record in the reader's language."""
    return str(_SPOKEN.get(word, word))
