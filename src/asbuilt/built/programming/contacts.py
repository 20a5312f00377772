"""A station's visits: its bulletin, its folder, what it has heard. None of it is a fact of the record; it can be made anew.

    folder          what the station may fetch: trust store, grants, permits, plans, releases, images sealed for it, bulletin
    wanted          records after the last one that is here, by which a restored record asks for what it lacks

A bulletin's epoch only rises, also after a restore: it is the time in seconds, or one more than the last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.rights import STATION_SYNC
from asbuilt.built.programming import comparing, fixtures, models, permits, stations
from asbuilt.built.programming.actions.permits import statement_sha256
from asbuilt.built.programming.stations import StationSeen
from asbuilt.designed.catalog import test_plans
from asbuilt.designed.firmware import images, register
from asbuilt.kernel import envelope, releases, sealing
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.station_documents import DrawnOtherwise, HeldSave
from asbuilt.ledger import clock, keyring, origins
from asbuilt.storage import blobs, bulk, reading
from asbuilt.storage.transactions import write_tx

OPERATOR_DAYS = 90
OPERATORS_MAX = 5_000
BULLETIN = "bulletin.json"
HELD_MAX = 20_000


@dataclass(frozen=True)
class Held:
    """What is held of what a station may program: device identities, and units by every name a scanner may read; `save`: held but under some permits; `drawn`: names
    that sampled test plans do not draw as their unit."""

    uids: Sequence[str]
    units: Sequence[str]
    save: Sequence[HeldSave] = ()
    drawn: Sequence[DrawnOtherwise] = ()


@dataclass(frozen=True)
class Place:
    """A file of a station's folder: path, SHA-256, bytes."""

    path: str
    sha256: str
    length: int


class Folder:
    """The folder of one station; `held` is asked only where a bulletin is written."""

    def __init__(self, actor: Actor, station: str, held: Callable[[list[permits.PermitSeen]], Held]):
        actor.require(STATION_SYNC)
        self.tenant, self._held = actor.tenant, held
        self.seen: StationSeen = stations.station_of(actor.tenant, station)
        self.permits = permits.of_station(permits.issued_permits(actor.tenant), station)
        self._documents: dict[str, bytes] = {}

    def places(self, *, with_receipts: bool = False) -> list[Place]:
        """What the station may fetch, with a bulletin written now."""
        found = dict(self._small())
        if with_receipts:
            found |= self._receipts()
            found["wanted.json"] = canonical_bytes({"keys": self.wanted()})
        found[BULLETIN] = self.bulletin()
        self._documents = found
        listed = [Place(path, sha256(content).hexdigest(), len(content)) for path, content in found.items()]
        for image in self._images():
            stored, length = self._sealed(image)
            listed.append(Place(f"images/{image[3]}", stored, length))
        return listed

    def file(self, path: str) -> bytes:
        """One of these files; NotFound for another. A bulletin is the last one written."""
        if path.startswith("images/"):
            for image in self._images():
                if image[3] == path.removeprefix("images/"):
                    return blobs.place(self._sealed(image)[0]).read_bytes()
        elif path == BULLETIN:
            contact = _contact(self.tenant, self.seen.station)
            if contact and contact.bulletin:
                return contact.bulletin.encode()
        else:
            content = (self._documents or dict(self._small())).get(path)
            if content is not None:
                return content
        raise NotFound(
            "programming.file_unknown", f"The folder has no {path[:80]}.", {"path": path[:80]}, "List it anew."
        )

    def wanted(self) -> list[str]:
        """Asks for every record after the last one that is here: none where nothing was lost."""
        seq, _ = stations.head_of(self.tenant, self.seen.station, self.seen.entry)
        return [f"{self.seen.station}/after/{seq}"]

    def bulletin(self) -> bytes:
        """A new bulletin, signed; what it rests on is the record as of its last entry."""
        # the head first: what is recorded while the rest is read is not said to have been heard
        head = reading.fetch_one("SELECT max(number) FROM ledger_entry WHERE tenant = %s", (self.tenant,))[0] or 0
        epoch, revoked = permits.revocations(self.tenant)
        mine = {one.permit.permit_id for one in self.permits}
        programmed = {image.sha256 for one in self.permits for image in one.permit.images}
        held = self._held(self.permits)
        with write_tx(self.tenant):
            now = clock.now()
            contact = _contact(self.tenant, self.seen.station)
            number = max(now // 1_000_000, (contact.epoch if contact else 0) + 1)
            said = {
                "schema": 1, "station": self.seen.station, "epoch": number, "issued_at": format_instant(now),
                "revocation_epoch": epoch, "operators": _operators(self.tenant, now), "revoked_permits": _whole([one for one in revoked if one in mine], documents.REVOKED_MAX),
                "withdrawn_images": _whole(_withdrawn(self.tenant, programmed), documents.WITHDRAWN_MAX), "held_uids": list(held.uids)[:HELD_MAX],
                "held_units": list(held.units)[:HELD_MAX],
                "released_alarms": stations.released_here(self.tenant, self.seen.station), "recorded": self._recorded(),
            }  # fmt: skip
            if held.save:
                said["held_save"] = [
                    {"permits": list(one.permits), "units": list(one.units), "uids": list(one.uids)}
                    for one in held.save
                ]
            if held.drawn:
                said["drawn_otherwise"] = [
                    {"plan_sha256": one.plan_sha256, "units": list(one.units)} for one in held.drawn
                ]
            used = fixtures.elsewhere(self.tenant, self.seen.station, self.seen.public.key_id)
            if used is not None:
                # stations of before the first one do not know the word
                said["fixtures"] = [{**one, "at": format_instant(one["at"])} for one in used]
            private = keyring.record_private(origins.origin(self.tenant))
            document = envelope.sign(documents.BULLETIN_TYPE, canonical_bytes(said), private)
            _note(self.tenant, self.seen.station, epoch=number, bulletin=document.decode(), bulletin_entry=head)
        return document

    def _recorded(self) -> list[dict]:
        """When our log recorded the grants and releases of this folder: their keys are judged by that, not by today."""
        entries = permits.grant_entries(self.tenant)
        found = {}
        for one in self.permits:
            found.setdefault(one.permit.grant_sha256, entries.get(one.permit.grant_id))
        for product, role, version, _ in self._images():
            released = register.release(self.tenant, product, role, version)
            # a signature that was added later is proved by its own entry, not by the release's
            entries_of = [one.entry for one in (*released.signatures, released.last(register.RELEASED))]
            found[statement_sha256(released)] = max(entries_of)
        at = permits.recorded_times(self.tenant, {entry for entry in found.values() if entry is not None})
        told = [{"sha256": sha, "at": format_instant(at[entry])} for sha, entry in found.items() if entry in at]
        # what is left out is judged by today: nothing more is let through
        return told[: documents.RECORDED_MAX]

    def _small(self):
        for number, document, _ in register.trust_documents(self.tenant):
            yield f"trust/{number:04}.json", document
        for grant_id in dict.fromkeys(one.permit.grant_id for one in self.permits):
            yield f"grants/{grant_id}.json", permits.grant_document(self.tenant, grant_id)
        for sha in dict.fromkeys(one.permit.plan_sha256 for one in self.permits):
            yield f"plans/{sha}.json", permits.plan_document(self.tenant, sha)
        for named in dict.fromkeys(test for one in self.permits for test in one.permit.tests):
            known = test_plans.versions_of(self.tenant, named.plan).get(named.version)
            if known is not None and known.sha256 == named.sha256:
                yield f"tests/{named.sha256}.json", known.document.encode()
        for product, role, version, _ in self._images():
            found = register.release(self.tenant, product, role, version)
            yield f"releases/{statement_sha256(found)}.json", envelope.envelope_bytes(found.envelope())
        for product in self._compared():
            yield f"comparing/{sha256(product.encode()).hexdigest()}", self._sealed_key(product)
        for one in self.permits:
            yield f"permits/{one.permit.permit_id}.json", one.document

    def _compared(self) -> list[str]:
        """Products of which a permitted test compares secrets of units."""
        found = {}
        for one in self.permits:
            for named in one.permit.tests if one.state != permits.REVOKED else ():
                known = test_plans.versions_of(self.tenant, named.plan).get(named.version)
                if known is not None and known.content.station and known.content.station.compares:
                    found[one.permit.product] = None
        return list(found)

    def _sealed_key(self, product: str) -> bytes:
        """The key by which secrets of the product's units are compared, sealed once for this station."""
        key = comparing.key_of(self.tenant, product)
        stored, _ = self._sealed_once(sha256(key).hexdigest(), lambda: key, sealing.COMPARISON_KEY)
        return blobs.place(stored).read_bytes()

    def _receipts(self) -> dict[str, bytes]:
        rows = models.Receipt.objects.of(self.tenant).filter(station=self.seen.station)
        return {f"receipts/{row.name}.json": row.document.encode() for row in rows}

    def _images(self) -> list[tuple[str, str, str, str]]:
        """(product, role, version, SHA-256) of the images of permits that are not revoked and were not withdrawn."""
        found = {}
        for one in self.permits:
            if one.state == permits.REVOKED:
                continue
            for image in one.permit.images:
                key = (one.permit.product, image.role, image.version, image.sha256)
                found.setdefault(key, register.is_permittable(self.tenant, *key[:3]))
        return [key for key, right in found.items() if right]

    def _sealed(self, image: tuple[str, str, str, str]) -> tuple[str, int]:
        """(SHA-256 of the sealed bytes, how many): sealed once for this station's key and kept as a blob."""
        product, role, version, digest = image

        def clear() -> bytes:
            found = register.permittable(self.tenant, product, role, version)
            opened = images.open_image(self.tenant, digest)
            releases.check_image(found.statement, opened)
            return opened

        return self._sealed_once(digest, clear, sealing.IMAGE)

    def _sealed_once(self, digest: str, clear: Callable[[], bytes], purpose: str) -> tuple[str, int]:
        key = self.seen.transfer
        rows = models.SealedImage.objects.of(self.tenant).filter(sha256=digest, key_id=key.key_id)
        known = rows.first()
        if known and blobs.place(known.stored_sha256).exists():
            return known.stored_sha256, known.length
        stored, length = blobs.store([sealing.seal(clear(), key, purpose)])
        with write_tx(self.tenant):
            rows.delete()
            columns = ("tenant", "sha256", "key_id", "stored_sha256", "length")
            bulk.insert_rows("programming_sealed_image", columns, [(self.tenant, digest, key.key_id, stored, length)])
        return stored, length


def seen_now(tenant: int, station: str, waiting: int | None) -> None:
    """The station is here, and says how many records wait there."""
    with write_tx(tenant):
        said = {"seen_at": clock.now()}
        if waiting is not None:
            said["waiting"] = waiting
        _note(tenant, station, **said)


def heard(tenant: int, station: str, bulletin: bytes) -> None:
    """The station has fetched this bulletin; nothing is noted where a newer one was written meanwhile."""
    with write_tx(tenant):
        contact = _contact(tenant, station)
        if contact and contact.bulletin.encode() == bulletin:
            _note(tenant, station, heard_entry=contact.bulletin_entry, heard_at=clock.now())


def refuse_closed(seen: StationSeen) -> None:
    """Refused where the station is not enrolled any more."""
    if seen.state != stations.ENROLLED:
        raise Refused("programming.station_closed", f"Station {seen.station} is closed.", {}, "Have it enrolled anew.")


def _contact(tenant: int, station: str) -> models.StationContact | None:
    return models.StationContact.objects.of(tenant).filter(station=station).first()


def _note(tenant: int, station: str, **said) -> None:
    rows = models.StationContact.objects.of(tenant).filter(station=station)
    if not rows.update(**said):
        models.StationContact(tenant=tenant, station=station, **said).save(force_insert=True)


def _operators(tenant: int, now: int) -> list[dict]:
    """People with a valid badge and an active login: who may do what at a station."""
    sql = (
        "SELECT p.code, b.hash, l.roles FROM access_login l JOIN access_person p ON p.tenant = l.tenant AND p.number = l.person "
        "JOIN access_badge b ON b.tenant = l.tenant AND b.person = l.person AND b.revoked_by IS NULL "
        f"WHERE l.tenant = %s AND l.active AND p.code IS NOT NULL ORDER BY p.number LIMIT {OPERATORS_MAX}"
    )
    until = format_instant(now + OPERATOR_DAYS * 86_400_000_000)
    return [
        {
            "person": code, "badge_sha256": badge,
            "roles": [role.replace("_", "-") for role in roles.split()][:10], "until_at": until,
        }
        for code, badge, roles in reading.fetch(sql, (tenant,))
    ]  # fmt: skip


def _whole(found: list[str], most: int) -> list[str]:
    """The list as it is; Refused where a bulletin cannot hold it: what is left out would be programmed."""
    if len(found) > most:
        raise Refused(
            "programming.bulletin_full",
            f"A bulletin names at most {most:,} withdrawn images and as many revoked permits; this one would need {len(found):,}.",
            {"needed": len(found), "limit": most},
            "Close the station and enrol it under a new name: its old permits stay behind.",
        )
    return found


def _withdrawn(tenant: int, programmed: set[str]) -> list[str]:
    """SHA-256 of those of these images of which every release was withdrawn."""
    found = register.registered(tenant)
    standing = {one.statement.sha256 for one in found if one.state == register.RELEASED}
    gone = {one.statement.sha256 for one in found if one.state == register.WITHDRAWN}
    return sorted((gone - standing) & programmed)
