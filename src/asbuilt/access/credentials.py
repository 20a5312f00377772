"""Credentials: one-time links, codes of stations, API tokens and badges, shown once, kept as hashes only.

A secret is `asbl_` (link), `asbs_` (code that enrols a station), `asbt_` (token) or `asbb_` (badge), the tenant's number, and 256 random bits; the tenant stands in it so that
every look-up names its tenant. SHA-256 is enough for a secret that nobody can guess; passwords get a slow hash instead.
Log lines pass `Redacting`, which blanks whatever looks like one of them.
"""

import hashlib
import logging
import re
import secrets

LINK, TOKEN, STATION, BADGE = "asbl", "asbt", "asbs", "asbb"
_SECRET = re.compile(r"(asbl|asbs|asbt|asbb)_([1-9][0-9]{0,8})_([A-Za-z0-9_-]{43})")
_ANYWHERE = re.compile(r"(asb[lstb])_[0-9]+_[A-Za-z0-9_-]{8,}")


def new_secret(kind: str, tenant: int) -> str:
    """A new secret of this kind (LINK, TOKEN, STATION, BADGE) for the tenant."""
    return f"{kind}_{tenant}_{secrets.token_urlsafe(32)}"


def tenant_in(kind: str, secret: str) -> int | None:
    """The tenant a secret of this kind names; None where the text is no such secret."""
    found = _SECRET.fullmatch(secret) if isinstance(secret, str) else None
    return int(found[2]) if found and found[1] == kind else None


def hash_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def redact(text: str) -> str:
    """The text with every link, code, token and badge blanked."""
    return _ANYWHERE.sub(r"\1_…", text)


class Redacting(logging.Filter):
    """Blanks links, codes, tokens and badges in log lines, whoever writes them."""

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        if any(f"{kind}_" in line for kind in (LINK, TOKEN, STATION, BADGE)):
            record.msg, record.args = redact(line), ()
        return True
