"""Login form: whether the form of a page gives the unit to somebody who types a user and a password.

A form has no answer of its own for yes and no: the plan says by which words the unit refuses (`refused`), and how it shows that it let somebody
in: words (`let_in`) or a page behind the login (`path`), or both. Words are looked for in what is read at last, in its address and in where
it leads. Refused is who hears the words of refusal, or 401, and gets nothing of the others; let in is who gets all of them and
hears no refusal. All else, the same page for everybody too, is neither.

Each try begins at the form anew, without cookies, with what the form hides (a token against forged requests) and sends it where the form says, as a
browser does. It follows the unit, never to another host or port: a password of the plan's goes nowhere else. Somebody who does not exist tries
first and last: who is let in so, lets everybody in; a unit that tells him otherwise in the end than in the beginning, or a user otherwise
than before, may have locked itself, and has refused no password.
"""

import json
import re
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import (
    HTTPCookieProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from asbuilt.station.testing.functions.reaching import BODY_BYTES_MAX, SECONDS, connect, lenient_context
from asbuilt.station.testing.functions.taken import NotCarriedOut

PARAMETERS = ("form", "user_field", "password_field", "sends", "refused", "let_in", "path")
JSON, FORM = "json", "form"
LOCKED = (423, 429)
TYPED = ("text", "email", "tel", "search", "")
FIELDS_MAX, FORMS_MAX = 200, 50
Fields = list[tuple[str, str]]
_CHANGING = re.compile(r"[0-9]+|\s+")


@dataclass
class _Form:
    """A form of a page: where and how it sends, its fields as they stand (type, name, value), whether more than fields would be sent."""

    action: str
    method: str
    enctype: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)

    def named(self, kind: str) -> list[str]:
        """The names of its fields of a type."""
        return [name for what, name, _ in self.fields if what == kind and name]


class _Read(HTMLParser):
    """The forms of a page, and its text without scripts."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.forms: list[_Form] = []
        self.text: list[str] = []
        self._open, self._hidden = False, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._hidden = tag
        elif tag == "form" and len(self.forms) < FORMS_MAX:
            method, enctype = said.get("method", "get").lower(), said.get("enctype", "").lower()
            self.forms.append(_Form(said.get("action", ""), method, enctype))
            self._open = True
        elif tag in ("input", "button", "textarea", "select") and self._open:
            self._field(tag, said)
        elif tag == "option" and self._open and self.forms[-1].fields:
            kind, name, value = self.forms[-1].fields[-1]
            if kind == "select" and (not value or "selected" in said):
                self.forms[-1].fields[-1] = kind, name, said.get("value", "")

    def _field(self, tag: str, said: dict[str, str]) -> None:
        kind = said.get("type", "" if tag == "input" else tag).lower()
        if tag == "button" and said.get("type", "submit").lower() == "submit":
            kind = "submit"
        form = self.forms[-1]
        if kind in ("checkbox", "radio") and "checked" not in said:
            return
        if kind == "submit" and form.named("submit"):  # a browser sends the button that was pressed: the first
            return
        if len(form.fields) < FIELDS_MAX and "disabled" not in said:
            form.fields.append((kind, said.get("name", ""), said.get("value", "on" if kind == "checkbox" else "")))

    def handle_endtag(self, tag):
        if tag == self._hidden:
            self._hidden = ""
        elif tag == "form":
            self._open = False

    def handle_data(self, data):
        if not self._hidden:
            self.text.append(data)


@dataclass(frozen=True)
class _Heard:
    """What the unit answered at last: status, address (path and question), where it leads, the page."""

    status: int
    address: str
    leads: str
    page: str

    def says(self, words: str) -> bool:
        """Whether these words stand in it."""
        return any(words.casefold() in one.casefold() for one in (self.page, self.address, self.leads))

    @property
    def asks(self) -> bool:
        """Whether it asks for a password."""
        return any(form.named("password") for form in _Read(self.page).forms)

    def alike(self, user: str) -> str:
        """What stays the same of it when the same user is refused again: no numbers, no tokens, not his name."""
        text = " ".join(_Read(self.page).text) if "<" in self.page else self.page
        return f"{self.status} {urlsplit(self.address).path} {_CHANGING.sub(' ', text.replace(user, ' ') if user else text)}"


class _Here(HTTPRedirectHandler):
    """Follows the unit where it stays at its own address and port."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if _place(req.full_url) != _place(newurl):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(frozen=True)
class Form:
    """The login form of a unit, as the plan says it; see `from_plan`."""

    host: str
    port: int
    tls: bool
    said: dict[str, str]
    refusals: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_plan(cls, host: str, port: int, tls: bool, parameters: dict[str, str]) -> "Form":
        """NotCarriedOut where the plan does not say by what yes and no are told."""
        said = {name: parameters.get(name, "") for name in PARAMETERS}
        if not said["refused"] or not (said["let_in"] or said["path"]):
            raise NotCarriedOut(
                "plan_wrong",
                "The plan does not say by which words the login form refuses, and by which words or page it lets in.",
            )
        if said["sends"] not in ("", FORM, JSON):
            raise NotCarriedOut("plan_wrong", "A login form sends form or json.")
        if said["sends"] == JSON and not (said["user_field"] and said["password_field"]):
            raise NotCarriedOut("plan_wrong", "The plan names no fields for what it sends as JSON.")
        return cls(host, port, tls, said)

    def open_to_all(self) -> bool:
        """Whether somebody is let in who types nothing, or a password that was made up."""
        session = self._session()
        page = self._page(session)
        shown = bool(self.said["let_in"]) and page.says(self.said["let_in"])
        if page.says(self.said["refused"]) or (shown and page.asks):
            raise NotCarriedOut(
                "plan_wrong", "The plan's words stand in the login form's page before anybody tried: they show nothing."
            )
        if shown:
            return True
        if self.said["path"] and self._inside(session):
            return True
        return self.opens(_nobody(), "")

    def refuses_still(self) -> None:
        """NotCarriedOut where somebody who does not exist hears something else by now than when he came first."""
        self.opens(_nobody(), "")

    def opens(self, pair: tuple[str, str], user: str | None = None) -> bool:
        """Whether it lets this user and password in; NotCarriedOut where it says neither yes nor no."""
        session = self._session()
        heard = self._send(session, self._page(session), pair)
        if heard.status in LOCKED:
            raise NotCarriedOut("no_answer", f"{self._named()} answers {heard.status}: it has locked itself.")
        no = heard.status == 401 or heard.says(self.said["refused"])
        shown = [heard.says(self.said["let_in"])] if self.said["let_in"] else []
        shown += [self._inside(session)] if self.said["path"] else []
        if no and not any(shown):
            self._refuse_locked(heard, pair[0], pair[0] if user is None else user)
            return False
        if all(shown) and not no:
            return True
        raise NotCarriedOut("no_answer", f"{self._named()} says neither yes nor no to a password.")

    def _refuse_locked(self, heard: _Heard, typed: str, user: str) -> None:
        alike = heard.alike(typed)
        if self.refusals.setdefault(user, alike) != alike:
            raise NotCarriedOut(
                "no_answer", f"{self._named()} refuses otherwise than before: it may have locked itself."
            )

    # ---- the page and what it sends

    def _page(self, session: OpenerDirector) -> _Heard:
        return self._ask(session, Request(self._address(self.said["form"])))

    def _inside(self, session: OpenerDirector) -> bool:
        """Whether the page behind the login is given; NotCarriedOut where it is neither given nor refused."""
        heard = self._ask(session, Request(self._address(self.said["path"])))
        if 200 <= heard.status < 300:
            same = urlsplit(heard.address).path == urlsplit(self._address(self.said["path"])).path
            return same and not heard.asks and not heard.says(self.said["refused"])
        if heard.status in (401, 403) or 300 <= heard.status < 400:
            return False
        raise NotCarriedOut("no_answer", f"The page behind the login form at port {self.port} answers {heard.status}.")

    def _send(self, session: OpenerDirector, page: _Heard, pair: tuple[str, str]) -> _Heard:
        address = self._address(self.said["form"])
        names = (self.said["user_field"], self.said["password_field"])
        if self.said["sends"] == JSON:
            body = json.dumps(dict(zip(names, pair, strict=True))).encode()
            return self._ask(session, Request(address, body, self._headers("application/json"), method="POST"))
        form = self._form(page)
        if form is None and not all(names):
            raise NotCarriedOut("no_answer", f"{self._named()} has no field for a password.")
        if form is None:
            target, method, fields = address, "post", list(zip(names, pair, strict=True))
        else:
            target, method, fields = (
                urljoin(self._origin() + page.address, form.action),
                form.method,
                self._typed(form, pair),
            )
        if _place(target) != _place(address):
            raise NotCarriedOut("no_answer", f"{self._named()} would send a password to another place.")
        sent = urlencode(fields)
        if method != "post":
            return self._ask(
                session, Request(urlsplit(target)._replace(query=sent).geturl(), headers=self._headers(""))
            )
        return self._ask(
            session, Request(target, sent.encode(), self._headers("application/x-www-form-urlencoded"), method="POST")
        )

    def _form(self, page: _Heard) -> _Form | None:
        """The form that asks for the password; None where the page has no such form."""
        wanted = self.said["password_field"]
        found = [
            form
            for form in _Read(page.page).forms
            if (any(name == wanted for _, name, _ in form.fields) if wanted else form.named("password"))
        ]
        if len(found) > 1:
            raise NotCarriedOut("plan_wrong", f"{self._named()} has several forms for a password: name the field.")
        if found and "multipart" in found[0].enctype:
            raise NotCarriedOut("no_answer", f"{self._named()} takes files, which is not tried.")
        return found[0] if found else None

    def _typed(self, form: _Form, pair: tuple[str, str]) -> Fields:
        password = self.said["password_field"] or form.named("password")[0]
        place = next(n for n, (_, name, _) in enumerate(form.fields) if name == password)
        before = [name for kind, name, _ in form.fields[:place] if kind in TYPED and name]
        user = self.said["user_field"] or (before[-1] if before else "")
        kept = [(name, value) for _, name, value in form.fields if name and name not in (user, password)]
        # a form that asks for a password alone is sent none but that
        return [*kept, *([(user, pair[0])] if user else []), (password, pair[1])]

    # ---- HTTP

    def _session(self) -> OpenerDirector:
        handlers = [ProxyHandler({}), HTTPCookieProcessor(CookieJar()), _Here()]
        return build_opener(*handlers, HTTPSHandler(context=lenient_context()) if self.tls else HTTPHandler())

    def _origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def _address(self, path: str) -> str:
        return f"{self._origin()}/{path.lstrip('/')}"

    def _headers(self, kind: str) -> dict[str, str]:
        said = {"Referer": self._address(self.said["form"]), "Origin": self._origin()}
        return said | ({"Content-Type": kind} if kind else {})

    def _ask(self, session: OpenerDirector, request: Request) -> _Heard:
        connect(self.host, self.port).close()
        try:
            try:
                answer = session.open(request, timeout=SECONDS)
            except HTTPError as told:  # an answer as any other
                answer = told
            with answer:
                page = answer.read(BODY_BYTES_MAX).decode("utf-8", "replace")
                there = urlsplit(answer.geturl())
                address = there.path + (f"?{there.query}" if there.query else "")
                return _Heard(answer.status, address, answer.headers.get("Location") or "", page)
        except (OSError, HTTPException, ValueError) as error:
            raise NotCarriedOut(
                "no_answer", f"Port {self.port} does not answer as a web server: {type(error).__name__}"
            ) from None

    def _named(self) -> str:
        return f"The login form {self.said['form'][:60]} at port {self.port}"


def _place(address: str) -> tuple[str, str | None, int]:
    """Scheme, host and port; ValueError where the port is none."""
    there = urlsplit(address)
    return there.scheme, there.hostname, there.port or (443 if there.scheme == "https" else 80)


def _nobody() -> tuple[str, str]:
    return f"u{secrets.token_hex(4)}", secrets.token_urlsafe(12)
