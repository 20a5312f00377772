"""Web login: whether a page that asks for a user and a password (HTTP authentication, Basic or Digest) gives itself to somebody.

401 is the only refusal: a page that forbids (403), is not found or leads elsewhere has not looked at a password. A page that asks by a
form of its own (`login_form`), or by a way that is not known here, is not tried so: every password would look refused.
Source: RFC 9110 section 11, RFC 7617 (Basic), RFC 7616 (Digest).
"""

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from urllib.request import parse_http_list, parse_keqv_list

from asbuilt.station.testing.functions.reaching import Answer, ask_web
from asbuilt.station.testing.functions.taken import NotCarriedOut

DIGESTS = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256, "SHA-512-256": lambda said: hashlib.new("sha512_256", said)}
NEVER_ASKED = (
    "It has to be a page that asks for a user and a password over HTTP; a login form is tried where the plan names it."
)


@dataclass(frozen=True)
class Page:
    """A page of the unit that asks who is there. `right` where a password that has to open it is tried: it shows by itself that Basic is
    taken, also by a page that does not say so."""

    host: str
    port: int
    path: str
    tls: bool
    right: bool = False

    def bare(self) -> Answer:
        """What it answers somebody without a password; NotCarriedOut where it neither lets in nor asks for one that can be tried."""
        answer = ask_web(self.host, self.port, self.path, tls=self.tls)
        if 200 <= answer.status < 300:
            return answer
        if answer.status != 401:
            raise NotCarriedOut("no_answer", f"{self._named()} answers {answer.status}. {NEVER_ASKED}")
        self._challenge(answer)
        return answer

    def opens(self, pair: tuple[str, str], asked: Answer) -> bool:
        """Whether it lets this user and password in; `asked` is what it said without."""
        word = self._challenge(asked).answer(self.path, pair)
        answer = ask_web(self.host, self.port, self.path, tls=self.tls, authorization=word)
        if answer.status == 401 or answer.status < 400:
            return answer.status != 401
        raise NotCarriedOut("no_answer", f"{self._named()} answers {answer.status} to a password, not yes or no.")

    def _challenge(self, answer: Answer) -> "Challenge":
        if self.right and not answer.challenges:
            return Challenge("basic", {})
        return _challenge(answer, self._named())

    def _named(self) -> str:
        return f"{self.path[:60]} at port {self.port}"


@dataclass(frozen=True)
class Challenge:
    """How a page asks: Basic, or Digest with what it said of itself."""

    scheme: str
    said: dict[str, str]

    def answer(self, path: str, pair: tuple[str, str]) -> str:
        """The header's value for a user and a password."""
        if self.scheme == "basic":
            return "Basic " + base64.b64encode(":".join(pair).encode()).decode()
        name = self.said.get("algorithm", "MD5")
        made, said, client = DIGESTS[name.upper().removesuffix("-SESS")], self.said, os.urandom(8).hex()

        def digest(*parts: str) -> str:
            return made(":".join(parts).encode()).hexdigest()

        first, second = digest(pair[0], said["realm"], pair[1]), digest("GET", path)
        if name.upper().endswith("-SESS"):
            first = digest(first, said["nonce"], client)
        shown = {"username": pair[0], "realm": said["realm"], "nonce": said["nonce"], "uri": path}
        if "qop" in said:
            response = digest(first, said["nonce"], "00000001", client, "auth", second)
        else:
            response = digest(first, said["nonce"], second)
        words = [f'{key}="{_quoted(value)}"' for key, value in (shown | {"response": response}).items()]
        words += [f"algorithm={name}"] if "algorithm" in said else []
        words += ["qop=auth", "nc=00000001", f'cnonce="{client}"'] if "qop" in said else []
        words += [f'opaque="{_quoted(said["opaque"])}"'] if "opaque" in said else []
        return "Digest " + ", ".join(words)


def _challenge(answer: Answer, named: str) -> Challenge:
    for text in answer.challenges:
        # several may stand in one header; each begins with a word that no equals sign follows
        for part in re.split(r",\s*(?=[A-Za-z][A-Za-z0-9-]*\s+[A-Za-z])", text):
            scheme, _, rest = part.strip().partition(" ")
            if scheme.lower() == "basic":
                return Challenge("basic", {})
            if scheme.lower() == "digest":
                said = parse_keqv_list([one for one in parse_http_list(rest) if "=" in one])
                algorithm = said.get("algorithm", "MD5").upper().removesuffix("-SESS")
                ways = re.split(r"[ ,]+", said.get("qop", "auth"))
                if algorithm in DIGESTS and "auth" in ways and {"realm", "nonce"} <= set(said):
                    return Challenge("digest", said)
    raise NotCarriedOut("no_answer", f"{named} refuses, but asks for no password. {NEVER_ASKED}")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
