"""Whether paste, glue or coating that a machine used might be used then: in words, for an alarm. A machine is never refused.

    why_unfit(tenant, package, at)      "Package PASTE-1 is in quarantine since …: seal broken"      "" where it might

Asked: its status and holds on its lot, where they were there by then, and its clocks.
"""

from asbuilt.built.production.holds import holds_of_lots
from asbuilt.built.supply.queries import PackageRow
from asbuilt.built.supply.standing import floor_lives, standing_of
from asbuilt.kernel.instants import format_instant


def why_unfit(tenant: int, package: PackageRow, at: int) -> str:
    """The first reason against its use at an instant, "" where there is none. About eight statements."""
    standing = standing_of(tenant, package.code)
    if standing is not None and not standing.may_mount and (standing.since is None or standing.since <= at):
        return standing.why
    for hold in holds_of_lots(tenant, [package.lot]).get(package.lot, ()):
        if hold.decided_at <= at:
            return f"Lot {package.lot_code} of package {package.code} is on hold since {format_instant(hold.decided_at)}: {hold.reason}"
    life = floor_lives(tenant, [package.code], at).get(package.code)
    return life.why if life is not None and not life.may_mount else ""
