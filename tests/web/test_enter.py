"""The entrance: a stranger gets in nowhere, a link and a password let in, headers are strict (design, section 4)."""

import re

import pytest

PLACES = ["/", "/you/", "/people/", "/people/1/", "/import/", "/log/", "/find/?code=1", "/nothing/like/this/"]


@pytest.mark.parametrize("place", PLACES)
def test_a_stranger_is_asked_to_sign_in_wherever_he_goes(browser, place):
    answer = browser().get(place)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    program = browser().get(place, headers={"Accept": "application/json"})
    assert (program.status_code, program["Content-Type"]) == (401, "application/problem+json")
    assert program.json()["code"] == "web.not_signed_in"


def test_the_first_link_leads_in_and_the_secret_leaves_the_address(browser, home, password):
    from asbuilt.access.actions import first_link

    one = browser()
    secret = first_link()
    answer = one.get(f"/welcome/{secret}/")
    assert (answer.status_code, answer["Location"]) == (302, "/welcome/")
    page = one.get("/welcome/")
    assert secret not in page.content.decode()
    wrong = one.send("/welcome/", {"name": "Ada", "login": "ada", "password": password, "again": password + "x"})
    assert wrong.status_code == 422 and "The two passwords differ." in wrong.content.decode()
    assert password not in wrong.content.decode()
    answer = one.send("/welcome/", {"name": "Ada", "login": "ada", "password": password, "again": password})
    assert answer.status_code == 302
    assert one.get("/you/").status_code == 200
    assert browser().get(f"/welcome/{secret}/").status_code == 404


def test_signing_in_gives_a_new_session_and_leads_on(signed_in, browser, password):
    one = browser()
    answer = one.send("/sign-in/?next=/you/", {"login": "ada", "password": password, "next": "/you/"})
    assert answer["Location"] == "/you/"
    cookie = answer.cookies["asbuilt_session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    away = browser().send("/sign-in/", {"login": "ada", "password": password, "next": "https://evil.example/"})
    assert away["Location"].startswith("/") and "evil" not in away["Location"]


def test_a_wrong_password_keeps_the_login_and_says_nothing_more(signed_in, browser):
    answer = browser().send("/sign-in/", {"login": "ada", "password": "wrong wrong wrong"})
    text = answer.content.decode()
    assert answer.status_code == 401
    assert "Login or password is wrong." in text and 'value="ada"' in text and "wrong wrong wrong" not in text


def test_after_ten_attempts_the_page_says_when_to_come_back(signed_in, browser, password):
    one = browser()
    for _ in range(10):
        one.send("/sign-in/", {"login": "ada", "password": "wrong wrong wrong"})
    answer = one.send("/sign-in/", {"login": "ada", "password": password})
    assert answer.status_code == 503 and "Wait 15 min" in answer.content.decode()


def test_a_form_without_its_secret_is_refused(signed_in, web):
    from django.test import Client

    bare = Client(enforce_csrf_checks=True)
    answer = bare.post("/sign-in/", {"login": "ada", "password": "x"})
    assert answer.status_code == 403 and "This form is no longer valid." in answer.content.decode()
    one = signed_in()
    assert one.post("/sign-out/").status_code == 403
    assert one.get("/you/").status_code == 200


def test_signing_out_closing_and_a_new_password_end_the_session(signed_in, password):
    from asbuilt.access.actions import accept_link, close_login, renew_link

    one = signed_in("engineer")
    assert one.send("/sign-out/").status_code == 302
    assert one.get("/you/").status_code == 302
    closed = signed_in("auditor")
    person = closed.get("/you/").wsgi_request.actor.person
    close_login(signed_in.first, person=person)
    assert closed.get("/you/").status_code == 302
    renewed = signed_in("auditor")
    person = renewed.get("/you/").wsgi_request.actor.person
    accept_link(renew_link(signed_in.first, person=person), name="N", login="new", password=password + " more")
    assert renewed.get("/you/").status_code == 302


@pytest.mark.parametrize("place", ["/sign-in/", "/you/", "/nothing/", "/static/asbuilt.css", "/health/"])
def test_headers_are_strict_on_every_answer(signed_in, place):
    answer = signed_in().get(place)
    assert answer["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", answer["X-Request-ID"])


def test_pages_hold_nothing_that_the_policy_forbids(signed_in, browser):
    one = signed_in()
    pages = [
        one.get(place).content.decode() for place in ("/you/", "/people/", "/people/1/", "/find/?code=x y", "/nothing/")
    ]
    pages.append(browser().get("/sign-in/").content.decode())
    for text in pages:
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*src=)", text)


def test_not_found_and_not_allowed_look_the_same_to_a_stranger(signed_in):
    reader = signed_in("party_reader", party=7)
    nowhere, people = reader.get("/nothing/"), reader.get("/people/")
    assert (nowhere.status_code, people.status_code) == (404, 404)

    def words(answer):
        # the request's id and the form's secret are of each answer
        return re.sub(r'[0-7][0-9A-HJKMNP-TV-Z]{25}|csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())

    assert words(nowhere) == words(people)
    assert signed_in("engineer").get("/people/").status_code == 403


def test_an_unforeseen_error_shows_its_request_and_nothing_else(signed_in, monkeypatch, caplog):
    from asbuilt.doors.web import entrance

    one = signed_in()
    monkeypatch.setattr(entrance, "tokens", lambda actor: 1 / 0)
    answer = one.get("/you/")
    text = answer.content.decode()
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in text and "ZeroDivisionError" not in text and "Traceback" not in text


def test_theme_and_language_are_remembered(signed_in):
    one = signed_in()
    one.send("/theme/", {"theme": "dark", "next": "/you/"})
    page = one.get("/you/").content.decode()
    assert 'data-theme="dark"' in page and 'data-keys="off"' in page
    one.send("/language/", {"language": "de", "next": "/you/"})
    page = one.get("/you/").content.decode()
    assert '<html lang="de"' in page and "Abmelden" in page


def test_the_health_page_answers_strangers_and_says_nothing(browser):
    answer = browser().get("/health/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_cookies_are_secure_as_soon_as_the_site_is_seen_from_other_machines(home):
    import subprocess
    import sys

    asked = (
        "from asbuilt.site import web_settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0)"
    )
    for hosts, wanted in (
        ("localhost,127.0.0.1", "False False False False"),
        ("asbuilt.ostwerk.example", "True True True True"),
    ):
        env = {**home.env(), "ASBUILT_HOSTS": hosts}
        said = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)
        assert said.stdout.strip() == wanted


def test_the_command_line_loads_nothing_of_the_web(home):
    import subprocess
    import sys

    web = ("ninja", "django_htmx", "whitenoise", "asbuilt.doors.web")
    asked = f"import sys, django; django.setup(); print([m for m in {web} if m in sys.modules])"
    env = {**home.env(), "DJANGO_SETTINGS_MODULE": "asbuilt.site.settings"}
    said = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
