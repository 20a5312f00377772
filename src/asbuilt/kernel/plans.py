"""Plans: how a unit is programmed and what proves it. The permit names a plan by the SHA-256 of its bytes.

The steps have one order, so a plan only says what each needs: identify → write, read back → provision, read back again →
burn → lock, and a probe that must fail → boot: banner, self-test → on every n-th unit an image with one bit changed,
which the boot loader must refuse, and the good image back.

- `uid_from`: the device's own identity is what its programmer reads (tool), stands in a region of the part (region), or
  the part has none and the name of the unit stands for it (unit).
- A part's `evidence` is the best grade its record can get: read-back (its bytes were read and hashed by us), attested (the
  device answered a challenge over its image with a key that was given to it), tool-only (the tool's word; two people).
- `{version}`, `{revision}`, `{digest}` and `{counter}` in the banner stand for what the permit allows; the last two are the
  digest and the counter of the boot signature, where the boot loader says which image it runs.
- A region of kind app or boot holds an image; factory takes secrets and differs per device, so no image is compared there.

Refused: unknown fields, regions that overlap, a step that names a part or region the plan lacks, attestation without a
secret to attest with, a banner that names no version and digest, a revision from a banner that names none. Format: ours (reference/station.md, sections 8 and 11, says why).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from asbuilt.kernel.documents import (
    fields,
    hexadecimal,
    into,
    many,
    maybe,
    name,
    once_each,
    one_of,
    read,
    text,
    whole,
    wrong,
)
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.permits import Permit, check_two_issuers

PLAN_BYTES_MAX = 64 * 1024
ADDRESS_MAX = 1 << 40
REGION_BYTES_MAX = 1 << 30
SECRET_BYTES_MAX = 64 * 1024

READ_BACK, ATTESTED, TOOL_ONLY = "read-back", "attested", "tool-only"
GRADES = (READ_BACK, ATTESTED, TOOL_ONLY)
UID_SOURCES = ("tool", "region", "unit")
REVISION_SOURCES = ("region", "banner", "operator")


@dataclass(frozen=True)
class Region:
    """A stretch of a part's memory: name, first byte, bytes, kind (app, boot, factory, identity)."""

    name: str
    start: int
    length: int
    kind: str


@dataclass(frozen=True)
class PlannedPart:
    """A part of the plan: designator, what evidence it can give, its regions."""

    ref: str
    evidence: str
    regions: tuple[Region, ...]

    def region(self, wanted: str) -> Region:
        """A region by its name."""
        return next(region for region in self.regions if region.name == wanted)


@dataclass(frozen=True)
class Identity:
    """What identifies the device: source, bytes of its identity, where a region holds it; where the revision is from."""

    uid_from: str
    uid_bytes: int
    part: str
    region: str
    revision_from: str


@dataclass(frozen=True)
class Secret:
    """A credential made anew for each device: name, where it goes, what it is, its bytes, and what stands before it
    (hex), by which the firmware knows that it is there."""

    name: str
    part: str
    region: str
    kind: str
    length: int
    marker: str


@dataclass(frozen=True)
class Burn:
    """A fuse field that is written for good: the value in hex, or the name of a secret of this plan."""

    part: str
    field: str
    value: str
    secret: str


@dataclass(frozen=True)
class Lock:
    """What closes the part, and the probe that must fail afterwards: read or write."""

    part: str
    kind: str
    probe: str


@dataclass(frozen=True)
class Boot:
    """What the started unit must say: banner and self-test line, within so many milliseconds; what it says of an image
    that its boot loader refuses; every how many units that is tried (0: never)."""

    banner: str
    self_test: str
    reject: str
    timeout_ms: int
    negative_every: int


@dataclass(frozen=True)
class Plan:
    """A plan. `sha256` names its bytes."""

    plan: str
    version: int
    product: str
    identity: Identity
    parts: tuple[PlannedPart, ...]
    secrets: tuple[Secret, ...]
    burns: tuple[Burn, ...]
    locks: tuple[Lock, ...]
    boot: Boot | None
    sha256: str = ""

    def part(self, ref: str) -> PlannedPart:
        """A part by its reference designator."""
        return next(part for part in self.parts if part.ref == ref)


_REGION = into(
    Region,
    fields(
        name=name(40), start=whole(0, ADDRESS_MAX), length=whole(1, REGION_BYTES_MAX),
        kind=one_of("app", "boot", "factory", "identity"),
    ),
)  # fmt: skip
_PART = into(
    PlannedPart,
    fields(
        ref=name(40),
        evidence=one_of(*GRADES),
        regions=once_each(many(_REGION, least=1, most=32), lambda region: region.name),
    ),
)
_IDENTITY = into(
    Identity,
    fields(
        uid_from=one_of(*UID_SOURCES), uid_bytes=whole(1, 32), part=text(40), region=text(40),
        revision_from=one_of(*REVISION_SOURCES),
    ),
)  # fmt: skip
_SECRET = into(
    Secret,
    fields(
        name=name(40), part=name(40), region=name(40), kind=one_of("random", "certificate"),
        length=whole(1, SECRET_BYTES_MAX), marker=hexadecimal(0, 64),
    ),
)  # fmt: skip
_BURN = into(Burn, fields(part=name(40), field=name(40), value=hexadecimal(0, 512), secret=text(40)))
_LOCK = into(Lock, fields(part=name(40), kind=one_of("debug", "readout"), probe=one_of("read", "write")))
_BOOT = into(
    Boot,
    fields(
        banner=text(least=1), self_test=text(least=1), reject=text(), timeout_ms=whole(10, 60_000),
        negative_every=whole(0, 100_000),
    ),
)  # fmt: skip
_PLAN = fields(
    schema=one_of(1),
    plan=name(),
    version=whole(1),
    product=name(),
    identity=_IDENTITY,
    parts=once_each(many(_PART, least=1, most=20), lambda part: part.ref),
    secrets=once_each(many(_SECRET, most=20), lambda secret: secret.name),
    burns=many(_BURN, most=40),
    locks=many(_LOCK, most=20),
    boot=maybe(_BOOT),
)


def parse_plan(payload: bytes) -> Plan:
    """The plan of these bytes; Invalid names the field that is wrong."""
    found = read(payload, _PLAN, bytes_max=PLAN_BYTES_MAX)
    del found["schema"]
    plan = Plan(**found, sha256=sha256(payload).hexdigest())
    regions = {part.ref: {region.name: region for region in part.regions} for part in plan.parts}
    for part in plan.parts:
        _refuse_overlap(part)
    for path, ref, region in _places(plan):
        if ref not in regions or (region is not None and region not in regions[ref]):
            raise wrong(path, "names a part or region that the plan does not have")
    names = {secret.name for secret in plan.secrets}
    for number, burn in enumerate(plan.burns):
        if bool(burn.value) == bool(burn.secret) or (burn.secret and burn.secret not in names):
            raise wrong(f"burns.{number}", "has a value, or the name of a secret of this plan")
    if any(part.evidence == ATTESTED for part in plan.parts) and not (plan.secrets and plan.boot):
        raise wrong("parts", "cannot be attested without a secret and a boot")
    if plan.boot and not ("{version}" in plan.boot.banner or "{digest}" in plan.boot.banner):
        raise wrong("boot.banner", "names neither {version} nor {digest}, so that any image would do")
    if plan.identity.revision_from == "banner" and not (plan.boot and "{revision}" in plan.boot.banner):
        raise wrong("identity.revision_from", "is the banner, which does not name {revision}")
    if plan.boot and plan.boot.negative_every and not plan.boot.reject:
        raise wrong("boot.negative_every", "needs the line by which a changed image is refused")
    return plan


def check_plan(plan: Plan, permit: Permit) -> None:
    """Refused where the plan is not the permit's, does not have the parts and regions of its images, or burns or locks what
    one issuer alone permitted (`permit` as its signatures were checked)."""
    if plan.sha256 != permit.plan_sha256 or (plan.plan, plan.version) != (permit.plan, permit.plan_version):
        raise _refused(
            "kernel.plan_hash", f"Plan {plan.plan} version {plan.version} is not the one of the permit.", plan, permit
        )
    if plan.product != permit.product:
        raise _refused("kernel.plan_product", f"The plan is for product {plan.product}.", plan, permit)
    known = {(part.ref, region.name): region.length for part in plan.parts for region in part.regions}
    for image in permit.images:
        if known.get((image.part, image.region), 0) < image.length:
            said = f"The plan has no region {image.region} of {image.part} that holds {image.length:,} bytes."
            raise _refused("kernel.plan_region", said, plan, permit)
    if plan.boot is not None:
        _check_banner(plan, permit)
    locked = {"none": set(), "debug": {"debug"}, "readout": {"readout", "debug"}}[permit.lock]
    if not {lock.kind for lock in plan.locks} <= locked or (locked and not plan.locks):
        raise _refused("kernel.plan_lock", "Plan and permit do not agree on what is locked.", plan, permit)
    check_issuers(plan, permit)


def check_issuers(plan: Plan, permit: Permit) -> None:
    """Refused where this plan burns or locks and fewer than two issuers signed the permit."""
    if plan.burns or plan.locks:
        check_two_issuers(permit, "fuses to burn" if plan.burns else "a lock")


def _check_banner(plan: Plan, permit: Permit) -> None:
    named = {"{digest}": bool(permit.started.image_digest), "{counter}": permit.started.security_counter is not None}
    for place, is_named in named.items():
        if place in plan.boot.banner and not is_named:
            said = f"The plan compares {place} after the start, but the permit names none for its image."
            raise _refused("kernel.plan_banner", said, plan, permit)


def _refused(code: str, message: str, plan: Plan, permit: Permit) -> Refused:
    facts = {"plan": plan.plan, "version": plan.version, "sha256": plan.sha256, "permit_sha256": permit.plan_sha256}
    return Refused(code, message, facts, "Get the plan that the permit names, or another permit.")


def _refuse_overlap(part: PlannedPart) -> None:
    found = sorted(part.regions, key=lambda region: region.start)
    for one, after in zip(found, found[1:], strict=False):
        if one.start + one.length > after.start:
            raise wrong(f"parts.{part.ref}", f"has regions {one.name} and {after.name} that overlap")


def _places(plan: Plan) -> Iterable[tuple[str, str, str | None]]:
    if plan.identity.uid_from == "region" or plan.identity.revision_from == "region":
        yield "identity.region", plan.identity.part, plan.identity.region
    elif plan.identity.uid_from == "tool":
        yield "identity.part", plan.identity.part, None
    for kind, steps in (("secrets", plan.secrets), ("burns", plan.burns), ("locks", plan.locks)):
        for number, step in enumerate(steps):
            yield f"{kind}.{number}", step.part, getattr(step, "region", None)
