"""Cycle: one attempt at one unit, from power-on to its record.

    identify, identity → RESERVE → for each image: write, read back → secrets, read back → all images again → fuses
    → (sampled, before a lock) changed image refused, good image back → lock, probe that must fail → boot: banner, self-test,
    challenge → COMMIT, or FAIL with the reason

The read-back that counts is the one after provisioning, since a tool may write a secret over the image and say it went
well. Its SHA-256 is ours. A part that cannot be read is attested by the device with a key that it was just given, or rests on the
tool's word where two people allowed it: the record names the grade, and without one there is no pass.

Before each point of no return (a fuse, a lock) the ledger has an entry of what will be burnt; it is never tried again with
another value. A secret is made, given, compared and forgotten: no entry, record, log or command holds it.
"""

import hashlib
import hmac
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from asbuilt.kernel import plans
from asbuilt.kernel.errors import AsbuiltError, Refused
from asbuilt.kernel.permits import PlacedImage
from asbuilt.kernel.station_documents import Given, RecordedImage
from asbuilt.station.authority import LineAuthority
from asbuilt.station.boot_check import banner_of, differing
from asbuilt.station.chain import Entry
from asbuilt.station.home import Socket
from asbuilt.station.ledger import Ledger
from asbuilt.station.lockout import Cleared, refuse_uid
from asbuilt.station.programmers.protocol import DeviceIdentity, Evidence, Fault, Programmer, Session, ToolFailed

NONCE_BYTES = 16
ATTEST_LINE = "ATTEST "
LINES_MAX = 40


class Failed(Exception):
    """The unit did not pass: a reason for the record, a sentence for the operator, whether the line must stop."""

    def __init__(self, reason: str, said: str, *, alarm: bool = False):
        super().__init__(reason, said)
        self.reason, self.said, self.alarm = reason, said, alarm


@dataclass
class Trace:
    """What a cycle has found so far."""

    uid: str = ""
    revision: str = ""
    read_back: dict[tuple[str, str], str] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    written: bool = False
    attested: set[str] = field(default_factory=set)
    booted: bool = False
    changed_image_refused: bool = False
    evidence: list[Evidence] = field(default_factory=list)


class Cycle:
    """One attempt. `run` returns (result, reason, said, alarm); `trace` holds the evidence, `reserved` the reservation."""

    def __init__(
        self, cleared: Cleared, socket: Socket, ledger: Ledger, station: str, programmers: dict[str, Programmer], work: Path,
        authority: LineAuthority | None = None,
    ):  # fmt: skip
        self._cleared, self._socket, self._ledger, self._station = cleared, socket, ledger, station
        self._programmers, self._work, self._authority = programmers, work, authority
        self._sessions: dict[str, Session] = {}
        self._secrets: dict[str, bytes] = {}
        self.trace = Trace()
        self.reserved: Entry | None = None
        self.ended = False

    def run(self) -> tuple[str, str, str, bool]:
        """The whole of it; raises AsbuiltError only for what is refused before the reservation."""
        try:
            try:
                self._identify()
                self._reserve()
                self._program()
                return "pass", "", "", False
            except Failed as failed:
                return self._ended(failed.reason), failed.reason, failed.said, failed.alarm
            except ToolFailed as failed:
                if failed.evidence:
                    self.trace.evidence.append(failed.evidence)
                if self.reserved is None:
                    raise _before_power(failed) from None
                return self._ended(failed.fault), str(failed.fault), failed.text, False
            except (ValueError, LookupError) as odd:
                # a tool or target spoke otherwise than any that was seen: unknown, which fails
                said = f"What the tool or target said cannot be read: {type(odd).__name__}."
                if self.reserved is None:
                    raise _before_power(ToolFailed(Fault.unknown, said)) from odd
                return self._ended("unknown"), str(Fault.unknown), said, False
        finally:
            self._close()

    def _ended(self, reason: str) -> str:
        # nothing reached the device: the unit returns to the share
        return "fail" if self.trace.written else "void"

    def _identify(self) -> None:
        plan, permit = self._cleared.plan, self._cleared.permit
        for part in permit.parts:
            place = next((place for place in self._socket.places if place.ref == part.ref), None)
            if place is None:
                raise Refused(
                    "station.socket_lacks_part",
                    f"Socket {self._socket.name} does not reach part {part.ref}.",
                    {"socket": self._socket.name, "part": part.ref},
                    "Set the socket up for this part in station.json.",
                )
            programmer = self._programmers[part.programmer]
            session = programmer.open(place.address, part.part, part.part_id, self._work)
            self._sessions[part.ref] = session
            found = DeviceIdentity("")
            if "identify" in programmer.capabilities:
                found = session.identify()
            if part.part_id and found.part_id != part.part_id:
                raise _wrong_part(part.ref, part.part_id, found.part_id)
            if plan.identity.uid_from == "tool" and plan.identity.part == part.ref:
                self.trace.uid = found.uid
        self._read_identity()
        refuse_uid(self.trace.uid, self._cleared)

    def _read_identity(self) -> None:
        plan, scanned = self._cleared.plan, self._cleared.scanned
        self.trace.revision = scanned.revision
        if "region" in (plan.identity.uid_from, plan.identity.revision_from):
            region = plan.part(plan.identity.part).region(plan.identity.region)
            raw = self._sessions[plan.identity.part].read(region, region.length)
            if plan.identity.uid_from == "region":
                self.trace.uid = raw[: plan.identity.uid_bytes].hex()
                raw = raw[plan.identity.uid_bytes :]
            if plan.identity.revision_from == "region":
                said = raw.rstrip(b"\x00\xff").decode("latin-1")
                self.trace.revision = re.sub(r"[^\x20-\x7e]", "?", said)
                if said != scanned.revision:
                    raise _wrong_revision(self.trace.revision, scanned.revision)
        if plan.identity.uid_from == "unit":
            self.trace.uid = scanned.unit

    def _reserve(self) -> None:
        cleared = self._cleared
        facts = {"unit": cleared.scanned.unit, "socket": self._socket.name, "operator": cleared.operator}
        self.reserved = self._ledger.reserve(
            cleared.permit, self._station, self.trace.uid, facts=facts, rework=cleared.scanned.rework
        )

    def _program(self) -> None:
        plan = self._cleared.plan
        for image, content in self._cleared.images:
            self._write(image, content)
        for secret in plan.secrets:
            self._provision(secret)
        if plan.secrets:
            for image, content in self._cleared.images:
                self._read_back(image, content)
        for burn in plan.burns:
            self._burn(burn)
        if self._cleared.sampled and plan.locks:
            self._negative_test()
        for lock in plan.locks:
            self._lock(lock)
        if plan.boot:
            self._boot()
            self._attest()
            if self._cleared.sampled and not plan.locks:
                self._negative_test()
                self._boot()
                # what was attested was gone in between
                self._attest()
        self._refuse_without_grade()

    def _write(self, image: PlacedImage, content: bytes) -> None:
        region = self._cleared.plan.part(image.part).region(image.region)
        self._note("WRITING", {"part": image.part, "region": image.region, "sha256": image.sha256})
        self.trace.written = True
        self._sessions[image.part].write(region, content)
        self._read_back(image, content)

    def _read_back(self, image: PlacedImage, content: bytes) -> None:
        planned = self._cleared.plan.part(image.part)
        if planned.evidence != plans.READ_BACK:
            return
        found = self._sessions[image.part].read(planned.region(image.region), len(content))
        digest = hashlib.sha256(found).hexdigest()
        self.trace.read_back[image.part, image.region] = digest
        if digest != image.sha256:
            first = next((at for at, (one, other) in enumerate(zip(found, content, strict=False)) if one != other), 0)
            raise Failed(
                "readback_mismatch", f"What is on {image.part} differs from the image, first at byte {first:,}."
            )

    def _provision(self, secret: plans.Secret) -> None:
        content, public = self._made(secret)
        whole = bytes.fromhex(secret.marker) + content
        region = self._cleared.plan.part(secret.part).region(secret.region)
        if len(whole) > region.length:
            raise Failed("secret_too_long", f"The credential {secret.name} does not fit its region.")
        session = self._sessions[secret.part]
        session.provision(region, whole)
        self.trace.given.append(Given(secret.name, hashlib.sha256(public).hexdigest()))
        self._secrets[secret.name] = content
        if self._cleared.plan.part(secret.part).evidence == plans.READ_BACK:
            found = session.read(region, len(whole))
            if not hmac.compare_digest(found, whole):
                raise Failed("secret_mismatch", f"The credential {secret.name} did not arrive on {secret.part}.")

    def _made(self, secret: plans.Secret) -> tuple[bytes, bytes]:
        """(what the device gets, what may be known of it): never twice the same, never a default."""
        if secret.kind == "random":
            content = os.urandom(secret.length)
            return content, hmac.digest(content, b"asbuilt credential", "sha256")
        if self._authority is None:
            raise Failed("no_authority", "This station has no line authority that could sign a certificate.")
        try:
            return self._authority.issue(self.trace.uid, self._cleared.scanned.unit)
        except AsbuiltError as error:
            raise Failed("authority_token", f"The line authority does not sign: {error.message}") from None

    def _burn(self, burn: plans.Burn) -> None:
        value = self._secrets[burn.secret] if burn.secret else bytes.fromhex(burn.value)
        known = hmac.digest(value, b"asbuilt credential", "sha256") if burn.secret else value
        facts = {"part": burn.part, "field": burn.field, "value_sha256": hashlib.sha256(known).hexdigest()}
        self._note("BURNING", facts)
        self.trace.written = True
        try:
            self._sessions[burn.part].burn(burn.field, value)
        except ToolFailed as failed:
            if failed.fault is not Fault.fuse_conflict:
                raise
            self.trace.evidence.append(failed.evidence)
            said = f"{burn.field} of {burn.part} holds another value for good: scrap the unit, never try another one."
            raise Failed("fuse_conflict", said) from None
        self._note("NOTE", {"burnt": burn.field, "part": burn.part})

    def _lock(self, lock: plans.Lock) -> None:
        session = self._sessions[lock.part]
        self._note("BURNING", {"part": lock.part, "lock": lock.kind})
        session.lock(lock.kind)
        try:
            session.attempt(lock.kind, lock.probe)
        except ToolFailed as failed:
            if failed.fault in (Fault.fuse_conflict, Fault.protected):
                self.trace.evidence.append(failed.evidence)
                return
            raise
        raise Failed("lock_open", f"{lock.part} was locked, but a {lock.probe} still goes through.", alarm=True)

    def _boot(self) -> None:
        boot, permit = self._cleared.plan.boot, self._cleared.permit
        session = self._sessions[self._booting]
        session.restart()
        lines = self._hear(session, (boot.self_test, *((boot.reject,) if boot.reject else ()), "FAIL"), boot.timeout_ms)
        self.trace.lines += lines
        started, revision = permit.started, self._cleared.scanned.revision
        banner = banner_of(boot.banner, started, revision)
        if not lines:
            raise Failed("no_banner", f"The unit said nothing within {boot.timeout_ms / 1000:.1f} s.")
        if boot.reject and any(boot.reject in line for line in lines):
            raise Failed("boot_rejected", "The boot loader refuses the image that was written.", alarm=True)
        if not any(line == banner for line in lines):
            raise self._other_banner(lines, banner)
        if not any(boot.self_test in line for line in lines):
            raise Failed("self_test", f"The self-test did not pass: {lines[-1]!r}.")
        self.trace.booted = True

    def _other_banner(self, lines: list[str], banner: str) -> Failed:
        boot, permit = self._cleared.plan.boot, self._cleared.permit
        found = differing(boot.banner, lines, permit.started, self._cleared.scanned.revision)
        if found is not None and found[0] == "boot_digest":
            return Failed(
                "boot_digest", f"The unit runs the boot digest {found[1]}, {found[2]} is permitted.", alarm=True
            )
        if found is not None and found[0] == "boot_counter":
            said = f"The unit runs the security counter {found[1]}, {found[2]} is permitted."
            return Failed("boot_counter", said, alarm=True)
        said = next((line for line in lines if line.split(" ")[0] == banner.split(" ")[0]), lines[0])
        return Failed(
            "version", f"The unit says {said!r}, {banner!r} is permitted (permit {permit.permit_id}).", alarm=True
        )

    def _negative_test(self) -> None:
        """An image with one bit changed must not start; then the good one is put back and read back."""
        boot = self._cleared.plan.boot
        started = self._cleared.permit.started
        image, content = next(pair for pair in self._cleared.images if pair[0] == started)
        region = self._cleared.plan.part(image.part).region(image.region)
        session = self._sessions[image.part]
        changed = bytearray(content)
        # neither in what starts the firmware nor in its last word
        changed[len(changed) // 2] ^= 1
        self._note("NOTE", {"negative_test": image.role})
        try:
            session.write(region, bytes(changed))
            session.restart()
            lines = self._hear(session, (boot.reject, boot.self_test), boot.timeout_ms)
        finally:
            session.write(region, content)
        self._read_back(image, content)
        self.trace.lines += [f"changed image: {line}" for line in lines]
        if any(boot.self_test in line for line in lines) or not any(boot.reject in line for line in lines):
            raise Failed("boots_changed_image", "An image with one bit changed starts on this unit.", alarm=True)
        self.trace.changed_image_refused = True

    def _attest(self) -> None:
        """The device answers a challenge over the image that it runs, with the secret that it was just given."""
        attested = [part for part in self._cleared.plan.parts if part.evidence == plans.ATTESTED]
        self.trace.attested.clear()
        for part in attested:
            secret = next(one for one in self._cleared.plan.secrets if one.part == part.ref and one.kind == "random")
            image = next(image for image, _ in self._cleared.images if image.part == part.ref)
            nonce = os.urandom(NONCE_BYTES)
            session = self._sessions[part.ref]
            session.say(ATTEST_LINE + nonce.hex())
            lines = self._hear(session, (ATTEST_LINE,), self._cleared.plan.boot.timeout_ms)
            answer = next((line for line in lines if line.startswith(ATTEST_LINE)), "")
            right = hmac.digest(self._secrets[secret.name], nonce + bytes.fromhex(image.sha256), "sha256").hex()
            if not hmac.compare_digest(answer.removeprefix(ATTEST_LINE).strip().encode(), right.encode()):
                raise Failed("attestation", f"{part.ref} does not prove that it runs the permitted image.", alarm=True)
            self.trace.attested.add(part.ref)

    def _refuse_without_grade(self) -> None:
        for image in self.images():
            if not image.grade:
                raise Failed("no_evidence", f"Nothing proves what {image.part} runs.")

    def images(self) -> tuple[RecordedImage, ...]:
        """The images with the grade that each reached."""
        found = []
        for image, _ in self._cleared.images:
            digest = self.trace.read_back.get((image.part, image.region), "")
            evidence = self._cleared.plan.part(image.part).evidence
            grade = ""
            if evidence == plans.READ_BACK and digest == image.sha256:
                grade = plans.READ_BACK
            elif evidence == plans.ATTESTED and image.part in self.trace.attested:
                grade = plans.ATTESTED
            elif evidence == plans.TOOL_ONLY and self._cleared.second and self.trace.written:
                grade = plans.TOOL_ONLY
            found.append(RecordedImage(image.part, image.role, image.version, image.sha256, digest, grade))
        return tuple(found)

    @property
    def _booting(self) -> str:
        return self._cleared.permit.started.part

    def _hear(self, session: Session, until: tuple[str, ...], timeout_ms: int) -> list[str]:
        """Lines of the unit; the wait is the unit's time, not the agent's, and stands in the evidence."""
        began = time.monotonic()
        lines = session.lines(until, timeout_ms)
        phrase = lines[-1] if lines else "nothing was said"
        self.trace.evidence.append(Evidence("console", (), None, phrase, time.monotonic() - began))
        return lines

    def _note(self, kind: str, facts: dict) -> None:
        reserved = self.reserved
        self._ledger.append(kind, permit=reserved.permit, uid=reserved.uid, attempt=reserved.attempt, facts=facts)

    def _close(self) -> None:
        for session in self._sessions.values():
            self.trace.evidence += session.calls
            session.close()
        self._secrets.clear()


def grade_of(images: tuple[RecordedImage, ...]) -> str:
    """The weakest grade of a unit's images: empty, tool-only, attested, read-back."""
    order = ("", plans.TOOL_ONLY, plans.ATTESTED, plans.READ_BACK)
    return min((image.grade for image in images), key=order.index, default="")


def _before_power(failed: ToolFailed) -> AsbuiltError:
    if failed.fault is Fault.wrong_part:
        return Refused(
            "station.wrong_part", f"Another part is fitted: {failed.text}", {"fault": failed.fault},
            "Take the unit out; look what was mounted.",
        )  # fmt: skip
    return Refused(
        "station.no_target", f"The device does not answer: {failed.text}", {"fault": failed.fault},
        "Put the unit into the socket again; look at cable and power.",
    )  # fmt: skip


def _wrong_part(ref: str, expected: str, found: str) -> Refused:
    return Refused(
        "station.wrong_part",
        f"{ref} answers as {found or 'nothing'}, the permit is for {expected}.",
        {"part": ref, "expected": expected, "found": found},
        "Take the unit out; look what was mounted.",
    )


def _wrong_revision(found: str, expected: str) -> Refused:
    return Refused(
        "station.wrong_revision",
        f"The device is of revision {found or '?'}, {expected} was scanned.",
        {"found": found, "expected": expected},
        "Take the unit out; look whether the order's units were mixed up.",
    )
