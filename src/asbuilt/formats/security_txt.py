"""security.txt: written from fields, and checked by RFC 9116 and by the stricter profile of BSI TR-03183-3.

    text = write([("Contact", "mailto:psirt@brand.example"), …])
    check(text, now, profile)  -> findings, each with its rule: rfc9116 or bsi

Standard: RFC 9116 (fields, one per line, section 2.5; clear-signed by OpenPGP, 2.3). The signature itself is checked where keys are.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

RFC, BSI = "rfc9116", "bsi"
BYTES_MAX = 32 * 1024
KNOWN = (
    "Acknowledgments", "Canonical", "Contact", "CSAF", "Encryption", "Expires", "Hiring", "Policy", "Preferred-Languages",
)  # fmt: skip
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (\S.*)").fullmatch
_BEGIN, _SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"


@dataclass(frozen=True)
class TextFinding:
    """What is wrong: the rule that says so, the field, a sentence."""

    rule: str
    field: str
    sentence: str


def write(fields: Iterable[tuple[str, str]]) -> str:
    """The fields as lines. ValueError for one that would break its line."""
    lines = []
    for name, value in fields:
        if not _FIELD(f"{name}: {value}"):
            raise ValueError(f"{name} cannot be written")
        lines.append(f"{name}: {value}\n")
    return "".join(lines)


def signed_part(text: str) -> tuple[str, bool]:
    """The text inside a clear signature, and whether there is one around it."""
    text = text.replace("\r\n", "\n")
    if not text.startswith(_BEGIN + "\n"):
        return text, False
    _, _, rest = text.partition("\n\n")
    body, mark, _ = rest.partition("\n" + _SIGNATURE)
    return "".join(f"{line.removeprefix('- ')}\n" for line in body.split("\n")), bool(mark)


def fields_of(text: str) -> list[tuple[str, str]]:
    """(name, value) of every line that is a field, in order; names as KNOWN writes them."""
    inside, _ = signed_part(text)
    names = {name.lower(): name for name in KNOWN}
    found = []
    for line in inside.split("\n"):
        if match := _FIELD(line.rstrip()):
            found.append((names.get(match[1].lower(), match[1]), match[2]))
    return found


def check(text: str, now: datetime, *, expires_days_max: int) -> list[TextFinding]:
    """What is wrong with it at that time; empty where nothing is."""
    found: list[TextFinding] = []
    inside, signed = signed_part(text)
    for line in inside.split("\n"):
        if line.strip() and not line.startswith("#") and not _FIELD(line.rstrip()):
            found.append(TextFinding(RFC, "", f"{line[:60]!a} is no field and no comment."))
    fields = fields_of(text)
    values = {name: [value for key, value in fields if key == name] for name in KNOWN}
    _check_rfc(values, now, found)
    _check_bsi(values, now, signed, expires_days_max, found)
    return found


def _check_rfc(values: dict[str, list[str]], now: datetime, found: list[TextFinding]) -> None:
    if not values["Contact"]:
        found.append(TextFinding(RFC, "Contact", "Contact is missing."))
    if len(values["Expires"]) != 1:
        found.append(TextFinding(RFC, "Expires", "Expires stands not exactly once."))
    elif (until := moment(values["Expires"][0])) is None:
        found.append(TextFinding(RFC, "Expires", "Expires is no instant of RFC 3339."))
    elif until <= now:
        found.append(TextFinding(RFC, "Expires", f"It expired at {values['Expires'][0]}."))
    if len(values["Preferred-Languages"]) > 1:
        found.append(TextFinding(RFC, "Preferred-Languages", "Preferred-Languages stands more than once."))
    for name in ("Contact", "Encryption", "Canonical", "Policy", "Acknowledgments", "Hiring", "CSAF"):
        for value in values[name]:
            if not _address(name, value):
                found.append(TextFinding(RFC, name, f"{value[:60]!a} is no address that {name} may have."))


def _address(name: str, value: str) -> bool:
    more = {"Contact": ("mailto:", "tel:"), "Encryption": ("dns:", "openpgp4fpr:")}.get(name, ())
    return any(value.startswith(begin) and len(value) > len(begin) for begin in ("https://", *more))


def _check_bsi(values: dict[str, list[str]], now: datetime, signed: bool, days: int, found: list[TextFinding]) -> None:
    contacts = ["mail" if one.startswith("mailto:") else "web" if one.startswith("https://") else "" for one in values["Contact"]]  # fmt: skip
    if contacts[:3] != ["mail", "mail", "web"]:
        said = (
            "Contact: first the mail of the product security team, then that of the CSIRT, then the page for reports."
        )
        found.append(TextFinding(BSI, "Contact", said))
    for name in ("Canonical", "Policy", "Preferred-Languages", "CSAF", "Acknowledgments"):
        if not values[name]:
            found.append(TextFinding(BSI, name, f"{name} is missing."))
    if len(values["Encryption"]) < 2:
        found.append(TextFinding(BSI, "Encryption", "Encryption: a key for each mail address."))
    languages = [one.strip().lower() for value in values["Preferred-Languages"] for one in value.split(",")]
    if languages and "en" not in languages:
        found.append(TextFinding(BSI, "Preferred-Languages", "Preferred-Languages has no en."))
    until = moment(values["Expires"][0]) if len(values["Expires"]) == 1 else None
    if until is not None and until > now + timedelta(days=days):
        found.append(TextFinding(BSI, "Expires", f"Expires lies more than {days} days ahead."))
    if not signed:
        found.append(TextFinding(BSI, "", "It is not signed by OpenPGP."))


def moment(text: str) -> datetime | None:
    """An instant with its offset; None where the text is none."""
    try:
        at = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None
