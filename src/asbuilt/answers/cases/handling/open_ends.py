"""What is open in a case and would fall silent if it were closed: duties without submission or decision, and what rooms above the file know.

open_ends(tenant, case)     -> {"cra.aev/OW": "notification due 23 Nov 2026, 09:00 +01:00 (Europe/Berlin)", "F-1": "5,001 units left", "N-1": "2 not reached"}
"""

from django.utils.translation import gettext as _

from asbuilt.answers.cases.handling.case_file import CaseFile, Run
from asbuilt.answers.cases.handling.clocks import NOT_APPLICABLE
from asbuilt.answers.cases.handling.happenings import OPEN_ENDS
from asbuilt.answers.cases.handling.words import local_words, report_word
from asbuilt.designed.parties.queries import code_of


def open_ends(tenant: int, case: CaseFile) -> dict[str, str]:
    """By name; in words of the reader's language."""
    found = {}
    for run in case.runs:
        if words := _open_duty(run):
            towards = f"/{code_of(tenant, run.party)}" if run.party is not None else ""
            found[f"{run.duty.duty}{towards}"] = words
    for known in OPEN_ENDS.values():
        found |= known(tenant, case.code)
    return found


def _open_duty(run: Run) -> str:
    """Its reports that are neither submitted nor decided away; empty where none is."""
    if run.over:
        return ""
    told = []
    for clock in run.clocks:
        if not run.waits(clock.stage) or clock.state == NOT_APPLICABLE:
            continue
        word = report_word(clock.stage)
        told.append(word if clock.due_at is None else _("%(report)s due %(at)s") % {"report": word, "at": local_words(clock.due_at, run.zone)})  # fmt: skip
    return ", ".join(told)
