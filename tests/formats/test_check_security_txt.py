"""security.txt by RFC 9116 and by the profile of TR-03183-3: each rule broken alone is told, and nothing else."""

from datetime import UTC, datetime

import pytest

from asbuilt.formats.security_txt import check, signed_part, write

NOW = datetime(2026, 11, 29, tzinfo=UTC)
FIELDS = [
    ("Canonical", "https://brand.example/.well-known/security.txt"),
    ("Contact", "mailto:psirt@brand.example"),
    ("Contact", "mailto:csirt@brand.example"),
    ("Contact", "https://brand.example/report-vulnerability/"),
    ("Encryption", "https://brand.example/psirt.asc"),
    ("Encryption", "https://brand.example/csirt.asc"),
    ("Preferred-Languages", "en, de"),
    ("Policy", "https://brand.example/vulnerability-policy/"),
    ("Acknowledgments", "https://brand.example/advisories/"),
    ("CSAF", "https://brand.example/.well-known/csaf/provider-metadata.json"),
    ("Expires", "2027-05-28T00:00:00Z"),
]


def signed(fields) -> str:
    body = write(fields).rstrip("\n")
    return f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{body}\n-----BEGIN PGP SIGNATURE-----\n\nwr0E\n-----END PGP SIGNATURE-----\n"


def told(text: str) -> list[tuple[str, str]]:
    return [(one.rule, one.field) for one in check(text, NOW, expires_days_max=365)]


def test_a_whole_one_is_good():
    assert told(signed(FIELDS)) == [] and told(signed(FIELDS).replace("\n", "\r\n")) == []


def without(*names):
    return [one for one in FIELDS if one[0] not in names]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (write(FIELDS), [("bsi", "")]),
        (signed(without("Contact")), [("rfc9116", "Contact"), ("bsi", "Contact")]),
        (signed(without("Expires")), [("rfc9116", "Expires")]),
        (signed([*FIELDS, ("Expires", "2027-05-28T00:00:00Z")]), [("rfc9116", "Expires")]),
        (signed([*without("Expires"), ("Expires", "2026-11-28T23:59:59Z")]), [("rfc9116", "Expires")]),
        (signed([*without("Expires"), ("Expires", "2027-05-28")]), [("rfc9116", "Expires")]),
        (signed([*without("Expires"), ("Expires", "2027-11-30T00:00:00Z")]), [("bsi", "Expires")]),
        (signed([*FIELDS, ("Preferred-Languages", "fr")]), [("rfc9116", "Preferred-Languages")]),
        (signed([*without("Preferred-Languages"), ("Preferred-Languages", "de")]), [("bsi", "Preferred-Languages")]),
        (signed([*without("Policy"), ("Policy", "http://brand.example/policy")]), [("rfc9116", "Policy")]),
        (signed(without("Canonical", "CSAF")), [("bsi", "Canonical"), ("bsi", "CSAF")]),
        (signed([FIELDS[2], *FIELDS[3:], FIELDS[1], FIELDS[0]]), [("bsi", "Contact")]),
        (signed([one for one in FIELDS if "csirt.asc" not in one[1]]), [("bsi", "Encryption")]),
        (signed(FIELDS).replace("Policy: ", "Policy "), [("rfc9116", ""), ("bsi", "Policy")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_rule(text, found):
    assert told(text) == found


def test_dashes_are_unescaped_and_a_field_cannot_break_its_line():
    text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n- - x\nContact: y\n-----BEGIN PGP SIGNATURE-----\n"
    assert signed_part(text) == ("- x\nContact: y\n", True)
    with pytest.raises(ValueError, match="Contact"):
        write([("Contact", "mailto:a@b\nExpires: x")])
