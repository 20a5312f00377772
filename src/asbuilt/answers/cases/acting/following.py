"""Open field actions look again by themselves: new units join, and the count of the day is kept."""

from asbuilt.access.actor import local_system
from asbuilt.answers.cases.acting.action_file import STARTED
from asbuilt.answers.cases.acting.actions import look_again
from asbuilt.answers.cases.acting.queries import standing_actions
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.storage import reading


def look_at_all(now: int) -> int:
    """Every open field action of every tenant; returns how many changed. One that is refused waits for a person."""
    changed = 0
    for (tenant,) in reading.fetch("SELECT DISTINCT tenant FROM cases_statement WHERE kind = %s", (STARTED,)):
        for action in standing_actions(tenant, closed=False):
            try:
                changed += look_again(local_system(tenant), action=action.code) is not None
            except AsbuiltError:
                continue
    return changed
