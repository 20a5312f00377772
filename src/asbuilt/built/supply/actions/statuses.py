"""Quarantine, release, reject: the status of packages is a history; none of it is ever changed.

Anybody who handles packages may stop one; only a quality lead lets it go on or rejects it. A package that is to be inspected
is released after an inspection that accepted it. A package in quarantine cannot be mounted: `queries.standing_of` says so.
"""

from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PACKAGE_DECIDE, PACKAGE_HANDLE
from asbuilt.built.supply import events
from asbuilt.built.supply.actions.stating import Stated, moment, refuse_many, refuse_without_reason, state
from asbuilt.built.supply.inspections import inspection_due
from asbuilt.built.supply.queries import code_scanned
from asbuilt.built.supply.standing import QUARANTINE, REJECTED, RELEASED
from asbuilt.kernel.errors import Refused
from asbuilt.ledger.recording import Entry


def quarantine_packages(
    actor: Actor,
    *,
    packages: Sequence[str],
    reason: str,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """These packages cannot be mounted any more. NotFound where one is not known."""
    actor.require(PACKAGE_HANDLE)
    return _state(actor, events.QUARANTINED, QUARANTINE, packages, reason, happened_at, request_key)


def release_packages(
    actor: Actor,
    *,
    packages: Sequence[str],
    reason: str,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """These packages may be mounted. Refused while an inspection that their plan asks for is due or has rejected them."""
    actor.require(PACKAGE_DECIDE)
    return _state(actor, events.RELEASED, RELEASED, packages, reason, happened_at, request_key)


def reject_packages(
    actor: Actor,
    *,
    packages: Sequence[str],
    reason: str,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """These packages go back or away; they cannot be mounted."""
    actor.require(PACKAGE_DECIDE)
    return _state(actor, events.REJECTED, REJECTED, packages, reason, happened_at, request_key)


def _state(actor: Actor, type: str, status: str, packages, reason: str, happened_at, request_key) -> Stated:
    refuse_many("packages", len(packages))
    refuse_without_reason(reason)
    said = {"status": status, "packages": list(packages), "reason": reason, "happened_at": happened_at}

    def rows(entry: Entry):
        codes = [code_scanned(entry.tenant, code) for code in packages]
        if status == RELEASED:
            _refuse_uninspected(entry.tenant, codes)
        cells = {"status": status, "reason": reason, "operator": badge(actor), "happened_at": moment(happened_at)}
        return {"statuses": [{"package": code, **cells} for code in codes]}

    return state(actor, type, said, rows, request_key=request_key)


def _refuse_uninspected(tenant: int, packages: Sequence[str]) -> None:
    due = inspection_due(tenant, packages)
    for code, why in due.items():
        if why == "due":
            raise Refused(
                "supply.inspection_due",
                f"Package {code} is not inspected yet.",
                {"package": code, "packages": sorted(due)},
                "Record its incoming inspection first.",
            )
        raise Refused(
            "supply.inspection_rejected",
            f"Inspection {why} rejected package {code}.",
            {"package": code, "packages": sorted(due), "inspection": why},
            "Reject the package, or inspect it again.",
        )
