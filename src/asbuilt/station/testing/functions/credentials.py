"""Credentials: passwords that were shipped with other devices, and the product's own that its plan names, must not open the unit.

Which one opened it is said by its number, so that no record holds one. Over SSH few are tried for each user, the plan's own first: units
lock themselves after some, and a unit that hangs up proved nothing. Where SSH asks a user for no password, none is tried.
"""

from asbuilt.station.testing.functions import consoles, shell
from asbuilt.station.testing.functions.reaching import ask_web, connect, port_of
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

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
        accepted = [number for number, pair in enumerate(pairs, 1) if consoles.logs_in(about.host, port, pair)]
    elif over == "ssh":
        accepted = _accepted_by_ssh(about.host, port, pairs, _per_user(parameters), taken)
    elif over in ("http", "https"):
        accepted = _accepted_by_web(about.host, port, parameters.get("path", "/"), over == "https", pairs, taken)
    else:
        raise NotCarriedOut("plan_wrong", "Credentials are tried over http, https, ssh or telnet.")
    taken.note(f"{len(pairs)} pairs known, accepted: {accepted or 'none'}")
    numbers = ", ".join(map(str, accepted))
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
    for number, pair in enumerate(pairs, 1):
        numbered.setdefault(pair[0], []).append((number, pair))
    found = []
    for user, mine in numbered.items():
        methods = shell.methods(host, port, user, taken)
        way = shell.way_of_passwords(methods)
        if methods == [shell.NOTHING]:
            return [0]
        # the plan's own stand behind the known ones, and are tried before them
        chosen = sorted(mine, key=lambda one: (one[0] <= len(DEFAULT_PAIRS), one[0]))[:per_user] if way else []
        taken.note(
            f"user of pair {mine[0][0]}: {', '.join(methods)}; tried {[one[0] for one in chosen] or 'none'} of {len(mine)}"
        )
        for number, pair in chosen:
            if shell.lets_in(host, port, pair, way):
                found.append(number)
                # more tries would only lock the user
                break
    return sorted(found)


def _accepted_by_web(host: str, port: int, path: str, tls: bool, pairs, taken: Taken) -> list[int]:
    bare = ask_web(host, port, path, tls=tls)
    taken.note(f"without a password: {bare.status}")
    if bare.status < 400:
        return [0]
    if bare.status not in (401, 403):
        raise NotCarriedOut(
            "no_answer", f"{path[:60]} at port {port} answers {bare.status}, so no password can be tried."
        )
    found = []
    for number, pair in enumerate(pairs, 1):
        answer = ask_web(host, port, path, tls=tls, pair=pair)
        if answer.status == 429 or answer.status >= 500:
            raise NotCarriedOut("no_answer", f"The unit answers {answer.status} after {number} passwords.")
        if answer.status < 400:
            found.append(number)
    return found
