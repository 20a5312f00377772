"""Passwords: the one that the unit itself has opens it, another one does not, and no other unit has it.

The unit tells its password at its console (`from` console: `ask`, `until`, `pattern`), or whoever made it left it in the socket's folder
(`from` file: `name`, `pattern`). The pattern's group `password`, else its first one, is the password.

The password goes to the agent as the claim's secret, who makes a keyed commitment of it at once (`kernel.commitments`). No log, no
sentence, no word of a command and no file's hash holds it: a hash of a short password without a key is soon guessed.
"""

import re
import secrets

from asbuilt.station.testing.functions import consoles, shell, telnet
from asbuilt.station.testing.functions.incoming import newest
from asbuilt.station.testing.functions.login_form import Form
from asbuilt.station.testing.functions.reaching import port_of
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken
from asbuilt.station.testing.functions.web_login import Page

FILE_BYTES_MAX = 64 * 1024
CHARACTERS_MAX = 200
USER = "admin"


def own_password(about: About, parameters: dict[str, str]) -> Taken:
    """`works`: it opens the unit; `needed`: one that was made up does not; `characters`: how long it is; `unique`: the ledger's verdict."""
    over, port, taken = parameters["over"], port_of(parameters), Taken()
    password = _password(about, parameters)
    pair = (parameters.get("user") or USER, password)
    other = (pair[0], secrets.token_urlsafe(12))
    if over == "telnet":
        opens, bare = (telnet.logs_in(about.host, port, one) for one in (pair, other))
    elif over == "ssh":
        ways = shell.ways_of_passwords(shell.methods(about.host, port, pair[0], taken))
        opens, bare = (any(shell.lets_in(about.host, port, one, way) for way in ways) for one in (pair, other))
    elif over in ("http", "https") and parameters.get("form"):
        form = Form.from_plan(about.host, port, over == "https", parameters)
        bare, opens = form.open_to_all(), form.opens(pair)
    elif over in ("http", "https"):
        page = Page(about.host, port, parameters.get("path") or "/", over == "https", right=True)
        opens, bare = (_opens(page, one) for one in (pair, other))
    else:
        raise NotCarriedOut("plan_wrong", "A password is tried over http, https, ssh or telnet.")
    taken.note(
        f"the unit's own password: {'opens' if opens else 'does not open'}; another one: {'opens' if bare else 'does not open'}"
    )
    taken.verdict("works", opens, f"The password that the unit was given does not open it at port {port}.")
    taken.verdict("needed", not bare, f"The unit lets in with any password at port {port}.")
    taken.value("characters", len(password), f"The unit's password has {len(password)} characters.")
    taken.secret("unique", "password", password)
    return taken


def _opens(page: Page, pair: tuple[str, str]) -> bool:
    asked = page.bare()
    return asked.status != 401 or page.opens(pair, asked)


def _password(about: About, parameters: dict[str, str]) -> str:
    told = {
        "port": parameters.get("console", ""),
        **{key: parameters.get(key, "") for key in ("ask", "until", "milliseconds")},
    }
    if parameters["from"] == "console":
        text = "\n".join(consoles.asked(about, told))
    elif parameters["from"] == "file" and parameters.get("name"):
        text = newest(about, parameters["name"], FILE_BYTES_MAX)[1].decode("utf-8", "replace")
    else:
        raise NotCarriedOut("plan_wrong", "The unit's password comes from its console, or from a file with a name.")
    try:
        pattern = re.compile(parameters["pattern"], re.MULTILINE)
    except re.error:
        raise NotCarriedOut("plan_wrong", "The plan's pattern is none.") from None
    found = pattern.search(text)
    groups = (found.groupdict().get("password") or next(iter(found.groups()), "") or "") if found else ""
    # whitespace at an end would be a carriage return of the console
    password = groups.strip()
    if not 1 <= len(password) <= CHARACTERS_MAX:
        raise NotCarriedOut("no_password", "Neither the unit nor a file told the unit's password.")
    return password
