"""What a floor screen kept while it had no network: each is sent once, in the order of the scans, with the time of the scan.

    POST …/queued/   ->  200 {"done": …}   recorded, now or before: the same key is one request
                         200 {"done": …, "shown": …}                 recorded, and to be read by a person: what came in, under what it went
                         4xx {"refused": why, "do": …, "code": …}    for good: a person sees it and scans anew
                         4xx {"asked": why, "do": …, "code": …}      a person has to answer first (goods-in)

What is checked is checked when it is sent, as the record is then; the browser shows the refusal with what was scanned.
"""

import re
from collections.abc import Callable, Iterable
from html import unescape

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from asbuilt.doors.web.leaving_words import STOPS as LEAVING
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import sentence, way_on
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock

AHEAD_US_MAX = 60_000_000  # a browser's clock is put right by the server's before it sends; further ahead it was not
# stops that stop.html says in its own words
STOPS = {
    "gate.held", "gate.step_skipped", "gate.quarantine", "gate.scrapped", "gate.skipped_position", "gate.step_not_on_route",
    "gate.not_qualified", "gate.operator_unnamed", *(f"gate.{reason}" for reason in LEAVING),
}  # fmt: skip
GATE_PARTS = re.compile(r'<p class="(say|do)">(.*?)</p>', re.DOTALL)
SAY_AGAIN = "Scan it again."


def answer(
    request: HttpRequest,
    verb: Callable[[int, str | None], dict],
    *,
    asking: tuple[str, ...] = (),
    said: Callable[[AsbuiltError], tuple[str, str]] | None = None,
) -> JsonResponse:
    """Run the verb with the moment of the scan and its key. Refusals with a code in `asking` wait for a person's answer."""
    try:
        return JsonResponse(verb(_moment(request.POST.get("at", "")), key_of(request)))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.http_status >= 500:
            raise
        why, to_do = (said or words_of)(refusal)
        kind = "asked" if refusal.code in asking else "refused"
        return JsonResponse({kind: why, "do": to_do, "code": refusal.code}, status=refusal.http_status)


def rests_on(under: Iterable[dict]) -> dict[str, str]:
    """What a recorded scan rests on, as the screens say it: it stays in sight until it was seen. Nothing where it rests on nothing."""
    told = list(under)
    if not told:
        return {}
    words = unescape(strip_tags(render_to_string("conceded.html", {"conceded": told}).replace("</p>", " · ")))
    return {"shown": " ".join(words.split()).removesuffix(" ·")}


def in_address(under: Iterable[dict]) -> dict[str, str]:
    """The same for the address of the page that says what was recorded."""
    told = list(under)
    codes = {"conceded": " ".join(one["concession"] for one in told)}
    return codes | {"unchecked": " ".join(one["concession"] for one in told if one["note"])}


def from_address(request: HttpRequest) -> list[dict]:
    """What `in_address` put there, for `conceded.html`."""
    passed, unchecked = (request.GET.get(name, "")[:200].split() for name in ("conceded", "unchecked"))
    return [{"concession": code, "note": code in unchecked} for code in passed]


def words_of(refusal: AsbuiltError) -> tuple[str, str]:
    """Why, and what to do: as the screens say it, without their marks."""
    if refusal.code in STOPS:
        parts = dict(GATE_PARTS.findall(render_to_string("stop.html", {"stop": refusal})))
        return tuple(unescape(strip_tags(parts.get(name, ""))) for name in ("say", "do"))
    return str(sentence(refusal)), str(way_on(refusal))


def _moment(text: str) -> int:
    try:
        at = parse_instant(text)
    except ValueError:
        raise Invalid("web.queued_scan", "A kept scan has no time.", {"at": text[:40]}, SAY_AGAIN) from None
    if at > clock.now() + AHEAD_US_MAX:
        said, remedy = "A kept scan lies ahead of the server's time.", "Set the clock of this tablet. Scan it again."
        raise Invalid("web.queued_scan", said, {"at": text[:40]}, remedy)
    return at
