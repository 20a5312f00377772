"""Whether a security.txt is good now, by RFC 9116, the profile and a key. Needs no record."""

from datetime import UTC, datetime

from asbuilt.answers.cases.publishing.policy_rules import profile
from asbuilt.formats.security_txt import BYTES_MAX, TextFinding, check
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import clock
from asbuilt.tokens.openpgp import is_signed_by


def findings(content: bytes, public: bytes | None) -> list[TextFinding]:
    """What is wrong with it; with a public key, also whether that one signed it."""
    if len(content) > BYTES_MAX:
        said = f"A security.txt has at most {BYTES_MAX:,} bytes."
        raise Invalid("cases.security_txt_long", said, {"count": len(content)}, "Look at what the address gives.")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return [TextFinding("rfc9116", "", "It is no UTF-8.")]
    now = datetime.fromtimestamp(clock.now() // 1_000_000, UTC)
    found = check(text, now, expires_days_max=profile().expires_days_max)
    if public is not None and not is_signed_by(content, public):
        found.append(TextFinding("bsi", "", "Its signature is not that of the key."))
    return found
