"""Reads of field actions. A party's person finds none: customers are told by notices."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_READ
from asbuilt.answers.cases.acting.action_file import PREFIX, STARTED, FieldAction, action_of
from asbuilt.answers.cases.handling.queries import CODE_CHARACTERS_MAX
from asbuilt.answers.cases.handling.statements import codes_of, lines_of
from asbuilt.kernel.errors import NotFound

ACTIONS_MAX = 500


def field_action(actor: Actor, code: str) -> FieldAction:
    """The field action with this code. NotFound: there is none, or none for this reader. One statement."""
    if actor.party is not None:
        raise unknown(code)
    actor.require(CASE_READ)
    return standing_action(actor.tenant, code)


def standing_action(tenant: int, code: str) -> FieldAction:
    """The same without asking who reads: for verbs that have asked."""
    lines = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code, []) if code.startswith(PREFIX) else []
    if not lines or lines[0].kind != STARTED:
        raise unknown(code)
    return action_of(lines)


def field_actions(actor: Actor, *, case: str = "", closed: bool | None = None) -> list[FieldAction]:
    """Field actions, the newest first: of one case, or all; open, closed, or both (None). NotFound for a party's person. Two statements."""
    if actor.party is not None:
        raise unknown("")
    actor.require(CASE_READ)
    return standing_actions(actor.tenant, case=case, closed=closed)


def standing_actions(tenant: int, *, case: str = "", closed: bool | None = None) -> list[FieldAction]:
    """The same without asking who reads."""
    codes = codes_of(tenant, STARTED, ACTIONS_MAX)
    lines = lines_of(tenant, codes)
    found = [action_of(lines[code]) for code in codes]
    return [one for one in found if case in ("", one.case) and (closed is None or (one.closed is not None) == closed)]


def open_ends(tenant: int, case: str) -> dict[str, str]:
    """Its field actions that nobody closed, with the units that are left by the last count."""
    found = {}
    for one in standing_actions(tenant, case=case, closed=False):
        said = one.counts[-1].said
        left = said["units"] - sum(said["standings"].get(name, 0) for name in one.accounted)
        found[one.code] = _("%(count)s units left") % {"count": number_format(left, use_l10n=True, force_grouping=True)}
    return found


def unknown(code: str) -> NotFound:
    """There is no such field action."""
    shown = code[:CODE_CHARACTERS_MAX]
    said = f"There is no field action {shown}.".replace(" .", ".")
    return NotFound("cases.action_unknown", said, {"action": shown}, "Look at the case.")
