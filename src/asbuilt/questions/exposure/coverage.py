"""How far an answer about vulnerabilities can be trusted: how old the feeds are, how many components can be matched at all, which releases
have no SBOM. An empty feed never looks clean."""

from asbuilt.questions.genealogy.terms import gettext_noop as _
from asbuilt.questions.genealogy.view import View


def coverage_notes(view: View) -> tuple[str, ...]:
    """Sentences for every page and answer, in the language of the view."""
    raise NotImplementedError(view, _)
