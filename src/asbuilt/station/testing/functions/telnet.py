"""Telnet: whether a login takes a user and a password. Only a unit that refuses says that a password is wrong.

Refused is who is asked for a login or a password again, or reads a line that says nothing but a refusal. Let in is who stands before a
prompt, whatever was said before it: a unit tells whom it lets in how many logins failed. All else, also silence, was not looked at.
Options of the protocol are answered only to a daemon that asks for no login before, with a refusal, but echo: a simple one would take the
answer for a name.
"""

import re
import socket
import time
from contextlib import suppress

from asbuilt.station.testing.functions.reaching import connect
from asbuilt.station.testing.functions.taken import NotCarriedOut

# units take three seconds and more over a wrong password
SECONDS, QUIET_SECONDS, REFUSED_SECONDS = 10.0, 0.2, 1.5
BYTES_MAX = 8_192
IAC, DONT, DO, WONT, WILL = b"\xff", 254, 253, 252, 251
SUPPRESS_GO_AHEAD, ECHO = 3, 1
OPTION = re.compile(rb"\xff([\xfb-\xfe])(.)|\xff\xfa.*?\xff\xf0|\xff[\xf0-\xf9]", re.DOTALL)
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LOGIN = re.compile(r"(?<!last )(?<!failed )(?<!successful )(login|user ?name|user|account) ?: ?\Z", re.IGNORECASE)
PASSWORD = re.compile(r"pass(word|code|phrase)( for [^ ]+)? ?: ?\Z", re.IGNORECASE)
SHELL = re.compile(r"[$#>%\]] ?\Z")
# whoever has to change a password gave the right one
CHANGE = re.compile(
    r"(must|have to|required to) change|(new|old|current\)?|retype|changing)[^\n]{0,40}password[^\n]{0,40}: ?\Z",
    re.IGNORECASE,
)
# what units say, who beg where our own texts do not
REFUSAL = re.compile(
    r"\W*(sor{2}y|(login|access|permission|authentication|authorization|user ?name or password|password|user|credentials)? ?(is |was )?"
    r"(incorrect|failed|failure|denied|refused|rejected|wrong|invalid)( (login|password|user ?name|user|credentials?|user ?name or password))?)\W*",
    re.IGNORECASE,
)


def logs_in(host: str, port: int, pair: tuple[str, str]) -> bool:
    """Whether the unit lets in; NotCarriedOut where it does not say."""
    with connect(host, port) as link:
        said = _hear(link, answered_word=False)
        if LOGIN.search(said):
            _say(link, pair[0])
            said = _hear(link)
        elif not PASSWORD.search(said) and not SHELL.search(said):
            raise NotCarriedOut("no_answer", f"Port {port} does not ask for a login.")
        if PASSWORD.search(said):
            _say(link, pair[1])
            said = _hear(link)
            if CHANGE.search(said):
                return True
    if LOGIN.search(said) or PASSWORD.search(said):
        return False
    if SHELL.search(said):
        return True
    if _refused(said):
        return False
    raise NotCarriedOut("no_answer", f"Port {port} says neither that a password is wrong nor that it is right.")


def _refused(said: str) -> bool:
    """Whether its last line is a refusal and nothing else: `5 failed logins since …` greets somebody who was let in."""
    lines = [line for line in said.splitlines() if line.strip()]
    return bool(lines) and REFUSAL.fullmatch(lines[-1].strip()) is not None


def _say(link: socket.socket, word: str) -> None:
    try:
        link.sendall(word.encode().replace(IAC, IAC + IAC) + b"\r\n")
    except OSError:
        raise NotCarriedOut("no_answer", "The unit hangs up while it is spoken to.") from None


def _hear(link: socket.socket, *, answered_word: bool = True) -> str:
    """What is said up to a question for a login or password; up to a prompt, or a refusal of the word that was given, after which nothing
    comes any more; up to a hang-up, or until the time is over."""
    until, raw, answered = time.monotonic() + SECONDS, b"", False
    while (left := until - time.monotonic()) > 0 and len(raw) < BYTES_MAX:
        said = _text(raw)
        if LOGIN.search(said) or PASSWORD.search(said):
            return said
        # a frame round a greeting ends as a prompt does; after a refusal most ask again
        ended = SHELL.search(said) or (answered_word and _refused(said))
        waits = OPTION.search(raw) is not None and not answered
        quiet = QUIET_SECONDS if SHELL.search(said) else REFUSED_SECONDS
        link.settimeout(min(left, quiet) if ended or waits else left)
        try:
            more = link.recv(1_024)
        except TimeoutError:
            if ended:
                return said
            if waits:
                answered = True
                _answer_options(link, raw)
            continue
        except OSError:
            break
        if not more:
            break
        raw += more
    said = _text(raw)
    # whoever talks without end stands before no prompt
    return "" if len(raw) >= BYTES_MAX and not (answered_word and _refused(said)) else said


def _text(raw: bytes) -> str:
    """What people would see of it, line ends kept."""
    return re.sub(r"[^\x20-\x7e\n]", "", COLOURS.sub("", OPTION.sub(b"", raw).decode("latin-1")))


def _answer_options(link: socket.socket, raw: bytes) -> None:
    for verb, option in OPTION.findall(raw):
        if verb and verb[0] in (DO, WILL):
            kept = verb[0] == WILL and option[0] in (ECHO, SUPPRESS_GO_AHEAD)
            answer = DO if kept else DONT if verb[0] == WILL else WONT
            with suppress(OSError):
                link.sendall(IAC + bytes([answer]) + option)
