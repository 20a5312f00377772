"""Keys whose signatures count, of feeds and of bundles, and taking bundles in. The twin of Keys of feeds and of the form on Feeds."""

from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import FEED_TAKE, VULNERABILITY_READ
from asbuilt.designed.vulnerability.feeds import trusting, unbundling
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.plain import plain

router = Router(tags=["Vulnerabilities"], auth=Caller())
Fingerprint = Annotated[
    str, Form(min_length=16, max_length=200, description="As its owner told you by another way than the file.")
]
OfFeed = Annotated[str, Form(max_length=60, description="Name of the feed; empty: of bundles.")]


class KeyShape(Shape):
    """A key whose signatures count, or no more."""

    feed: str = Field(description="The feed whose files it signs; empty: bundles.")
    form: str = Field(description="openpgp house.")
    fingerprint: str = Field(description="Hex digits, upper case.")
    name: str = Field(description="Whose it is, as a person said.")
    closed: bool = Field(description="It counts no more.")


class KeyList(Shape):
    """Every key that was trusted."""

    keys: list[KeyShape] = Field(description="By feed; first those of bundles.")


class ProposedShape(Shape):
    """A key that a provider names; proves nothing."""

    fingerprint: str = Field(description="Hex digits, upper case.")
    url: str = Field(description="Where the provider says that the key is.")


class ProposedList(Shape):
    """What a provider-metadata.json names."""

    keys: list[ProposedShape] = Field(description="In its order.")


class PartShape(Shape):
    """A feed of a bundle."""

    feed: str = Field(description="Its name.")
    fetched_at: str = Field(description="When it was fetched on the machine that made the bundle: the feed's age.")
    taken: dict | None = Field(
        description="As POST …/takes answers: fresh, changed, unchanged, broken, signature …; null: passed over."
    )
    passed_over: str = Field(description="Why nothing of it was read; empty: it was.")
    skipped: int = Field(description="Files that were read to their end before.")


class BundleShape(Shape):
    """A bundle that was taken in."""

    bundle: str = Field(description="SHA-256 of its manifest.")
    made_by: str = Field(description="The log of the house that made it.")
    made_at: str = Field(description="When.")
    key: str = Field(description="The key that signed it.")
    feeds: list[PartShape] = Field(description="Its feeds.")


class DistrustIn(Shape):
    """Which key counts no more."""

    fingerprint: str = Field(min_length=16, max_length=200, description="Its fingerprint.")
    feed: str = Field("", max_length=60, description="Name of the feed; empty: of bundles.")


@router.get("/vulnerability-feed-keys", response=KeyList, auth=needs(VULNERABILITY_READ), operation_id="list_vulnerability_feed_keys", summary="Keys of feeds and bundles")  # fmt: skip
def list_keys(request: HttpRequest):
    """Whose signatures count for which feed, and whose bundles are taken in."""
    return {"keys": [_shown(row) for row in trusting.keys_seen(request.actor)]}


@router.post("/vulnerability-feed-keys", response={201: KeyShape}, auth=needs(FEED_TAKE, "API_IMPORT_BYTES_MAX"), operation_id="trust_vulnerability_feed_key", summary="Trust a key for a feed or for bundles")  # fmt: skip
def trust(
    request: HttpRequest,
    key: Annotated[UploadedFile, File(description="OpenPGP public key of a feed; public.keys or PEM of a house.")],
    fingerprint: Fingerprint,
    feed: OfFeed = "",
    name: Annotated[str, Form(max_length=200, description="Whose it is.")] = "",
    idempotency_key: IdempotencyKey = None,
):
    """From then on the feed takes only files signed with its keys."""
    said = {"content": _content(key), "fingerprint": fingerprint, "feed": feed, "name": name}
    return Status(201, _shown(trusting.trust(request.actor, **said, request_key=request_key(request, idempotency_key))))


@router.post("/vulnerability-feed-keys/withdrawals", response={201: KeyShape}, auth=needs(FEED_TAKE), operation_id="distrust_vulnerability_feed_key", summary="Trust a key no more")  # fmt: skip
def distrust(request: HttpRequest, said: DistrustIn, idempotency_key: IdempotencyKey = None):
    """What it signed before stays."""
    key = request_key(request, idempotency_key)
    return Status(
        201, _shown(trusting.distrust(request.actor, fingerprint=said.fingerprint, feed=said.feed, request_key=key))
    )


@router.post("/vulnerability-feed-keys/proposals", response=ProposedList, auth=needs(FEED_TAKE, "API_IMPORT_BYTES_MAX"), operation_id="propose_vulnerability_feed_keys", summary="Keys that a CSAF provider names")  # fmt: skip
def propose(
    request: HttpRequest,
    metadata: Annotated[UploadedFile, File(description="A provider-metadata.json of CSAF.")],
):
    """Stores nothing: compare them with what the provider told you by another way, then trust them."""
    return {"keys": [asdict(one) for one in trusting.keys_proposed(request.actor, _content(metadata))]}


@router.post("/vulnerability-bundles", response={201: BundleShape}, auth=needs(FEED_TAKE, "API_IMPORT_BYTES_MAX"), operation_id="take_vulnerability_bundle", summary="Take in a bundle of feeds")  # fmt: skip
def take_bundle(
    request: HttpRequest,
    bundle: Annotated[
        UploadedFile, File(description="As `asbuilt vuln feed bundle` makes it; large ones at the command line.")
    ],
):
    """Only when a trusted key signed it; refused whole otherwise. The same bundle again changes nothing."""
    return Status(201, plain(asdict(unbundling.take_uploaded_bundle(request.actor, bundle.chunks()))))


def _content(file: UploadedFile) -> bytes:
    return file.read(trusting.KEY_BYTES_MAX + 1)


def _shown(row: trusting.KeyRow) -> dict:
    return {"feed": row.feed, "form": row.form, "fingerprint": row.fingerprint, "name": row.name, "closed": row.closed}
