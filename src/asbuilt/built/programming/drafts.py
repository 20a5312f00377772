"""What is asked of a permit, before it is signed: as a file of JSON, a request, or a form. Everything else follows from the
register, the grant and the stations.

    {"grant": ULID, "order": "WO-7", "revisions": ["B"], "bom_version": "3", "not_before": …, "not_after": …,
     "plan": SHA256, "parts": [{"ref", "programmer", "part", "part_id"}], "tools": [{"tool", "version_min", "sha256_allowed"}],
     "images": [{"role", "version", "part", "region"}], "stations": [{"station", "units", "rework_units"}],
     "tests": [{"plan", "version"}], …}

Fields with a usual value may be left out (`USUAL`); an unknown one is refused.
"""

import json
from dataclasses import dataclass

from asbuilt.kernel import permits
from asbuilt.kernel.canonical import parse_strict
from asbuilt.kernel.documents import (
    SHA256,
    fields,
    instant,
    into,
    many,
    maybe,
    name,
    once_each,
    one_of,
    read,
    text,
    ulid,
    whole,
    wrong,
)

USUAL = {
    "bom_version": "", "grace_offline_hours": 72, "attempts_per_unit": 3, "operator_roles": ["operator"],
    "two_person_for": ["otp", "rework", "tool-only"], "provision": "", "lock": "none", "supersedes": None,
    "end_certificate_to": "", "tests": [],
}  # fmt: skip


@dataclass(frozen=True)
class AskedImage:
    """An image by role and version, and where it goes."""

    role: str
    version: str
    part: str
    region: str


@dataclass(frozen=True)
class AskedTest:
    """A test plan in the version that its stations run."""

    plan: str
    version: str


@dataclass(frozen=True)
class AskedShare:
    """A station's share."""

    station: str
    units: int
    rework_units: int


@dataclass(frozen=True)
class PermitDraft:
    """What is asked for; instants in UTC microseconds, `plan` by its SHA-256."""

    grant: str
    order: str
    revisions: tuple[str, ...]
    bom_version: str
    not_before: int
    not_after: int
    grace_offline_hours: int
    plan: str
    parts: tuple[permits.Part, ...]
    images: tuple[AskedImage, ...]
    tools: tuple[permits.ToolRule, ...]
    attempts_per_unit: int
    stations: tuple[AskedShare, ...]
    operator_roles: tuple[str, ...]
    two_person_for: tuple[str, ...]
    provision: str
    lock: str
    supersedes: str | None
    end_certificate_to: str
    tests: tuple[AskedTest, ...]

    @property
    def units(self) -> int:
        """Units of all shares."""
        return sum(share.units for share in self.stations)


_DRAFT = into(
    PermitDraft,
    fields(
        grant=ulid,
        order=name(),
        revisions=once_each(many(name(40), least=1, most=50)),
        bom_version=text(40),
        not_before=instant,
        not_after=instant,
        grace_offline_hours=whole(0, permits.GRACE_HOURS_MAX),
        plan=SHA256,
        parts=many(
            into(
                permits.Part,
                fields(ref=name(40), programmer=one_of(*permits.PROGRAMMERS), part=name(), part_id=text(64)),
            ),
            least=1,
            most=20,
        ),
        images=many(
            into(AskedImage, fields(role=one_of(*permits.ROLES), version=name(), part=name(40), region=name(40))),
            least=1,
            most=40,
        ),
        tools=many(
            into(permits.ToolRule, fields(tool=name(40), version_min=text(40), sha256_allowed=many(SHA256, most=20))),
            most=20,
        ),
        attempts_per_unit=whole(1, permits.ATTEMPTS_MAX),
        stations=once_each(
            many(
                into(
                    AskedShare,
                    fields(
                        station=name(40), units=whole(0, permits.UNITS_MAX), rework_units=whole(0, permits.UNITS_MAX)
                    ),
                ),
                least=1,
                most=100,
            ),
            lambda share: share.station,
        ),
        operator_roles=once_each(many(name(40), least=1, most=10)),
        two_person_for=once_each(many(one_of(*permits.TWO_PERSON), most=len(permits.TWO_PERSON))),
        provision=text(80),
        lock=one_of(*permits.LOCKS),
        supersedes=maybe(ulid),
        end_certificate_to=text(80),
        tests=once_each(
            many(into(AskedTest, fields(plan=text(80, least=1), version=name(60))), most=permits.TESTS_MAX),
            lambda test: test.plan,
        ),
    ),
)


def read_draft(document: bytes) -> PermitDraft:
    """What these JSON bytes ask for; Invalid names the field that is wrong."""
    said = parse_strict(document, decimals=False, bytes_max=permits.PERMIT_BYTES_MAX, nesting_max=8)
    if type(said) is not dict:
        raise wrong("", "is an object")
    listed = said.get("stations")
    if type(listed) is list:
        said["stations"] = [{"rework_units": 0, **one} if type(one) is dict else one for one in listed]
    return read(
        json.dumps({**USUAL, **said}, ensure_ascii=False).encode(), _DRAFT, bytes_max=2 * permits.PERMIT_BYTES_MAX
    )
