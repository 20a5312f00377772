"""Lock-out: what is checked before a device gets power, so that the wrong thing cannot be programmed.

Work order, permit (signatures, window, revocation, station, site), operator and second person, plan, hardware revision,
images with their digests and boot signatures, withdrawn ones, tools, held units, quota. What is refused here stops the station with an alarm, which
only a person with the right releases; a clock, a disk or a network that fails is refused without one.

The operator scans a badge, an order and a unit, and chooses nothing: what is to be programmed follows from the permit.
"""

from dataclasses import dataclass

from asbuilt.kernel import permits, plans
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.errors import AsbuiltError, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.programmers import needed
from asbuilt.station.boot_check import refuse_boot
from asbuilt.station.chain import CLOCK_BACK_US_MAX
from asbuilt.station.home import Settings, StationHome
from asbuilt.station.programmers.protocol import Programmer, Tool, ToolFailed

HOUR_US = 3_600 * 1_000_000
# a unit without an identity of its own is known by its name
UNIT_CHARACTERS_MAX = 64
# repeated or cut to the identity's length; the last is the FICR of each emulated microbit
TEST_VALUES = tuple(
    bytes.fromhex(one)
    for one in ("55", "aa", "a5", "5a", "deadbeef", "efbeadde", "cafebabe", "0123456789abcdef", "0300000078563412")
)
RELEASE_ROLES = frozenset(["engineer", "quality-lead", "administrator"])
# what stops nothing but the unit at hand: nobody tried to program the wrong thing
NO_ALARM = frozenset(
    [
        "station.alarm_stands", "station.clock", "station.ledger_full", "station.ledger_busy", "station.ledger_damaged",
        "station.anchor_unusable",
        "station.offline_too_long", "station.attempts_exhausted", "station.unit_name", "station.no_file", "station.machine",
        "tokens.unusable", "tokens.library_missing", "station.fixture_calibration", "station.fixture_worn", "station.golden_due",
        "station.retests_exhausted",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Scanned:
    """What the operator scanned: badge, work order, unit, its hardware revision as the traveller or mark says, a second
    badge, and whether this is rework."""

    badge: str
    work_order: str
    unit: str
    revision: str
    second_badge: str = ""
    rework: bool = False


@dataclass(frozen=True)
class Cleared:
    """What may be programmed: nothing of it came from the operator's choice."""

    scanned: Scanned
    permit: permits.Permit
    plan: plans.Plan
    images: tuple[tuple[permits.PlacedImage, bytes], ...]
    operator: str
    second: str
    bulletin: documents.Bulletin
    tools: dict[str, Tool]
    sampled: bool = False


@dataclass(frozen=True)
class Permitted:
    """Who may work on what: the permit that holds here now, the operator, the second person (or empty), what the server last told."""

    permit: permits.Permit
    operator: str
    second: str
    bulletin: documents.Bulletin


def permitted(home: StationHome, settings: Settings, scanned: Scanned, *, now: int, own_key) -> Permitted:
    """What must hold before anything is done to a unit, be it programmed or tested; raises the first refusal."""
    # with a blank around it a held unit would have another name
    clean = scanned.unit.isprintable() and scanned.unit == scanned.unit.strip()
    if not 1 <= len(scanned.unit) <= UNIT_CHARACTERS_MAX or not clean:
        raise Refused("station.unit_name", "The unit was not scanned.", {}, "Scan the unit's mark.")
    bulletin = home.bulletin()
    refuse_clock_behind(bulletin, now)
    operator = _person(bulletin, scanned.badge, now)
    permit = home.permit_for(scanned.work_order, now)
    _check_permit(permit, settings, bulletin, now, own_key)
    second = _check_people(permit, operator, scanned, bulletin, now)
    if scanned.revision not in permit.revisions:
        raise Refused(
            "station.wrong_revision",
            f"The unit is of revision {scanned.revision or '?'}, the permit is for {', '.join(permit.revisions)}.",
            {"revision": scanned.revision, "allowed": list(permit.revisions)},
            "Take the unit out; look whether the order's units were mixed up.",
        )
    # where more of an order is held than a bulletin can name, the whole order stands
    if {scanned.unit, f"{scanned.work_order}#*"} & bulletin.units_held(permit.permit_id):
        raise _held(scanned.unit)
    return Permitted(permit, operator.person, second, bulletin)


def refuse_clock_behind(bulletin: documents.Bulletin, now: int) -> None:
    """Refused where the server wrote its bulletin later than the station's clock says it is: whatever is done now would be told as of before."""
    if now < bulletin.issued_at - CLOCK_BACK_US_MAX:
        heard = format_instant(bulletin.issued_at)
        raise Refused(
            "station.clock",
            f"The clock says {format_instant(now)}, and the server said {heard} before that.",
            {"clock": now, "server": bulletin.issued_at},
            "Set the clock right, then start again.",
        )


def clear(
    home: StationHome, settings: Settings, scanned: Scanned, *, now: int, own_key, programmers: dict[str, Programmer]
) -> Cleared:
    """Everything that must hold before power is on; raises the first refusal."""
    found = permitted(home, settings, scanned, now=now, own_key=own_key)
    permit, bulletin = found.permit, found.bulletin
    plan = home.plan(permit)
    _check_plan(plan, permit, found.second, programmers)
    images = []
    for image in permit.images:
        if image.sha256 in bulletin.withdrawn_images:
            raise Refused(
                "station.image_withdrawn",
                f"Release {image.role} {image.version} was withdrawn.",
                {"version": image.version, "sha256": image.sha256},
                "Ask for a permit with another release.",
            )
        statement = home.check_release(image, permit.product, scanned.revision, now)
        content = home.image(image)
        refuse_boot(image, statement, content)
        images.append((image, content))
    tools = _check_tools(permit, programmers)
    return Cleared(scanned, permit, plan, tuple(images), found.operator, found.second, bulletin, tools)


def refuse_uid(uid: str, cleared: Cleared) -> None:
    """Refused where a device's identity is none, or is held."""
    raw = bytes.fromhex(uid) if cleared.plan.identity.uid_from != "unit" else uid.encode()
    if cleared.plan.identity.uid_from != "unit" and (
        len(raw) != cleared.plan.identity.uid_bytes or _is_no_identity(raw)
    ):
        raise Refused(
            "station.uid_invalid",
            f"The device's identity {uid or '(none)'} is none.",
            {"uid": uid},
            "Set the device aside: it is blank, damaged or not what the plan expects.",
        )
    if uid in cleared.bulletin.uids_held(cleared.permit.permit_id):
        raise _held(uid)


def _is_no_identity(raw: bytes) -> bool:
    """Blank, or one of the values that samples, emulators and test firmware have in each instance."""
    return set(raw) <= {0x00} or set(raw) <= {0xFF} or any(raw == (one * len(raw))[: len(raw)] for one in TEST_VALUES)


def raises_alarm(error: AsbuiltError) -> bool:
    """Whether this refusal stops the station."""
    return error.code not in NO_ALARM


def released_by(bulletin: documents.Bulletin, badge: str, now: int) -> str:
    """The person of a badge, who may release an alarm."""
    person = _person(bulletin, badge, now)
    if not RELEASE_ROLES & set(person.roles):
        raise Refused(
            "station.may_not_release",
            f"{person.person} may not release an alarm.",
            {"needed": sorted(RELEASE_ROLES)},
            "Call an engineer or the quality lead.",
        )
    return person.person


def _person(bulletin: documents.Bulletin, badge: str, now: int) -> documents.Operator:
    known = documents.badge_sha256(badge)
    found = next((one for one in bulletin.operators if one.badge_sha256 == known), None)
    if found is None or found.until_at <= now:
        raise Refused(
            "station.badge_unknown" if found is None else "station.badge_expired",
            "This badge is not known at this station." if found is None else f"The badge of {found.person} ended.",
            {},
            "Have the right to work here given on the server, then connect the station.",
        )
    return found


def _check_permit(permit: permits.Permit, settings: Settings, bulletin: documents.Bulletin, now: int, own_key) -> None:
    share = permit.share_of(settings.station)
    facts = {"permit_id": permit.permit_id, "station": settings.station, "site": settings.site}
    if permit.site != settings.site or permit.ems != settings.ems:
        raise Refused(
            "station.wrong_site", f"The permit is for site {permit.site}.", facts, "Ask for one of this site."
        )
    if share is None or share.key != own_key:
        raise Refused(
            "station.wrong_station", f"The permit has no share for station {settings.station} with its key.", facts,
            "Ask for a permit that names this station.",
        )  # fmt: skip
    if permit.permit_id in bulletin.revoked_permits:
        raise Refused("station.permit_revoked", "The permit was revoked.", facts, "Ask its issuer.")
    if permit.revocation_epoch > bulletin.revocation_epoch:
        raise Refused(
            "station.bulletin_behind", "The permit is newer than what this station knows of revocations.", facts,
            "Connect the station, or take in a newer folder.",
        )  # fmt: skip
    if now < permit.not_before:
        raise Refused(
            "station.permit_not_yet", f"The permit begins {format_instant(permit.not_before)}.", facts, "Wait for it."
        )
    if now > permit.not_after:
        raise Refused(
            "station.permit_expired", f"The permit ended {format_instant(permit.not_after)}.", facts,
            "Ask its issuer for a new one.",
        )  # fmt: skip
    until = bulletin.issued_at + permit.grace_offline_hours * HOUR_US
    if now > until:
        raise Refused(
            "station.offline_too_long",
            f"The station has not heard of its server for over {permit.grace_offline_hours} hours.",
            {"last_contact": format_instant(bulletin.issued_at)},
            "Connect the station, or take in a newer folder.",
        )


def _check_people(
    permit: permits.Permit, operator: documents.Operator, scanned: Scanned, bulletin: documents.Bulletin, now: int
) -> str:
    if not set(operator.roles) & set(permit.operator_roles):
        raise Refused(
            "station.operator_not_allowed",
            f"{operator.person} may not program under this permit.",
            {"needed": list(permit.operator_roles)},
            "Let somebody with the role scan their badge.",
        )
    other = _person(bulletin, scanned.second_badge, now) if scanned.second_badge else None
    second = other.person if other else ""
    if other and not set(other.roles) & (set(permit.operator_roles) | RELEASE_ROLES):
        raise Refused(
            "station.operator_not_allowed",
            f"{second} may not program under this permit.",
            {"needed": list(permit.operator_roles)},
            "Let somebody with the role scan their badge.",
        )
    if second == operator.person:
        raise Refused(
            "station.same_person", "The second badge is of the same person.", {}, "A second person scans their badge."
        )
    if scanned.rework and "rework" in permit.two_person_for and not second:
        raise _two("rework")
    return second


def _check_plan(plan: plans.Plan, permit: permits.Permit, second: str, programmers: dict[str, Programmer]) -> None:
    for part in permit.parts:
        planned = plan.part(part.ref)
        programmer = programmers[part.programmer]
        lacking = needed(plan, part.ref) - programmer.capabilities
        if lacking:
            raise Refused(
                "station.programmer_lacks",
                f"{programmer.name} cannot {', '.join(sorted(lacking))} part {part.ref}.",
                {"programmer": programmer.name, "part": part.ref, "lacks": sorted(lacking)},
                "Ask for a plan that this programmer can carry out: no step is left out.",
            )
        if planned.evidence == plans.TOOL_ONLY and not second:
            raise _two("tool-only")
    if (plan.burns or plan.locks) and "otp" in permit.two_person_for and not second:
        raise _two("otp")


def _check_tools(permit: permits.Permit, programmers: dict[str, Programmer]) -> dict[str, Tool]:
    rules = {rule.tool: rule for rule in permit.tools}
    found: dict[str, Tool] = {}
    for programmer in {part.programmer for part in permit.parts}:
        try:
            tool = programmers[programmer].probe()
        except ToolFailed as failed:
            raise Refused("station.tool_missing", failed.text, {"tool": programmer}, "Install the tool.") from None
        rule = rules.get(programmer)
        if rule is None or _version(tool.version) < _version(rule.version_min) or (
            rule.sha256_allowed and tool.sha256 not in rule.sha256_allowed
        ):  # fmt: skip
            raise Refused(
                "station.tool_not_allowed",
                f"{programmer} {tool.version or '?'} is not the tool that the permit allows.",
                {"tool": programmer, "version": tool.version, "sha256": tool.sha256},
                "Put the released tool back, or have the new one allowed by a permit.",
            )
        found[programmer] = tool
    return found


def _version(text: str) -> tuple[int, ...]:
    digits = "".join(letter if letter.isdigit() else " " for letter in text.partition("+")[0].partition("-")[0])
    return tuple(int(number) for number in digits.split())


def _two(what: str) -> Refused:
    return Refused(
        "station.second_person",
        f"Two people are needed for {what}.",
        {"for": what},
        "A second person scans their badge.",
    )


def _held(name: str) -> Refused:
    return Refused("station.unit_held", f"{name} is on hold.", {"unit": name}, "Take it out; ask the quality lead.")
