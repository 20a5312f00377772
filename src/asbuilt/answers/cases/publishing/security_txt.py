"""security.txt of the house: what stands in it, whether it is still good, and what is to be done about it.

It is written and signed by a person's verb and served as it is: the web needs no key, and what stood there when is in the record.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.checking_text import findings
from asbuilt.answers.cases.publishing.hosts import address_of
from asbuilt.answers.cases.publishing.keys import public_keys
from asbuilt.answers.cases.publishing.policy_rules import profile
from asbuilt.answers.cases.publishing.publisher import Publisher, publisher_of
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import DAY_US, format_instant
from asbuilt.ledger import clock
from asbuilt.tokens.openpgp import valid_until

POLICY, REPORT_FORM, RECORD = "/vulnerability-policy/", "/report-vulnerability/", "/advisories/"


@dataclass(frozen=True)
class Served:
    """What is served now: the text, until when, since when, and what is to be done, in words."""

    text: bytes
    expires_at: int
    written_at: int
    warnings: tuple[str, ...]


def fields_for(tenant: int, publisher: Publisher, fingerprint: str, expires: str) -> list[tuple[str, str]]:
    """The fields in the order of the profile. Refused where the host of the public pages is not set."""
    address = address_of(tenant)
    if not address:
        said = "No host shows the public pages."
        raise Refused("cases.no_public_host", said, {}, "Set ASBUILT_PUBLIC=psirt.brand.example=main.")
    key = f"{address}/.well-known/csaf/openpgp/{fingerprint}.asc"
    said = [
        ("Canonical", f"{address}/.well-known/security.txt"),
        ("Contact", f"mailto:{publisher.psirt_mail}"),
        ("Contact", f"mailto:{publisher.csirt_mail}" if publisher.csirt_mail else ""),
        ("Contact", f"{address}{REPORT_FORM}"),
        ("Encryption", key),
        ("Encryption", publisher.csirt_key_url),
        ("Preferred-Languages", ", ".join(publisher.languages)),
        ("Policy", f"{address}{POLICY}"),
        ("Acknowledgments", publisher.acknowledgments_url or f"{address}{RECORD}"),
        ("CSAF", f"{address}/.well-known/csaf/provider-metadata.json"),
        ("Expires", expires),
    ]
    return [(name, value) for name, value in said if value]


def refuse_unfit(text: str) -> None:
    """Refused where it falls short of RFC or profile, with everything that is missing."""
    found = findings(text.encode(), None)
    if found:
        said = " ".join(one.sentence for one in found)
        facts = {"rules": sorted({one.rule for one in found}), "fields": [one.field for one in found]}
        raise Refused("cases.security_txt_short", said, facts, "Complete the publisher, then renew it.")


def served(tenant: int) -> Served | None:
    """The security.txt that is served; None where none was written. Expired ones too: the warnings say so."""
    lines = [line for line in kinds.publisher_lines(tenant) if line.kind == kinds.SECURITY_TXT]
    if not lines:
        return None
    last = lines[-1]
    text = kinds.document(tenant, last.said["sha256"])
    return Served(text, last.at, last.happened_at, tuple(_warnings(tenant, last.at, last.happened_at, last.said)))


def _warnings(tenant: int, expires_at: int, written_at: int, said: dict) -> list[str]:
    now, rules, found = clock.now(), profile(), []
    day = format_instant(expires_at)[:10]
    if expires_at <= now:
        found.append(_("security.txt expired on %(day)s. Renew it.") % {"day": day})
    elif expires_at <= now + rules.warn_days * DAY_US:
        found.append(_("security.txt expires on %(day)s. Renew it.") % {"day": day})
    elif written_at + rules.review_days * DAY_US <= now:
        found.append(_("security.txt was not looked at for %(n)s days. Renew it.") % {"n": rules.review_days})
    publisher = publisher_of(tenant)
    if publisher is not None and publisher.sha256 != said["publisher"]:
        found.append(_("The publisher was changed since security.txt was written. Renew it."))
    known = public_keys(tenant)
    if known and known[0].fingerprint != said["fingerprint"]:
        found.append(_("Another key signs by now. Renew security.txt."))
    if known and (until := valid_until(known[0].public)) is not None:
        left = until - datetime.fromtimestamp(now // 1_000_000, UTC)
        if left.days < rules.warn_days:
            found.append(_("The OpenPGP key ends on %(day)s. Take a new one.") % {"day": until.date().isoformat()})
    return found


def house_warnings(tenant: int) -> list[str]:
    """What is to be done about security.txt, in words; that there is none, too."""
    found = served(tenant)
    return [_("There is no security.txt.")] if found is None else list(found.warnings)
