"""The login form of a unit's page, on real web servers: one that refuses default passwords passes, one that takes admin/admin fails, and one that says
neither yes nor no is an error. Each has its own way: words, a page behind it, a token, a cookie, a lock, JSON, only redirects."""

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from line_floor import LineFloor, plan, records_of, run, step
from station.test_compare_passwords import give_key
from station.test_doubt_what_a_unit_says import results
from station_floor import scan

from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.planned_runs import FUNCTIONS
from asbuilt.kernel.test_plans import parse_test_plan

OWN = "service:widget"
WORDS = {"refused": "Wrong user or password", "let_in": "Sign out"}
INSIDE = "<p>Status: up</p><a href='/out'>Sign out</a>"


class Site:
    """A unit's web server with a login. `right` are users and their passwords; each of its ways may be changed by a class below."""

    scheme, method, fields = "http", "post", ("user", "pass")
    hint = "type=text"
    served = []  # what this run started, to be stopped

    def __init__(self, **right: str):
        self.right, self.sessions, self.tokens, self.tries = right, set(), set(), []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.get(self, urlsplit(self.path))

            def do_POST(self):
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.post(
                    self, {key: value[-1] for key, value in parse_qs(sent, keep_blank_values=True).items()}, sent
                )

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        Site.served.append(self.server)

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    def say(self, handler, status: int, page: str = "", *more: tuple[str, str]) -> None:
        handler.send_response(status)
        for name, value in (("Content-Length", str(len(page.encode()))), *more):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(page.encode())

    def form(self, said: str = "") -> str:
        user, word = self.fields
        return (
            f"<html><script>var out = 'Sign in'</script><p>{said}</p><form method={self.method} action='/enter?from=%2F'><input {self.hint} name={user}>"
            f"<input type=password name={word}>{self.hidden()}<button>Go</button></form></html>"
        )

    def hidden(self) -> str:
        return ""

    def known(self, handler) -> bool:
        cookie = handler.headers.get("Cookie") or ""
        return any(f"sid={one}" in cookie for one in self.sessions)

    def get(self, handler, there) -> None:
        if there.path == "/status":
            if self.known(handler):
                return self.say(handler, 200, INSIDE)
            return self.say(handler, 302, "", ("Location", "/login"))
        return self.say(handler, 200, self.form())

    def post(self, handler, sent: dict, raw: str) -> None:
        self.tries.append(sent)
        if self.takes(sent):
            self.let_in(handler)
        else:
            self.refuse(handler, sent)

    def takes(self, sent: dict) -> bool:
        user, word = (sent.get(name) for name in self.fields)
        return word is not None and self.right.get(user or "") == word

    def let_in(self, handler) -> None:
        sid = secrets.token_hex(8)
        self.sessions.add(sid)
        self.say(handler, 302, "", ("Location", "/status"), ("Set-Cookie", f"sid={sid}; Path=/; HttpOnly"))

    def refuse(self, handler, sent: dict) -> None:
        self.say(handler, 200, self.form("Wrong user or password"))


class Hidden(Site):
    """A token against forged requests, of a cookie and of the form: who does not bring both is sent back with other words."""

    def hidden(self) -> str:
        self.tokens.add(token := secrets.token_hex(8))
        return f"<input type=hidden name=_csrf value={token}><input type=checkbox name=keep checked>"

    def takes(self, sent: dict) -> bool:
        return super().takes(sent)

    def post(self, handler, sent: dict, raw: str) -> None:
        cookie = (handler.headers.get("Cookie") or "").partition("csrf=")[2]
        if sent.get("_csrf") not in self.tokens or cookie != sent["_csrf"] or sent.get("keep") != "on":
            return self.say(handler, 403, "forged")
        self.tokens.discard(sent["_csrf"])
        return super().post(handler, sent, raw)

    def say(self, handler, status, page="", *more):
        if "name=_csrf value=" in page:
            more = (*more, ("Set-Cookie", "csrf=" + page.partition("name=_csrf value=")[2][:16]))
        super().say(handler, status, page, *more)


class Same(Site):
    """The same page for everybody: it looks what one typed over later, by a script."""

    def let_in(self, handler):
        self.say(handler, 200, "<div id=app></div>")

    def refuse(self, handler, sent):
        self.let_in(handler)


class Always(Site):
    """The words of refusal stand in its page, hidden, before anybody tried."""

    def form(self, said=""):
        return super().form(said) + "<div style='display:none'>Wrong user or password</div>"


class Menu(Site):
    """Its menu stands on every page."""

    def form(self, said=""):
        return super().form(said) + INSIDE


class Locks(Site):
    """After so many wrong ones from one address it refuses everybody, in other words, or in the same with more behind."""

    most, words = 6, "Too many attempts, wait 60 s"

    def takes(self, sent):
        return super().takes(sent) and len(self.tries) <= self.most

    def refuse(self, handler, sent):
        locked = len(self.tries) > self.most
        self.say(handler, 200, self.form(self.words if locked else "Wrong user or password"))


class LocksQuietly(Locks):
    """The same words, and more."""

    words = "Wrong user or password, the account is locked"


class Answers429(Locks):
    def refuse(self, handler, sent):
        if len(self.tries) > self.most:
            return self.say(handler, 429, "Wrong user or password")
        return super().refuse(handler, sent)


class OnlyLeads(Site):
    """Says nothing itself: leads to the form with a mark in the address, or to the page behind it."""

    def refuse(self, handler, sent):
        self.say(handler, 303, "", ("Location", "/login?failed=1"))


class LeadsAway(Site):
    """Leads everybody to another host, as one that signs in elsewhere."""

    def refuse(self, handler, sent):
        self.say(handler, 302, "", ("Location", "https://login.example/?next=unit"))

    let_in = refuse_all = lambda self, handler: self.refuse(handler, {})


class SendsAway(Site):
    """Its form sends what is typed to another host."""

    def form(self, said=""):
        return super().form(said).replace("'/enter", "'http://elsewhere.example/enter")


class ByJson(Site):
    """A page that is a script, and takes JSON."""

    def get(self, handler, there):
        self.say(handler, 200, "<div id=app></div>")

    def post(self, handler, sent, raw):
        given = json.loads(raw)
        right = self.right.get(given["user"]) == given["pass"]
        self.say(handler, 200 if right else 401, json.dumps({"ok": right, "token": "x" if right else None}))


class OnlyPassword(Site):
    """Asks for a password alone."""

    fields, hint = ("", "pw"), "type=hidden value=1"

    def form(self, said=""):
        return super().form(said).replace("name=>", "name=step>")

    def takes(self, sent):
        return sent.get("pw") == self.right["pw"] and sent.get("step") == "1"


class Everybody(Site):
    """Lets in whoever types anything."""

    def takes(self, sent):
        return bool(sent)


class Asked(Site):
    """A form that asks by GET, as old units do, and shows its pages to everybody once somebody has signed in? No: by a cookie."""

    method = "get"

    def get(self, handler, there):
        if there.path == "/enter":
            sent = {key: value[-1] for key, value in parse_qs(there.query, keep_blank_values=True).items()}
            return self.post(handler, sent, "")
        return super().get(handler, there)


class Open(Site):
    """Shows the page behind the login without any."""

    def known(self, handler):
        return True


@pytest.fixture
def line(tmp_path):
    yield LineFloor(tmp_path)
    while Site.served:
        Site.served.pop().shutdown()


BEHIND = {"refused": "Wrong user or password", "path": "/status"}
LEADS = {"refused": "failed=1", "path": "/status"}
AS_JSON = {
    "sends": "json",
    "user_field": "user",
    "password_field": "pass",
    "refused": '"ok": false',
    "let_in": '"ok": true',
}
# name -> (result, what is said of it, its server, users that it takes, what the plan says)
UNITS = {
    "good": ("pass", "", Site, {"owner": "x7"}, WORDS), "bad": ("fail", "default password no. 1 at", Site, {"admin": "admin"}, WORDS),
    "good_behind": ("pass", "", Site, {"owner": "x7"}, BEHIND), "bad_behind": ("fail", "no. 2", Site, {"admin": "password"}, BEHIND),
    "own": ("fail", "no. 17", Site, {"service": "widget"}, WORDS | BEHIND), "named": ("fail", "no. 1 ", Site, {"admin": "admin"}, WORDS | {"user_field": "user", "password_field": "pass"}),
    "token": ("pass", "", Hidden, {"owner": "x7"}, WORDS), "token_bad": ("fail", "no. 1 ", Hidden, {"admin": "admin"}, WORDS),
    "same": ("error", "neither yes nor no", Same, {"admin": "admin"}, WORDS), "same_good": ("error", "neither yes nor no", Same, {"owner": "x7"}, WORDS),
    "always": ("error", "before anybody tried", Always, {"admin": "admin"}, WORDS),
    "menu": ("error", "before anybody tried", Menu, {"admin": "admin"}, WORDS),
    "locks": ("error", "neither yes nor no", Locks, {"root": "admin"}, WORDS), "quietly": ("error", "may have locked itself", LocksQuietly, {"root": "admin"}, WORDS),
    "answers_429": ("error", "it has locked itself", Answers429, {"root": "admin"}, WORDS), "few": ("pass", "", Locks, {"owner": "x7"}, WORDS | {"most": "4"}),
    "few_bad": ("fail", "no. 17", Locks, {"service": "widget"}, WORDS | {"most": "4"}),
    "leads": ("pass", "", OnlyLeads, {"owner": "x7"}, LEADS), "leads_bad": ("fail", "no. 1 ", OnlyLeads, {"admin": "admin"}, LEADS),
    "leads_unsaid": ("error", "neither yes nor no", OnlyLeads, {"owner": "x7"}, WORDS), "away": ("error", "neither yes nor no", LeadsAway, {"admin": "admin"}, WORDS),
    "sends_away": ("error", "to another place", SendsAway, {"admin": "admin"}, WORDS),
    "json": ("pass", "", ByJson, {"owner": "x7"}, AS_JSON), "json_bad": ("fail", "no. 1 ", ByJson, {"admin": "admin"}, AS_JSON),
    "no_form": ("error", "no field for a password", ByJson, {"admin": "admin"}, WORDS),
    "alone": ("pass", "", OnlyPassword, {"pw": "x7"}, WORDS), "alone_bad": ("fail", "no. 1", OnlyPassword, {"pw": "admin"}, WORDS),
    "everybody": ("fail", "without any password", Everybody, {}, WORDS), "open": ("fail", "without any password", Open, {"owner": "x7"}, BEHIND),
    "asked": ("pass", "", Asked, {"owner": "x7"}, WORDS), "asked_bad": ("fail", "no. 1 ", Asked, {"admin": "admin"}, WORDS),
    "unsaid": ("error", "does not say by which words", Site, {"owner": "x7"}, {"let_in": "Sign out"}),
}  # fmt: skip


def test_a_default_password_in_a_login_form_is_found_and_what_is_undecided_is_never_a_pass(line):
    sites = {name: server(**right) for name, (_, _, server, right, _) in UNITS.items()}
    runs = [
        run(name, "credentials", over="http", port=sites[name].port, pairs=OWN, form="/login", **said)
        for name, (*_, said) in UNITS.items()
    ]
    said = results(line, runs, [step(f"{one['name']}.accepted", "numeric", expected="0") for one in runs])
    found = {name.partition(".")[0]: one for name, one in said.items()}
    assert {name: result for name, (result, _) in found.items()} == {name: one[0] for name, one in UNITS.items()}, found
    for name, (_, words, *_) in UNITS.items():
        assert words in found[name][1], (name, found[name])
    assert {one["user"] for one in sites["good"].tries[1:-1]} >= {"admin", "root", "service"}
    assert max(map([one["user"] for one in sites["good"].tries].count, ("admin", "root"))) == 3  # units lock themselves
    assert sites["sends_away"].tries == [] and not any(
        "x7" in words or "widget" in words for _, words in found.values()
    )


def test_a_units_own_password_opens_its_form_and_another_does_not(line, tmp_path):
    site, open_one = Site(admin="Kx9-4711-zz"), Everybody()
    (tmp_path / "SN-1.txt").write_text("password: Kx9-4711-zz\n")
    given = {
        "over": "http",
        "from": "file",
        "name": "{unit}.txt",
        "pattern": "password: (.+)",
        "form": "/login",
        **WORDS,
    }
    runs = [run(name, "own_password", port=one.port, **given) for name, one in (("own", site), ("all", open_one))]
    steps = [step(f"{name}.{what}") for name in ("own", "all") for what in ("works", "needed")]
    socket = {"network": "127.0.0.1", "incoming": str(tmp_path)}
    station = line.station([plan(steps, [one | {"stop": False} for one in runs])], [socket])
    give_key(station)
    station.take(scan("SN-1"), "1")
    (record,) = records_of(station)
    assert {one.step: one.result for one in record.measures} == {
        "own.works": "pass", "own.needed": "pass", "all.works": "pass", "all.needed": "fail",
    }, record  # fmt: skip


def test_a_plan_says_how_a_form_is_filled_in():
    """The words of a form are parameters of the functions that try passwords; any other function refuses them."""
    taken = {name for name, one in FUNCTIONS.items() if "form" in one.others}
    assert taken == {"credentials", "own_password"}
    wrong = plan([step("web.versions", "text", expected="TLSv1.3")], [run("web", "tls", port=443, form="/login")])
    with pytest.raises(Invalid, match="does not take"):
        parse_test_plan(json.dumps(wrong).encode())
