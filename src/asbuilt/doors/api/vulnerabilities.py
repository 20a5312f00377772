"""Vulnerabilities: feeds, taking from them, what they say of one, own entries. The twin of Feeds and Vulnerability."""

import json
from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest
from ninja import File, Form, Path, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import FEED_TAKE, VULNERABILITY_READ
from asbuilt.designed.vulnerability.feeds.noting import RECORD_BYTES_MAX, note
from asbuilt.designed.vulnerability.feeds.seen import feed_seen, feeds_seen, vulnerability_seen
from asbuilt.designed.vulnerability.feeds.setting import set_feed
from asbuilt.designed.vulnerability.feeds.taking import take_feed, take_uploaded
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.plain import plain

router = Router(tags=["Vulnerabilities"], auth=Caller())
FeedName = Annotated[str, Path(min_length=1, max_length=60, description="Name of the feed.")]
Name = Annotated[str, Path(min_length=1, max_length=300, description="A CVE id, or any other name of it.")]


class FeedShape(Shape):
    """A feed and its age."""

    feed: str = Field(description="Its name.")
    kind: str = Field(description="osv nvd cve5 kev epss euvd csaf openvex cyclonedx own.")
    source: str = Field(description="Folder, file or address; empty: taken by hand.")
    signed: bool = Field(description="Whether its files must be signed with the feed's key.")
    closed: bool = Field(description="Nothing is taken from it any more.")
    taken_at: str | None = Field(description="When it was last covered: read as a whole; null: never.")
    newest_at: str | None = Field(description="The newest change that a record names.")
    records: int = Field(description="Records that stand.")
    broken: int = Field(description="Records that the last take could not read.")
    ended: str = Field(description="Why the last take ended before the end; empty: it did not.")
    part_at: str | None = Field(description="When a part of it alone was last taken since; null: it was not.")


class FeedList(Shape):
    """Every feed."""

    feeds: list[FeedShape] = Field(description="By name.")


class FeedWhole(FeedShape):
    """A feed with its takes and what the last one could not read."""

    takes: list[dict] = Field(
        description="The last 20: entry, taken_at, source, fresh, changed, unchanged, broken, sha256, signature, ended, covers."
    )
    broken_records: list[dict] = Field(description="The first 200: record, document, place, reason.")


class FeedIn(Shape):
    """How a feed is set."""

    feed: str = Field(min_length=1, max_length=60, description="Its name.")
    kind: str = Field(max_length=20, description="osv nvd cve5 kev epss euvd csaf openvex cyclonedx own.")
    source: str = Field(
        "", max_length=1_000, description="An address that ASBUILT_FEED_HOSTS names; empty: taken by hand."
    )
    key: str = Field("", max_length=200, description="minisign public key that its files must be signed with.")
    closed: bool = Field(False, description="Take from it no more.")


class FeedTaken(Shape):
    """What a take brought."""

    feed: str = Field(description="Its name.")
    entry: int = Field(description="The entry of the log.")
    fresh: int = Field(description="New records.")
    changed: int = Field(description="Records that came in another version.")
    unchanged: int = Field(description="Records as before, or older than what stands.")
    broken: int = Field(description="Records that could not be read.")
    signature: str = Field(description="What was checked of its file, in words.")
    sha256: str = Field(description="Of its file; empty for a folder.")
    newest_at: str | None = Field(description="The newest change that a record of it names.")
    ended: str = Field(description="Why it ended before the end; empty: it did not.")
    covers: str = Field(
        description="source, changes: its source; met: every record that stands; said: all, as you say; part: the feed is as old as before."
    )
    records: int = Field(description="Records that stand now.")


class VulnerabilityShape(Shape):
    """What the feeds say of a vulnerability."""

    vulnerability: str = Field(description="Its name.")
    aliases: list[str] = Field(description="Other names of it.")
    threat: dict = Field(
        description="score, vector, exploited_at (null: not known), probability and percentile of EPSS, title, withdrawn."
    )
    advisories: list[dict] = Field(
        description="What each record says: feed, record, title, affected in words, statements, scores, notes …"
    )
    feed_ages: list[dict] = Field(
        description="feed, kind, taken_at, newest_at, records, broken, part_at of every open feed."
    )


class NotedShape(Shape):
    """An own entry."""

    record: str = Field(description="Its id.")
    vulnerability: str = Field(description="What it speaks of.")
    affected: int = Field(description="How many things it names as affected.")


@router.get("/vulnerability-feeds", response=FeedList, auth=needs(VULNERABILITY_READ), operation_id="list_vulnerability_feeds", summary="Feeds and their age")  # fmt: skip
def list_feeds(request: HttpRequest):
    """An old or empty feed says nothing of what is safe."""
    return {"feeds": [plain(one) for one in feeds_seen(request.actor)]}


@router.post("/vulnerability-feeds", response={201: FeedShape}, auth=needs(FEED_TAKE), operation_id="set_vulnerability_feed", summary="Add a feed, or set it anew")  # fmt: skip
def set_one(request: HttpRequest, said: FeedIn, idempotency_key: IdempotencyKey = None):
    """Folders and files of the server are set at its command line only."""
    key = request_key(request, idempotency_key)
    set_feed(
        request.actor,
        name=said.feed,
        kind=said.kind,
        source=said.source,
        key=said.key,
        closed=said.closed,
        request_key=key,
    )
    return Status(201, plain(feed_seen(request.actor, said.feed)[0]))


@router.get("/vulnerability-feeds/{feed}", response=FeedWhole, auth=needs(VULNERABILITY_READ), operation_id="get_vulnerability_feed", summary="A feed")  # fmt: skip
def one_feed(request: HttpRequest, feed: FeedName):
    """Its takes, and which records could not be read, where and why."""
    seen, takes, broken = feed_seen(request.actor, feed)
    return {**plain(seen), "takes": plain(takes), "broken_records": plain(broken)}


@router.post("/vulnerability-feeds/{feed}/takes", response={201: FeedTaken}, auth=needs(FEED_TAKE, "API_IMPORT_BYTES_MAX"), operation_id="take_vulnerability_feed", summary="Take from a feed")  # fmt: skip
def take(
    request: HttpRequest,
    feed: FeedName,
    file: UploadedFile | None = File(None, description="Its file; none: from the feed's source."),  # noqa: B008
    whole: bool = Form(False, description="You say that nothing of the feed is missing in the file."),
):
    """Records that stand are passed over, so taking the same again changes nothing but the age."""
    if file is None:
        return Status(201, plain(take_feed(request.actor, feed)))
    return Status(201, plain(take_uploaded(request.actor, feed, file.name or "feed", file.chunks(), whole=whole)))


@router.get("/vulnerabilities/{path:vulnerability}", response=VulnerabilityShape, auth=needs(VULNERABILITY_READ), operation_id="get_vulnerability", summary="What the feeds say of a vulnerability")  # fmt: skip
def one_vulnerability(request: HttpRequest, vulnerability: Name):
    """By any of its names, with the age of the feeds; 404 where none speaks of it."""
    return plain(vulnerability_seen(request.actor, vulnerability))


@router.post("/vulnerability-notes", response={201: NotedShape}, auth=needs(FEED_TAKE, "API_IMPORT_BYTES_MAX"), operation_id="note_vulnerability", summary="Enter what reached us otherwise")  # fmt: skip
def enter(
    request: HttpRequest,
    entry: str = Form(
        ..., min_length=2, max_length=RECORD_BYTES_MAX, description="The entry as JSON (docs/work/feeds.md)."
    ),
    paper: UploadedFile | None = File(None, description="The mail or report, up to 20 MiB; kept encrypted."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """A researcher's mail, a test finding: an entry of ours. With its id again it is a new version."""
    try:
        record = json.loads(entry)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise Invalid("vulnerability.note_no_json", "The entry is no structure in JSON.", {}, "See docs/work/feeds.md.")
    content = (paper.name or "paper", b"".join(paper.chunks())) if paper else None
    found = note(request.actor, record=record, paper=content, request_key=request_key(request, idempotency_key))
    return Status(201, asdict(found))
