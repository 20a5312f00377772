"""Badges for programming stations: a secret of their own, shown once; what a bulletin, the log or a record says opens nothing."""

from hashlib import sha256

import pytest

from asbuilt.kernel.errors import NotAllowed, NotFound, Refused


@pytest.fixture
def worker(administrator):
    """The number of an operator whom the floor knows as 045."""
    from asbuilt.access.actions import accept_link, invite

    number, link = invite(administrator, name="K. Lis", roles=["operator"], code="045")
    accept_link(link, name="K. Lis", login="lis", password="nine reels of solder")
    return number


def badge_hashes() -> list[str]:
    """What stations are told of badges."""
    from asbuilt.built.programming.contacts import _operators
    from asbuilt.ledger import clock

    return [one["badge_sha256"] for one in _operators(1, clock.now())]


def test_a_badge_is_random_shown_once_and_found_nowhere(administrator, worker, everything_stored):
    from asbuilt.access.actions import issue_badge

    badge = issue_badge(administrator, person=worker)
    # 43 characters of base64url are the 256 bits after the tenant's number
    kind, tenant, secret = badge.split("_", 2)
    assert (kind, tenant, len(secret)) == ("asbb", "1", 43)
    assert secret not in everything_stored()
    assert badge_hashes() == [sha256(b"asbuilt station badge\n" + badge.encode()).hexdigest()]


def test_the_code_that_records_show_is_no_badge(administrator, worker):
    from asbuilt.access.actions import issue_badge

    assert badge_hashes() == []  # a code alone opens nothing
    issue_badge(administrator, person=worker)
    guessed = {sha256(prefix + b"045").hexdigest() for prefix in (b"", b"asbuilt badge\n", b"asbuilt station badge\n")}
    assert not guessed & set(badge_hashes())


def test_a_new_badge_ends_the_lost_one(administrator, worker):
    from asbuilt.access.actions import issue_badge
    from asbuilt.kernel.station_documents import badge_sha256

    lost = issue_badge(administrator, person=worker)
    found = issue_badge(administrator, person=worker)
    assert lost != found and badge_hashes() == [badge_sha256(found)]


def test_a_badge_ends_by_hand_with_the_login_and_with_the_person(administrator, worker):
    from asbuilt.access.actions import close_login, erase_person, issue_badge, open_login, revoke_badge
    from asbuilt.access.queries import people

    issue_badge(administrator, person=worker)
    assert people(administrator, after=worker - 1)[0].badge_at is not None
    revoke_badge(administrator, person=worker)
    revoke_badge(administrator, person=worker)
    assert badge_hashes() == [] and people(administrator, after=worker - 1)[0].badge_at is None
    issue_badge(administrator, person=worker)
    close_login(administrator, person=worker)
    assert badge_hashes() == []
    with pytest.raises(Refused) as refusal:
        issue_badge(administrator, person=worker)
    assert refusal.value.code == "access.login_missing"
    open_login(administrator, person=worker)
    assert len(badge_hashes()) == 1
    erase_person(administrator, person=worker)
    assert badge_hashes() == []
    assert people(administrator, after=worker - 1)[0].badge_at is None


def test_who_has_no_code_gets_no_badge_and_only_who_manages_people_issues_one(administrator, worker, let_in):
    from asbuilt.access.actions import issue_badge, revoke_badge

    nameless = let_in("N. N.", "nn", ["operator"])
    with pytest.raises(Refused) as refusal:
        issue_badge(administrator, person=nameless.person)
    assert refusal.value.code == "access.code_missing"
    lead = let_in("P. Lead", "lead", ["quality_lead", "engineer", "permit_issuer"])
    for verb in (issue_badge, revoke_badge):
        with pytest.raises(NotAllowed):
            verb(lead, person=worker)
        with pytest.raises(NotFound):
            verb(administrator, person=99)


def test_another_companys_person_is_not_found(administrator, worker):
    from asbuilt.access.actions import issue_badge
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    other = local_system(open_tenant("other", "Other").number)
    with pytest.raises(NotFound):
        issue_badge(other, person=worker)


def test_the_same_request_twice_issues_one(administrator, worker):
    from asbuilt.access.actions import issue_badge
    from asbuilt.ledger.recording import AlreadyRecorded

    issue_badge(administrator, person=worker, request_key="k1")
    before = badge_hashes()
    with pytest.raises(AlreadyRecorded):
        issue_badge(administrator, person=worker, request_key="k1")
    assert badge_hashes() == before


def test_a_badge_in_a_log_line_is_blanked(administrator, worker):
    from asbuilt.access.actions import issue_badge
    from asbuilt.access.credentials import redact

    badge = issue_badge(administrator, person=worker)
    assert redact(f"scanned {badge} at ST-01") == "scanned asbb_… at ST-01"
