"""One-time links, invitations, passwords (design, sections 3 and 4: no default password, deny by default)."""

import pytest

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused

LINK_DAYS = 3


def entry_types(tenant):
    from asbuilt.storage import reading

    return [
        row[0] for row in reading.fetch("SELECT type FROM ledger_entry WHERE tenant = %s ORDER BY number", (tenant,))
    ]


def test_a_new_home_lets_nobody_in_but_by_the_first_link(home):
    from asbuilt.access.models import Login

    assert Login.objects.of(1).count() == 0


def test_the_first_link_makes_an_administrator_once(home, administrator):
    from asbuilt.access.actions import first_link

    assert {"administrator", "engineer"} == administrator.roles
    assert administrator.may("people.manage")
    assert first_link() is None
    assert entry_types(1) == ["access.first_link_made", "access.link_accepted"]


def test_a_newer_first_link_ends_the_older_one(home, password):
    from asbuilt.access.actions import accept_link, first_link

    older, newer = first_link(), first_link()
    with pytest.raises(NotFound):
        accept_link(older, name="A", login="a", password=password)
    assert accept_link(newer, name="A", login="a", password=password).person == 1


def test_a_link_works_once_and_for_three_days(administrator, password):
    from asbuilt.access.actions import accept_link, invite, link_open
    from asbuilt.ledger import clock

    _, used = invite(administrator, name="H. Brandt", roles=["engineer"])
    accept_link(used, name="H. Brandt", login="brandt", password=password)
    _, late = invite(administrator, name="M. Nowak", roles=["engineer"])
    assert link_open(late).roles == ("engineer",)
    there = clock.now() + LINK_DAYS * 86_400_000_000
    clock.set_clock(lambda: there)
    for secret in (used, late, "", "asbl_1_", "asbl_9_" + "x" * 43, "asbl_1_" + "x" * 43):
        with pytest.raises(NotFound) as refusal:
            accept_link(secret, name="H. Brandt", login="other", password=password)
        assert refusal.value.code == "access.link_unusable"


@pytest.mark.parametrize(
    ("name", "login", "word", "field"),
    [
        ("", "brandt", "nine reels of solder", "name"),
        ("H. Brandt", "   ", "nine reels of solder", "login"),
        ("H. Brandt", "bra\x00ndt", "nine reels of solder", "login"),
        ("H. Brandt", "b" * 121, "nine reels of solder", "login"),
        ("H. Brandt", "brandt", "elevenchars", "password"),
        ("H. Brandt", "brandt", "password1234", "password"),
        ("H. Brandt", "brandt.h.brandt", "Brandt.H.Brandt", "password"),
        ("H. Brandt", "brandt", "x" * 257, "password"),
    ],
)
def test_a_wrong_field_is_named_and_the_link_stays(administrator, name, login, word, field):
    from asbuilt.access.actions import accept_link, invite, link_open

    _, secret = invite(administrator, name="H. Brandt", roles=["engineer"])
    with pytest.raises(Invalid) as refusal:
        accept_link(secret, name=name, login=login, password=word)
    assert refusal.value.facts["field"] == field
    assert link_open(secret)


def test_a_login_belongs_to_one_person_whatever_its_capitals(administrator, let_in, password):
    from asbuilt.access.actions import accept_link, invite

    let_in("H. Brandt", "Brandt", ["engineer"])
    _, secret = invite(administrator, name="Other", roles=["engineer"])
    with pytest.raises(Conflict):
        accept_link(secret, name="Other", login="bRANDT ", password=password)


def test_who_is_invited_by_the_badge_is_the_person_the_floor_knows(administrator, actor, load, password):
    from asbuilt.access.actions import invite
    from asbuilt.access.people import open_person
    from asbuilt.ledger.recording import recording

    with recording(actor, "production.test") as entry:
        known = open_person(entry, "", "045")
    person, _ = invite(administrator, name="K. Lis", roles=["operator"], code="045")
    assert person == known


def test_only_who_manages_people_invites(let_in):
    from asbuilt.access.actions import close_login, give_roles, invite, renew_link

    engineer = let_in("H. Brandt", "brandt", ["engineer", "quality_lead", "compliance"])
    for verb in (
        lambda: invite(engineer, name="X", roles=["operator"]),
        lambda: give_roles(engineer, person=engineer.person, roles=["administrator"]),
        lambda: close_login(engineer, person=1),
        lambda: renew_link(engineer, person=1),
    ):
        with pytest.raises(NotAllowed):
            verb()


def test_roles_are_those_of_the_design_and_a_party_reader_has_one_party_only(administrator):
    from asbuilt.access.actions import invite
    from asbuilt.access.rights import ROLES

    assert set(ROLES) == {
        *("operator", "engineer", "quality_lead", "release_signer", "permit_issuer", "psirt", "compliance"),
        *("auditor", "party_reader", "administrator", "station", "machine"),
    }
    for roles, party in (
        (["party_reader"], None),
        (["party_reader", "engineer"], 3),
        (["engineer"], 3),
        (["station"], None),
        (["root"], None),
        ([], None),
    ):
        with pytest.raises(Invalid):
            invite(administrator, name="X", roles=roles, party=party)
    _, secret = invite(administrator, name="X", roles=["party_reader"], party=3)
    assert secret.startswith("asbl_1_")


def test_the_last_administrator_stays(administrator, let_in):
    from asbuilt.access.actions import close_login, erase_person, give_roles

    for verb in (
        lambda: give_roles(administrator, person=1, roles=["engineer"]),
        lambda: close_login(administrator, person=1),
        lambda: erase_person(administrator, person=1),
    ):
        with pytest.raises(Refused) as refusal:
            verb()
        assert refusal.value.code == "access.last_administrator"
    let_in("Second", "second", ["administrator"])
    give_roles(administrator, person=1, roles=["engineer"])


def test_a_renewed_link_sets_a_new_password_and_keeps_the_roles(administrator, let_in):
    from asbuilt.access.actions import accept_link, renew_link, sign_in
    from asbuilt.kernel.errors import NotSignedIn

    engineer = let_in("H. Brandt", "brandt", ["engineer"])
    again = accept_link(
        renew_link(administrator, person=engineer.person),
        name="H. Brandt",
        login="brandt",
        password="a whole new password",
    )
    assert (again.person, again.roles) == (engineer.person, engineer.roles)
    assert sign_in(tenant="main", login="brandt", password="a whole new password", address="::1").person == again.person
    with pytest.raises(NotSignedIn):
        sign_in(tenant="main", login="brandt", password="nine reels of solder", address="::1")


def test_the_same_request_twice_invites_once(administrator):
    from asbuilt.access.actions import invite
    from asbuilt.access.queries import people
    from asbuilt.ledger.recording import AlreadyRecorded

    invite(administrator, name="X", roles=["operator"], request_key="k1")
    with pytest.raises(AlreadyRecorded):
        invite(administrator, name="X", roles=["operator"], request_key="k1")
    assert len(people(administrator)) == 2
