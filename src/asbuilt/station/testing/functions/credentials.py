"""Credentials: passwords that were shipped with other devices, and the product's own that its plan names, must not open the unit.

Which one opened it is said by its number, so that no record holds one. The plan's own are tried first, and over SSH few for each user: units
lock themselves after some, and a unit that hangs up proved nothing. Where SSH asks a user for no password, none is tried.
Only a unit that refuses a password in so many words has refused it; one that says something else was not looked at.
"""

from asbuilt.station.testing.functions import shell, telnet
from asbuilt.station.testing.functions.reaching import connect, port_of
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken
from asbuilt.station.testing.functions.web_login import Page

# what lists of passwords that were shipped begin with; a plan adds its product's own
DEFAULT_PAIRS = (
    ("admin", "admin"), ("admin", "password"), ("admin", "1234"), ("admin", "12345"), ("admin", ""), ("root", "root"),
    ("root", "toor"), ("root", ""), ("root", "admin"), ("user", "user"), ("guest", "guest"), ("support", "support"),
    ("ubnt", "ubnt"), ("pi", "raspberry"), ("test", "test"), ("service", "service"),
)  # fmt: skip
PAIRS_MAX = 60
# a usual lock falls after three to five wrong ones
PER_USER, PER_USER_MAX = 3, 10


def credentials(about: About, parameters: dict[str, str]) -> Taken:
    """How many of the passwords that must not work do."""
    over, port, taken = parameters["over"], port_of(parameters), Taken()
    pairs = [
        *DEFAULT_PAIRS,
        *(tuple(pair.split(":", 1)) for pair in parameters.get("pairs", "").split() if ":" in pair),
    ][:PAIRS_MAX]
    if over == "telnet":
        accepted = [number for number, pair in _own_first(pairs) if telnet.logs_in(about.host, port, pair)]
    elif over == "ssh":
        accepted = _accepted_by_ssh(about.host, port, pairs, _per_user(parameters), taken)
    elif over in ("http", "https"):
        page = Page(about.host, port, parameters.get("path") or "/", over == "https")
        accepted = _accepted_by_web(page, pairs, taken)
    else:
        raise NotCarriedOut("plan_wrong", "Credentials are tried over http, https, ssh or telnet.")
    taken.note(f"{len(pairs)} pairs known, accepted: {sorted(accepted) or 'none'}")
    numbers = ", ".join(map(str, sorted(accepted)))
    said = f"The unit lets in with default password no. {numbers} at port {port}."
    if 0 in accepted:
        said = f"The unit lets in without any password at port {port}."
    taken.value("accepted", len(accepted), said)
    return taken


def _per_user(parameters: dict[str, str]) -> int:
    text = parameters.get("per_user") or str(PER_USER)
    if not text.isdecimal() or not 1 <= int(text) <= PER_USER_MAX:
        raise NotCarriedOut("plan_wrong", f"The plan tries 1 to {PER_USER_MAX} passwords for each user.")
    return int(text)


def _accepted_by_ssh(host: str, port: int, pairs, per_user: int, taken: Taken) -> list[int]:
    connect(host, port).close()
    numbered: dict[str, list[tuple[int, tuple[str, str]]]] = {}
    for number, pair in _own_first(pairs):
        numbered.setdefault(pair[0], []).append((number, pair))
    found = []
    for user, mine in numbered.items():
        methods = shell.methods(host, port, user, taken)
        ways = shell.ways_of_passwords(methods)
        if methods == [shell.NOTHING]:
            return [0]
        chosen = mine[:per_user] if ways else []
        taken.note(
            f"user of pair {mine[0][0]}: {', '.join(methods)}; tried {[one[0] for one in chosen] or 'none'} of {len(mine)}"
        )
        # a unit may take by one way what it refuses by the other; more tries after a right one would only lock the user
        found += next(([one[0]] for way in ways for one in chosen if shell.lets_in(host, port, one[1], way)), [])
    return sorted(found)


def _accepted_by_web(page: Page, pairs, taken: Taken) -> list[int]:
    bare = page.bare()
    taken.note(f"without a password: {bare.status}, asks: {'; '.join(bare.challenges)[:200] or 'nothing'}")
    if bare.status != 401:
        return [0]
    return [number for number, pair in _own_first(pairs) if page.opens(pair, bare)]


def _own_first(pairs) -> list[tuple[int, tuple[str, str]]]:
    """Numbered; the plan's own stand behind the known ones and come first: a unit that locks itself has heard them by then."""
    return sorted(enumerate(pairs, 1), key=lambda one: (one[0] <= len(DEFAULT_PAIRS), one[0]))
