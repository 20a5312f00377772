"""Credentials: passwords that were shipped with other devices, and the product's own that its plan names, must not open the unit.

Which one opened it is said by its number, so that no record holds one. The plan's own are tried first, and over SSH few for each user: units
lock themselves after some, and a unit that hangs up proved nothing. Where SSH asks a user for no password, none is tried. At a login form
(`form`) few are tried for each user too, and by `most` few in all.
Only a unit that refuses a password in so many words has refused it; one that says something else was not looked at.
"""

from asbuilt.station.testing.functions import shell, telnet
from asbuilt.station.testing.functions.login_form import Form
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
Numbered = list[tuple[int, tuple[str, str]]]
# a usual lock falls after three to five wrong ones
PER_USER, PER_USER_MAX = 3, 10


def credentials(about: About, parameters: dict[str, str]) -> Taken:
    """How many of the passwords that must not work do."""
    over, port, taken = parameters["over"], port_of(parameters), Taken()
    known = [
        *DEFAULT_PAIRS,
        *(tuple(pair.split(":", 1)) for pair in parameters.get("pairs", "").split() if ":" in pair),
    ][:PAIRS_MAX]
    pairs = _own_first(known)[: _limit(parameters, "most", PAIRS_MAX, PAIRS_MAX)]
    if over == "telnet":
        accepted = [number for number, pair in pairs if telnet.logs_in(about.host, port, pair)]
    elif over == "ssh":
        accepted = _accepted_by_ssh(about.host, port, pairs, _per_user(parameters), taken)
    elif over in ("http", "https") and parameters.get("form"):
        form = Form.from_plan(about.host, port, over == "https", parameters)
        accepted = _accepted_by_form(form, pairs, _per_user(parameters), taken)
    elif over in ("http", "https"):
        page = Page(about.host, port, parameters.get("path") or "/", over == "https")
        accepted = _accepted_by_web(page, pairs, taken)
    else:
        raise NotCarriedOut("plan_wrong", "Credentials are tried over http, https, ssh or telnet.")
    taken.note(f"{len(known)} pairs known, {len(pairs)} to be tried, accepted: {sorted(accepted) or 'none'}")
    numbers = ", ".join(map(str, sorted(accepted)))
    said = f"The unit lets in with default password no. {numbers} at port {port}."
    if 0 in accepted:
        said = f"The unit lets in without any password at port {port}."
    taken.value("accepted", len(accepted), said)
    return taken


def _per_user(parameters: dict[str, str]) -> int:
    return _limit(parameters, "per_user", PER_USER, PER_USER_MAX)


def _limit(parameters: dict[str, str], name: str, usual: int, most: int) -> int:
    text = parameters.get(name) or str(usual)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise NotCarriedOut("plan_wrong", f"The plan's {name} is 1 to {most} passwords.")
    return int(text)


def _by_user(pairs: Numbered) -> dict[str, Numbered]:
    found: dict[str, Numbered] = {}
    for number, pair in pairs:
        found.setdefault(pair[0], []).append((number, pair))
    return found


def _accepted_by_ssh(host: str, port: int, pairs: Numbered, per_user: int, taken: Taken) -> list[int]:
    connect(host, port).close()
    found = []
    for user, mine in _by_user(pairs).items():
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


def _accepted_by_form(form: Form, pairs: Numbered, per_user: int, taken: Taken) -> list[int]:
    if form.open_to_all():
        return [0]
    chosen = [one for mine in _by_user(pairs).values() for one in mine[:per_user]]
    taken.note(f"a password that was made up is refused; tried {[number for number, _ in chosen]}")
    found = [number for number, pair in chosen if form.opens(pair)]
    form.refuses_still()
    return found


def _accepted_by_web(page: Page, pairs: Numbered, taken: Taken) -> list[int]:
    bare = page.bare()
    taken.note(f"without a password: {bare.status}, asks: {'; '.join(bare.challenges)[:200] or 'nothing'}")
    if bare.status != 401:
        return [0]
    return [number for number, pair in pairs if page.opens(pair, bare)]


def _own_first(pairs: list[tuple[str, str]]) -> Numbered:
    """Numbered; the plan's own stand behind the known ones and come first: a unit that locks itself has heard them by then."""
    return sorted(enumerate(pairs, 1), key=lambda one: (one[0] <= len(DEFAULT_PAIRS), one[0]))
