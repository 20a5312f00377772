"""Mail to who sent a tip and left an address: what a person answered, and that an advisory is out. Nobody is written to by the form alone.

    mail_reporter(tenant, line, words)       inside the transaction of the answer; True where the tip has an address
    news(entry, case, identity, title)       lines that tell the reporters of a case's tips of an advisory, once each

The address stands in the tip alone, encrypted as all that came with it: what waits in the outbox names the tip, and the address is read when the mail
goes. A tip that was erased meanwhile gets none. Who left no address finds the same words under the code.
"""

from email.utils import parseaddr

from django.utils import translation
from django.utils.translation import gettext as _

from asbuilt.answers.cases.handling import statements as handled
from asbuilt.answers.cases.handling.statements import Line, New, lines_of
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.hosts import ADVISORY_PAGE, STATUS_PAGE, address_of
from asbuilt.answers.cases.publishing.publisher import is_mail, publisher_of
from asbuilt.answers.cases.publishing.tips import sent_of
from asbuilt.ledger.recording import Entry
from asbuilt.storage import mail, outbox, reading

CHANNEL = "tip"
MAILED, ADVISORY = "mailed", "advisory"


def mail_reporter(tenant: int, first: Line, words: str) -> bool:
    """Leave these words in the outbox for who sent the tip; False where there is no address, or it was erased."""
    if not _address(tenant, first):
        return False
    publisher, home = publisher_of(tenant), address_of(tenant)
    with translation.override("en"):
        subject = _("%(house)s: your report %(tip)s") % {
            "house": publisher.name if publisher else "",
            "tip": first.about,
        }
        said = {"tip": first.about, "address": f"{home}{STATUS_PAGE}" if home else ""}
        end = _("Reference: %(tip)s. How it stands, with your code: %(address)s") % said
    outbox.leave(tenant, CHANNEL, f"{tenant}/{first.about}", mail.letter(subject.strip(": "), f"{words}\n\n{end}\n"))
    return True


def news(entry: Entry, case: str, identity: str, title: str) -> list[New]:
    """A line for each tip of the case that has not heard of this advisory, and its mail where the tip has an address. Two statements and a tip each."""
    if not case:
        return []
    home = address_of(entry.tenant)
    with translation.override("en"):
        said = {"identity": identity, "title": title, "address": f"{home}{ADVISORY_PAGE.format(identity=identity)}" if home else ""}  # fmt: skip
        words = (_("%(identity)s is published: %(title)s. %(address)s") % said).strip()
    found = []
    for lines in _tips_of(entry.tenant, case):
        if not any(line.said.get(ADVISORY) == identity for line in lines):
            mailed = mail_reporter(entry.tenant, lines[0], words)
            found.append(New(lines[0].about, kinds.ANSWERED, words, said={ADVISORY: identity, **said_of(mailed)}))
    return found


def said_of(mailed: bool) -> dict[str, str]:
    """What the line of an answer says of its mail."""
    return {MAILED: "yes"} if mailed else {}


def _tips_of(tenant: int, case: str) -> list[list[Line]]:
    """The lines of each tip whose signal was taken into the case."""
    sql = (
        "SELECT DISTINCT t.about FROM cases_statement t JOIN cases_statement k ON k.tenant = t.tenant AND k.about = t.name AND k.kind = %s "
        "AND k.name = %s WHERE t.tenant = %s AND t.kind = %s ORDER BY t.about"
    )
    codes = [code for (code,) in reading.fetch(sql, (handled.TAKEN, case, tenant, kinds.TIP))]
    return list(lines_of(tenant, codes).values())


def _address(tenant: int, first: Line) -> str:
    sent = sent_of(tenant, first)
    address = parseaddr(sent["contact"])[1] if sent else ""
    return address if is_mail(address) else ""


def send(target: str, content: bytes) -> None:
    """Hand a mail to the server; OSError where it is not reached or does not take it. Nothing where the tip has no address any more."""
    tenant, _slash, tip = target.partition("/")
    lines = kinds.lines_about(int(tenant), tip, kinds.TIP)
    address = _address(int(tenant), lines[0]) if lines else ""
    if address:
        mail.send_to(address, content)
