"""What the pages of cases refuse is said in German to a German reader: with its values, on every page of a case, and to a stranger on the public form."""

# ruff: noqa: F811

import re

import pytest
from case_floor import AT
from cast import cast, cast_home, pages  # noqa: F401
from django.core.files.uploadedfile import SimpleUploadedFile
from publishing_floor import HOST, set_up

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}
REFUSAL = re.compile(r'id="refusal">.*?<p><b>(.*?)</b> (.*?) <span', re.DOTALL)


@pytest.fixture
def case(cast):
    """An exploited vulnerability in Alpina's lamp, with a frozen answer, a notice and a field action."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    ours = local_system(cast.tenant["cara"])
    code = opening.open_case(ours, kind="aev", title="Overflow")
    saying.add_product(ours, case=code, product="A-LAMP", role="manufacturer", manufacturer="ALPINA")
    saying.state_moment(ours, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(ours, case=code, question="order:WO-ALP", why="all")
    return code


@pytest.fixture
def told(cast):
    """told(address, verb=…) -> (sentence, what to do) of the refusal that a German gets."""
    cara = cast.browser("cara")

    def post(address: str, /, **said) -> tuple[str, str]:
        answer = cara.post(address, said, **GERMAN)
        assert 400 <= answer.status_code < 500, answer.status_code
        return REFUSAL.search(answer.content.decode()).groups()

    return post


def test_a_case_says_in_german_what_it_refuses(told, case):
    page = f"/case/{case}/"
    assert told(page, verb="note", words="") == ("Worte: ist leer.", "In wenigen Worten sagen.")
    assert told(page, verb="product", product="NONE", role="manufacturer", why="x")[0].startswith(
        "Nicht bekannt: Produkt NONE."
    )
    ahead = told(page, verb="moment", moment="aware_at", at="2999-01-01T00:00:00Z", why="x")
    assert ahead == ("Wann: liegt in der Zukunft.", "Zeit und Zeitzone ansehen.")
    said, do = told(page, verb="moment", moment="aware_at", at="2026-11-20 08:00", why="x")
    assert said.startswith("2026-11-20 08:00: einer Zeit fehlt ihr Abstand zu UTC, wie in") and "leer lassen" in do
    strange = told(page, verb="task", words="x", task="T-9", task_state="done")
    assert "T-9" in strange[0] and "There" not in strange[0] and "has no" not in strange[0]
    said, do = told(page, verb="close", why="done")
    assert said.startswith(f"{case} ist nicht zu Ende: ") and do.startswith("Zu Ende bringen oder bei jedem sagen")
    assert told("/cases/", kind="aev", title="x", signals="S-9")[0] == "Es gibt kein Signal S-9."
    assert told("/cases/signals/", verb="dismiss", signal="S-9", why="x")[1] == "Die Liste der Signale ansehen."


def test_a_report_and_the_coordinators_say_it_in_german(told, case):
    page = f"/case/{case}/report/cra.aev/early_warning/"
    said, do = told(page, verb="approve", why="x", sha256="0" * 64)
    assert (said, do) == ("Der Entwurf sagt inzwischen etwas anderes.", "Noch einmal lesen, dann freigeben.")
    said, do = told(page, verb="not_submitted", why="x")
    assert said == "Dieser Bericht wurde nicht eingereicht." and do == "Nichts ist zurückzunehmen."
    determined = {
        "manufacturer": "ALPINA",
        "rule": "main_establishment",
        "csirt": "CERT",
        "why": "x",
        "member_state": "XX",
    }
    said, do = told("/coordinators/", **determined)
    assert said == "&#x27;XX&#x27; ist kein Mitgliedstaat." and do == "Seinen ISO-Code schreiben, etwa DE."


def test_a_notice_and_a_field_action_say_it_in_german(cast, told, case):
    wrong = told("/contacts/", verb="set", party="ALPINA", channel="mail", address="nobody", language="de")
    assert wrong == ("Adresse: ist keine Mailadresse.", "Eine schreiben wie psirt@example.com.")
    drafted = cast.browser("cara").post(f"/case/{case}/notices/", {"kind": "users", "contact-": "psirt"})
    assert drafted.status_code == 302, REFUSAL.search(drafted.content.decode())
    unread = told("/notice/N-1/", verb="send", version="1")
    assert unread[0].startswith("Niemand hat Version 1 von N-1 ")
    assert told("/notice/N-1/", verb="let_go", why="x")[0] == "N-1 ist nicht zurückgehalten."
    begun = {"kind": "recall", "title": "back", "question": "order:WO-ALP", "why": "heat"}
    assert cast.browser("cara").post(f"/case/{case}/field-action/", begun).status_code == 302
    said, do = told("/field-action/F-1/", verb="close", why="x")
    assert said.endswith("Einheiten sind weder erledigt noch begründet.") and do.startswith(
        "Melden, was aus ihnen wurde"
    )
    file = SimpleUploadedFile("back.csv", b"serial,state,at\nNONE,returned,2026-11-20T08:00:00Z\n")
    answer = cast.browser("cara").post("/field-action/F-1/report-file/", {"file": file, "source": "customer"}, **GERMAN)
    assert answer.status_code == 422 and "ist keine Einheit dieser Akte" in answer.content.decode()


def test_advisories_and_the_public_form_say_it_in_german(cast, told, case, monkeypatch):
    from django.test import Client

    from asbuilt.access.actor import local_system
    from asbuilt.doors.web import public

    assert told("/publishing/draft/", case=case, kind="advisory", vulnerabilities="CVE-2026-1")[0] != ""
    monkeypatch.setenv("ASBUILT_PUBLIC", f"{HOST}=main")
    set_up(local_system(cast.tenant["cara"]))
    said, _do = told("/publishing/draft/", case=case, kind="advisory", vulnerabilities="CVE-2026-1")
    assert said == "Die Akte hat keine Schwachstelle CVE-2026-1."
    public.RATES.__init__()
    with pages(ALLOWED_HOSTS=["*"], PUBLIC_TIPS_PER_MINUTE=1_000):
        stranger = Client(headers={"host": HOST, "accept-language": "de"}, raise_request_exception=False)
        answer = stranger.post("/report-vulnerability/", {"what": ""})
    assert answer.status_code == 422 and "ist leer." in answer.content.decode()


def test_a_refusal_with_much_in_it_takes_no_time():
    import time

    from django.utils.translation import override

    from asbuilt.doors.web.refusal_shapes import shaped

    hostile = (" is  names  of  has " * 50)[:1000]
    with override("de"):
        assert shaped("C-1 is closed.") == "C-1 ist geschlossen."  # and the shapes are compiled by now
        began = time.perf_counter()
        assert shaped(hostile) == shaped(hostile * 100) == ""
        assert time.perf_counter() - began < 2
