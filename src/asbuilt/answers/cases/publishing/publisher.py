"""Who publishes: names, addresses and times of the house, as somebody said them last, and what is missing.

    publisher_of(tenant)            -> Publisher, or None where nobody said
    gaps(publisher, key)            -> sentences for the house's people; the public page leaves out what is missing

A publisher is one JSON document, fields by their names. Texts of the policy stand by point and language.
"""

import json
import re
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _

from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.policy_rules import points
from asbuilt.answers.cases.publishing.policy_words import LANGUAGE_NAMES, LINES, POINTS
from asbuilt.kernel.errors import Invalid

LANGUAGES = ("en", "de")
DAYS_MAX = 365
TEXT_CHARACTERS_MAX = 4_000
NAME_CHARACTERS_MAX = 300
BYTES_MAX = 256 * 1024
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{3,190}").fullmatch
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,19}").fullmatch
_URL = re.compile(r"https://[^\s<>\"\\]{3,290}").fullmatch
MAILS = ("psirt_mail", "csirt_mail")
URLS = ("namespace", "csirt_key_url", "csirt_url", "acknowledgments_url")
DAYS = ("ack_days", "triage_days", "update_days", "embargo_days", "security_txt_days")


@dataclass(frozen=True)
class Publisher:
    """What the house says of itself. `prefix` begins the identity of its advisories; `other_channel` is one that is not automated."""

    name: str
    namespace: str
    prefix: str
    psirt_mail: str
    csirt_mail: str = ""
    csirt_name: str = ""
    csirt_url: str = ""
    csirt_key_url: str = ""
    other_channel: str = ""
    acknowledgments_url: str = ""
    ack_days: int = 0
    triage_days: int = 0
    update_days: int = 0
    embargo_days: int = 0
    security_txt_days: int = 180
    owner: str = ""
    review_on: str = ""
    languages: tuple[str, ...] = ("en",)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    sha256: str = ""
    said_at: int = 0
    version: int = 0

    def as_dict(self) -> dict:
        """As it was said, for JSON."""
        given = asdict(self)
        for name in ("sha256", "said_at", "version"):
            del given[name]
        return {**given, "languages": list(self.languages)}


_OWN = ("sha256", "said_at", "version")
_FIELDS = {one.name: one for one in fields(Publisher) if one.name not in _OWN}


def read_publisher(content: bytes) -> Publisher:
    """The publisher that a JSON document describes. Invalid with the field that is wrong."""
    try:
        given = json.loads(content) if len(content) <= BYTES_MAX else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise _wrong("", f"is no JSON document of at most {BYTES_MAX:,} bytes")
    for name in given:
        if name not in _FIELDS:
            raise _wrong(name, f"is unknown; known are {', '.join(_FIELDS)}")
    for name in ("name", "namespace", "prefix", "psirt_mail"):
        if not given.get(name):
            raise _wrong(name, "is missing")
    for name, value in given.items():
        _refuse(name, value)
    return Publisher(**{**given, "languages": tuple(given.get("languages", ("en",)))})


def _refuse(name: str, value) -> None:
    if name in DAYS:
        if type(value) is not int or not 0 <= value <= DAYS_MAX or (name == "security_txt_days" and not value):
            raise _wrong(name, f"is no number of days up to {DAYS_MAX}")
    elif name == "languages":
        if not isinstance(value, list) or not value or any(one not in LANGUAGES for one in value):
            raise _wrong(name, f"is no list of {', '.join(LANGUAGES)}")
        if "en" not in value:
            raise _wrong(name, "has no en")
    elif name == "texts":
        _refuse_texts(value)
    elif type(value) is not str or len(value) > NAME_CHARACTERS_MAX or any(letter < " " for letter in value):
        raise _wrong(name, f"is no line of at most {NAME_CHARACTERS_MAX} characters")
    elif value and name in MAILS and not _MAIL(value):
        raise _wrong(name, "is no mail address")
    elif value and name in URLS and not _URL(value):
        raise _wrong(name, "is no https address")
    elif name == "prefix" and not _PREFIX(value):
        raise _wrong(name, "has 2 to 20 capital letters and digits, a letter first")
    elif value and name == "review_on" and not _is_day(value):
        raise _wrong(name, "is no day such as 2027-05-01")


def _refuse_texts(value) -> None:
    named = [one.point for one in points() if one.texts]
    if not isinstance(value, dict):
        raise _wrong("texts", "is no group of texts")
    for point, by_language in value.items():
        if point not in named or not isinstance(by_language, dict):
            raise _wrong(f"texts.{point}"[:60], f"is unknown; known are {', '.join(named)}")
        for language, text in by_language.items():
            wrong = language not in LANGUAGES or type(text) is not str or len(text) > TEXT_CHARACTERS_MAX
            if wrong or any(letter < " " and letter not in "\n\t" for letter in text):
                raise _wrong(
                    f"texts.{point}.{language}"[:60], f"is no text of at most {TEXT_CHARACTERS_MAX:,} characters"
                )


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _wrong(name: str, reason: str) -> Invalid:
    said = f"{name or 'publisher'}: {reason}."
    return Invalid("cases.publisher_wrong", said, {"field": name[:60]}, "docs/work/publishing.md shows the fields.")


def is_mail(address: str) -> bool:
    """Whether this is a mail address, one and nothing beside it."""
    return bool(_MAIL(address))


def publisher_of(tenant: int) -> Publisher | None:
    """The publisher as said last; None where nobody said. One statement, and the document once a process."""
    lines = [line for line in kinds.publisher_lines(tenant) if line.kind == kinds.PUBLISHER]
    if not lines:
        return None
    return _publisher(tenant, lines[-1].said["sha256"], lines[-1].happened_at, len(lines))


def namespaces_of(tenant: int) -> frozenset[str]:
    """Every namespace under which this house ever published. One statement, and each document once a process."""
    lines = [line for line in kinds.publisher_lines(tenant) if line.kind == kinds.PUBLISHER]
    said = (_publisher(tenant, line.said["sha256"], line.happened_at, n) for n, line in enumerate(lines, 1))
    return frozenset(one.namespace for one in said)


@lru_cache(64)
def _publisher(tenant: int, sha256: str, at: int, version: int) -> Publisher:
    from dataclasses import replace

    return replace(read_publisher(kinds.document(tenant, sha256)), sha256=sha256, said_at=at, version=version)


def gaps(publisher: Publisher | None, keyed: bool, today: str) -> list[str]:
    """What the policy lacks by its checklist, in words; `today` is a day."""
    if publisher is None:
        return [_("Nobody said who publishes.")]
    found = []
    for point in points():
        if not point.needed:
            continue
        for name in point.fields:
            there = keyed if name == "key" else getattr(publisher, name)
            if not there:
                found.append(
                    _("%(point)s: %(field)s is not said.") % {"point": POINTS[point.point], "field": LINES[name]}
                )
        for language in publisher.languages if point.texts else ():
            if not publisher.texts.get(point.point, {}).get(language, "").strip():
                found.append(
                    _("%(point)s: no text in %(language)s.")
                    % {"point": POINTS[point.point], "language": LANGUAGE_NAMES[language]}
                )
    if publisher.review_on and publisher.review_on < today:
        found.append(_("The policy was to be reviewed by %(day)s.") % {"day": publisher.review_on})
    return found
