"""Signing in and tokens: who gets in, who does not, how often one may try."""

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, NotSignedIn, Unavailable

WRONG = "never this password"


def attempt(login="ada@ostwerk.example", password=WRONG, tenant="main", address="10.0.0.9"):
    from asbuilt.access.actions import sign_in

    return sign_in(tenant=tenant, login=login, password=password, address=address)


def test_login_and_password_let_in(administrator, password):
    from asbuilt.access.identity import actor_of_login

    row = attempt(login=" ADA@ostwerk.example", password=password)
    assert actor_of_login(row) == administrator
    assert row.last_seen_at > 0


@pytest.mark.parametrize(
    "wrong",
    [{"password": WRONG}, {"login": "nobody"}, {"login": ""}, {"login": "a\x00"}, {"tenant": "other"}, {"tenant": ""}],
)
def test_each_mistake_gets_the_same_answer(administrator, password, wrong):
    with pytest.raises(NotSignedIn) as refusal:
        attempt(**{"password": password, **wrong})
    assert (refusal.value.code, refusal.value.facts) == ("access.wrong_sign_in", {})


def test_a_closed_login_does_not_let_in(administrator, let_in, password):
    from asbuilt.access.actions import close_login, open_login

    engineer = let_in("H. Brandt", "brandt", ["engineer"])
    close_login(administrator, person=engineer.person)
    with pytest.raises(NotSignedIn):
        attempt("brandt", password)
    open_login(administrator, person=engineer.person)
    assert attempt("brandt", password).person == engineer.person


def test_after_ten_attempts_a_login_waits_even_with_the_right_password(administrator, password):
    from asbuilt.ledger import clock

    for n in range(10):
        with pytest.raises(NotSignedIn):
            attempt(address=f"10.0.0.{n}")
    with pytest.raises(Unavailable) as refusal:
        attempt(password=password)
    assert 0 < refusal.value.retry_after_seconds <= 900
    there = clock.now() + 901_000_000
    clock.set_clock(lambda: there)
    assert attempt(password=password).person == 1


def test_after_fifty_attempts_an_address_waits(administrator, password, monkeypatch):
    for n in range(50):
        with pytest.raises(NotSignedIn):
            attempt(login=f"guess{n}")
    with pytest.raises(Unavailable):
        attempt(password=password)
    assert attempt(password=password, address="10.0.0.10").person == 1


def test_secrets_are_stored_nowhere(administrator, password, everything_stored):
    from asbuilt.access.actions import invite, issue_token

    _, link = invite(administrator, name="X", roles=["operator"])
    _, token = issue_token(administrator, name="mine", person=1)
    attempt(password=password)
    with pytest.raises(NotSignedIn):
        attempt(login="typed-it-into-the-wrong-field", address="203.0.113.77")
    stored = everything_stored()
    for secret in (link, link[7:], token, token[7:], password, "typed-it-into-the-wrong-field", "203.0.113.77"):
        assert secret not in stored


def test_a_token_has_the_roles_of_its_person_or_fewer(administrator, let_in):
    from asbuilt.access.actions import give_roles, issue_token
    from asbuilt.access.identity import actor_of_token

    person = let_in("H. Brandt", "brandt", ["engineer", "compliance"])
    _, whole = issue_token(person, name="all", person=person.person)
    _, part = issue_token(person, name="less", person=person.person, roles=["engineer"])
    assert actor_of_token(whole) == person
    assert actor_of_token(part).roles == {"engineer"}
    with pytest.raises(Invalid):
        issue_token(person, name="more", person=person.person, roles=["auditor"])
    give_roles(administrator, person=person.person, roles=["compliance"])
    assert actor_of_token(whole).roles == {"compliance"}
    assert actor_of_token(part).rights == frozenset()


def test_nobody_issues_a_token_for_another(administrator, let_in):
    from asbuilt.access.actions import issue_token

    person = let_in("H. Brandt", "brandt", ["engineer"])
    with pytest.raises(NotAllowed):
        issue_token(administrator, name="x", person=person.person)
    with pytest.raises(NotAllowed):
        issue_token(person, name="x", roles=["machine"])
    with pytest.raises(Invalid):
        issue_token(administrator, name="x", roles=["engineer"])
    assert issue_token(administrator, name="oven 2", roles=["machine"])[1].startswith("asbt_1_")


def test_tokens_end(administrator, let_in):
    from asbuilt.access.actions import close_login, issue_token, revoke_token
    from asbuilt.access.identity import actor_of_token
    from asbuilt.ledger import clock

    person = let_in("H. Brandt", "brandt", ["engineer"])
    number, revoked = issue_token(person, name="r", person=person.person)
    _, closed = issue_token(person, name="c", person=person.person)
    _, late = issue_token(administrator, name="l", person=1, days=1)
    with pytest.raises(NotFound):
        revoke_token(let_in("M. Nowak", "nowak", ["engineer"]), number=number)
    revoke_token(person, number=number)
    close_login(administrator, person=person.person)
    assert actor_of_token(late).person == 1
    there = clock.now() + 86_400_000_000
    clock.set_clock(lambda: there)
    for secret in (revoked, closed, late, "", "asbt_1_" + "x" * 43, late.replace("asbt", "asbl"), "asbt_2" + late[6:]):
        with pytest.raises(NotSignedIn):
            actor_of_token(secret)


def test_links_and_tokens_are_blanked_in_log_lines(caplog):
    import logging

    from asbuilt.access.credentials import TOKEN, Redacting, new_secret

    secret = new_secret(TOKEN, 1)
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: /welcome/%s", (secret,), None)
    assert Redacting().filter(record)
    assert record.getMessage() == "Not Found: /welcome/asbt_…"


def test_outside_the_suite_a_password_costs_its_full_factor(home):
    import subprocess
    import sys

    said = "import django; django.setup(); from django.contrib.auth.hashers import make_password; print(make_password('x'))"
    env = {**home.env(), "DJANGO_SETTINGS_MODULE": "asbuilt.site.settings"}
    done = subprocess.run([sys.executable, "-c", said], env=env, capture_output=True, text=True)
    # OWASP asks for 600,000 rounds of PBKDF2-HMAC-SHA256
    assert int(done.stdout.split("$")[1]) >= 600_000, done.stderr
