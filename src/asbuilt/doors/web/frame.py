"""What stands around every page: navigation by rights, who is signed in, theme, the log's head at the foot."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from asbuilt import __version__
from asbuilt.access import rights
from asbuilt.built.exchange import verify_runs
from asbuilt.ledger import clock, sequencing
from asbuilt.storage.drills import drill

THEMES = ("light", "dark")
GOODS = ("goods", "store", "inspection", "deliveries")
PROCESS = ("alarms", "alarm", "instruments", "instrument", "qualifications", "environment", "testplans", "testplan")
QUALITY = ("yield", "nonconformities", "nonconformity", "defects", "control", "factors")
KEYS = {
    "alarms": "r",
    "releases": "f",
    "yield": "q",
    "vulnerabilities": "v",
    "cases": "e",
    "compliance": "b",
    "sourcing": "c",
    "own_notices": "n",
    "portal": "w",
    "ecos": "g",
}  # where the first letter is taken
# address name, label, the right that opens it, names of the pages that belong to it
ROOMS = (
    ("portal", _("Overview"), rights.NOTICE_RECEIVE, ("portal",)),
    ("ask", _("Ask"), rights.RECORD_READ, ("ask", "unit", "lot", "package")),
    (
        "orders",
        _("Orders"),
        rights.RECORD_READ,
        (
            "orders",
            "order",
            "shipment",
            "shipments",
            "panel",
            "product",
            "returns",
            "return",
            "concessions",
            "concession",
            "leave",
        ),
    ),
    (
        "station",
        _("Floor"),
        rights.STEP_RECORD,
        ("station", "setup", "programming", "rework", "assembly", "outside", "packing", "container", *GOODS),
    ),
    ("ecos", _("Changes"), rights.CHANGE_READ, ("ecos", "eco", "bom")),
    ("holds", _("Holds"), rights.RECORD_READ, ("holds", "hold")),
    ("alarms", _("Process"), rights.RECORD_READ, PROCESS),
    ("yield", _("Quality"), rights.RECORD_READ, QUALITY),
    (
        "releases",
        _("Firmware"),
        rights.RECORD_READ,
        ("releases", "release", "sboms", "sbom", "components", "permits", "permit", "stations", "agent"),
    ),
    (
        "vulnerabilities",
        _("Security"),
        rights.VULNERABILITY_READ,
        (
            "vulnerabilities",
            "exposure",
            "changes",
            "watches",
            "waivers",
            "waiver",
            "feeds",
            "feed",
            "vulnerability",
            "component_names",
        ),
    ),
    (
        "cases",
        _("Cases"),
        rights.CASE_READ,
        ("cases", "case", "field", "drill", "notices", "notice", "contacts", "publishing"),
    ),
    (
        "compliance",
        _("Compliance"),
        rights.COMPLIANCE_READ,
        ("compliance", "technical", "papers", "configuration", "trade", "ems"),
    ),
    ("sourcing", _("Sourcing"), rights.RECORD_READ, ("sourcing",)),
    ("own_notices", _("Notices"), rights.NOTICE_RECEIVE, ("own",)),
    ("imports", _("Import"), rights.HISTORY_IMPORT, ("imports", "import")),
    ("machines", _("Machines"), rights.MACHINE_READ, ("machines", "machine", "dead")),
    ("log", _("Log"), rights.LOG_READ, ("log",)),
    ("people", _("People"), rights.PEOPLE_MANAGE, ("people", "person")),
)

OF_COMPANY = frozenset(
    {"holds", "alarms", "releases", "yield", "vulnerabilities", "cases", "compliance", "sourcing"}
)  # a party reader has no such page
# the bar has no place for all rooms: these stand behind its last word, unless one is in them
BEHIND_MORE = frozenset({"sourcing", "imports", "machines", "log", "people"})


def frame(request: HttpRequest) -> dict:
    """Context of every template."""
    theme = request.COOKIES.get("asbuilt_theme", "")
    said = {
        "theme": theme if theme in THEMES else "",
        "keys_off": request.COOKIES.get("asbuilt_keys") == "off",
        "languages": settings.LANGUAGES,  # each by its own name: who is lost in a language finds the way out
        "drill": drill(),
        "version": __version__,
        "request_id": getattr(request, "id", ""),
    }
    actor = getattr(request, "actor", None)
    if actor is None:
        return said
    said["rooms"], said["home"] = rooms(request), landing(actor)
    said["rooms_behind"] = [room for room in said["rooms"] if room["behind"]]
    said["may_find"] = actor.may(rights.RECORD_READ)
    said["may_raise_ncr"] = actor.may(rights.NONCONFORMITY_RAISE) and actor.party is None
    _origin, said["head_size"], root, _note = sequencing.head(actor.tenant)
    said["head_root"], said["now"] = bytes(root).hex(), clock.now()
    said["checked_at"], said["faults"] = verify_runs.last_result(actor.tenant) or (None, 0)
    return said


def rooms(request: HttpRequest) -> list[dict]:
    """The rooms this person may enter, with their address, and which one the page belongs to."""
    match = request.resolver_match
    here = match.url_name.split("_")[0] if match and match.url_name else ""
    open_rooms = []
    for name, label, right, pages in ROOMS:
        address = _address(name)
        if address and request.actor.may(right) and not (name in OF_COMPANY and request.actor.party is not None):
            inside = here in pages
            behind = name in BEHIND_MORE and not inside
            open_rooms.append(
                {"address": address, "label": label, "here": inside, "behind": behind, "key": KEYS.get(name, name[0])}
            )
    return open_rooms


def landing(actor) -> str:
    """Where somebody arrives after signing in: the first room that is open, else the own page."""
    for name, _label, right, _pages in ROOMS:
        if actor.may(right) and _address(name):
            return _address(name)
    return reverse("you")


@cache
def _address(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
