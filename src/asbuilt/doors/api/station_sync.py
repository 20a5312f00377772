"""What stations ask for themselves: enrolment by a one-time code, their folder, what they did. No token: each request is signed
by the station's own key over method, address, time and the SHA-256 of its body, so nothing on its disk opens anything elsewhere.

In a drill no station is answered. The headers alone carry that signature: of nobody but an enrolled station is a body read here."""

import binascii
import hashlib
import json
import re
from base64 import b64decode
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from ninja.security.base import AuthBase
from pydantic import Field

from asbuilt.access.actor import Actor
from asbuilt.answers.gate.permits import folder_of
from asbuilt.built.programming import contacts, stations
from asbuilt.built.programming.actions import stations as enrolling
from asbuilt.built.programming.actions.permits import take_end
from asbuilt.built.quality.station_runs import take_station_records
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import address_of, refuse_large, slow_down
from asbuilt.doors.api.limits import RATES, limit
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.permits import END_BYTES_MAX
from asbuilt.ledger import clock
from asbuilt.storage.drills import refuse_intake

router = Router(tags=["Station sync"])
CLOCK_US_MAX = 10 * 60 * 1_000_000
NO_BODY = hashlib.sha256(b"").hexdigest()
Name = Annotated[str, Path(min_length=1, max_length=40, description="The station's name.")]
Place = Annotated[str, Path(min_length=1, max_length=120, description="A path that the folder lists.")]


class StationCaller(AuthBase):
    """Sets `request.actor` to the station whose key signed the request; its body is read here, and is `request.sent`.

    Declared length, name, signature, time and rate are checked first.
    """

    openapi_type = "apiKey"

    def __init__(self, bytes_max: int):
        super().__init__()
        self.bytes_max = bytes_max

    def __call__(self, request: HttpRequest) -> Actor:
        refuse_intake()
        name = request.path.removeprefix("/api/v1/stations/").partition("/")[0]
        refuse_large(request, self.bytes_max)
        digest = _digest_of(request)
        actor = _signed_by(request, name, digest) if digest else None
        if actor is None:
            slow_down(f"address/{address_of(request)}")
            raise errors.not_signed_by_station()
        slow_down(f"{actor.tenant}/{actor.label}")
        # the body may be larger than forms are, and is what the signature says
        request.sent = request.read(self.bytes_max + 1) if request.method == "POST" else b""
        if hashlib.sha256(request.sent).hexdigest() != digest:
            raise errors.not_signed_by_station()
        request.actor = actor
        return actor


def _digest_of(request: HttpRequest) -> str:
    """The SHA-256 that the station says its body has; empty where it says none."""
    if request.method != "POST":
        return NO_BODY
    said = request.headers.get("Asbuilt-Station-Body", "")
    return said if re.fullmatch(r"[0-9a-f]{64}", said) else ""


def _signed_by(request: HttpRequest, name: str, digest: str) -> Actor | None:
    at = request.headers.get("Asbuilt-Station-At", "")
    try:
        signature = b64decode(request.headers.get("Asbuilt-Station-Signature", ""), validate=True)
    except binascii.Error:
        return None
    if not at.isdecimal() or len(at) > 18:
        return None
    message = f"asbuilt-request/1\n{request.method}\n{request.path}\n{at}\n{digest}\n".encode()
    for tenant in stations.tenants_of(name):
        seen = stations.station_of(tenant, name)
        if seen.state == stations.ENROLLED and seen.public.verify(message, signature):
            if abs(int(at) - clock.now()) > CLOCK_US_MAX:
                raise errors.clock_differs()
            return enrolling.station_actor(tenant, name)
    return None


SMALL = StationCaller(64 * 1024)


class EnrolIn(Shape):
    """A one-time code and the station's public keys."""

    code: str = Field(min_length=1, max_length=120, description="The code as it was shown.")
    public: str = Field(min_length=1, max_length=10_000, description="Its signing key, PEM.")
    transfer: str = Field(min_length=1, max_length=10_000, description="The key images are sealed for, PEM.")


class EnrolledShape(Shape):
    """What the station keeps of it."""

    station: str = Field(description="Its name.")
    site: str = Field(description="Its site.")
    ems: str = Field(description="Whose site that is.")
    pinned: str = Field(description="SHA-256 of the first trust store.")
    server_keys: list[str] = Field(description="Keys that sign bulletins and receipts, PEM.")


class FolderFile(Shape):
    """A file of the folder."""

    path: str = Field(description="Its path.")
    sha256: str = Field(description="SHA-256 of its bytes.")
    bytes: int = Field(description="How many.")


class FolderShape(Shape):
    """A station's folder."""

    files: list[FolderFile] = Field(description="What it may fetch; the bulletin is new each time.")
    wanted: list[str] = Field(description="Records that are asked for, by key or as STATION/after/ENTRY.")


@router.post("/stations/enrol", response=EnrolledShape, operation_id="enrol_station", summary="Enrol a station by its code")  # fmt: skip
def enrol(request: HttpRequest, said: EnrolIn):
    """The code is used up. Attempts are counted by address."""
    refuse_intake()
    seconds = RATES.take(f"enrol/{address_of(request)}", limit("STATION_ENROLMENTS_PER_MINUTE"))
    if seconds:
        raise errors.too_many(seconds)
    found = enrolling.enrol(said.code, public=said.public, transfer=said.transfer)
    return {**vars(found), "server_keys": list(found.server_keys)}


@router.get("/stations/{station}/folder", response=FolderShape, auth=SMALL, operation_id="get_station_folder", summary="A station's folder")  # fmt: skip
def folder(request: HttpRequest, station: Name):
    """Trust store, grants, permits, plans, releases, images sealed for it, and a bulletin written now."""
    waiting = request.headers.get("Asbuilt-Station-Waiting", "")
    known = int(waiting) if waiting.isdecimal() and len(waiting) < 10 else None
    contacts.seen_now(request.actor.tenant, station, known)
    found = folder_of(request.actor, station)
    files = [{"path": place.path, "sha256": place.sha256, "bytes": place.length} for place in found.places()]
    return {"files": files, "wanted": found.wanted()}


@router.get("/stations/{station}/folder/{path:place}", auth=SMALL, operation_id="get_station_file", summary="A file of a station's folder")  # fmt: skip
def file(request: HttpRequest, station: Name, place: Place):
    """The bytes. With the bulletin the station has heard of every hold before it."""
    content = folder_of(request.actor, station).file(place)
    if place == contacts.BULLETIN:
        contacts.heard(request.actor.tenant, station, content)
    return _bytes(content)


@router.post("/stations/{station}/records", auth=StationCaller(48 * 1024 * 1024), operation_id="send_station_records", summary="Signed records of a station")  # fmt: skip
def records(request: HttpRequest, station: Name):
    """`{"records": [envelope, …], "files": {SHA-256: base64}}`, files where tests name some. Each is recorded once, however often it comes; the answer is the signed receipt."""
    return _bytes(take_station_records(request.actor, station=station, document=request.sent))


@router.post("/stations/{station}/end-certificates", auth=StationCaller(END_BYTES_MAX * 2), operation_id="send_end_certificate", summary="A station's end certificate")  # fmt: skip
def end_certificate(request: HttpRequest, station: Name):
    """What its share did not spend returns to the grant."""
    end, seen = take_end(request.actor, document=request.sent, station=station)
    return _bytes(json.dumps({"permit": end.permit_id, "state": seen.state}).encode())


def _bytes(content: bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
