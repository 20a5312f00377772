"""Erasing a person: the name is gone from every table, the log stays whole (design, section 4)."""

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, NotSignedIn

NAME, LOGIN = "Hannelore Brandtner", "hannelore@ostwerk.example"


def test_the_name_is_found_nowhere_and_the_log_verifies(administrator, let_in, everything_stored, password):
    from asbuilt.access.actions import erase_person, issue_token, sign_in
    from asbuilt.access.identity import actor_of_token
    from asbuilt.access.queries import person_name
    from asbuilt.ledger.verifying import verify

    person = let_in(NAME, LOGIN, ["engineer"])
    _, token = issue_token(person, name=f"laptop of {NAME}", person=person.person)
    assert NAME in everything_stored() and LOGIN in everything_stored()
    number = erase_person(administrator, person=person.person)
    stored = everything_stored()
    assert NAME not in stored and LOGIN not in stored
    assert person_name(1, person.person) == f"person {person.person}"
    with pytest.raises(NotSignedIn):
        sign_in(tenant="main", login=LOGIN, password=password, address="::1")
    with pytest.raises(NotSignedIn):
        actor_of_token(token)
    report = verify(1)
    assert report.clean, report.findings
    assert erase_person(administrator, person=person.person) == number


def test_an_erasure_that_was_stopped_halfway_goes_on(administrator, let_in, everything_stored, monkeypatch):
    from asbuilt.access.actions import erase_person
    from asbuilt.ledger import erasure

    person = let_in(NAME, LOGIN, ["engineer"])

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "erase_hidden", stop)
        with pytest.raises(KeyboardInterrupt):
            erase_person(administrator, person=person.person)
    assert NAME in everything_stored()
    erase_person(administrator, person=person.person)
    assert NAME not in everything_stored()


def test_refusals(administrator, let_in):
    from asbuilt.access.actions import erase_person, renew_link

    person = let_in(NAME, LOGIN, ["engineer"])
    with pytest.raises(NotAllowed):
        erase_person(person, person=1)
    with pytest.raises(NotFound):
        erase_person(administrator, person=99)
    with pytest.raises(Invalid):
        erase_person(administrator, person=person.person, rule="because")
    erase_person(administrator, person=person.person)
    with pytest.raises(NotFound):
        renew_link(administrator, person=person.person)


def test_another_tenants_person_is_not_there(administrator, let_in):
    from asbuilt.access.actions import erase_person
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    person = let_in(NAME, LOGIN, ["engineer"])
    other = local_system(open_tenant("other", "Other").number)
    with pytest.raises(NotFound):
        erase_person(other, person=person.person)
