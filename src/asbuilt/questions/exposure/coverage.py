"""How far an answer about vulnerabilities can be trusted: how old the feeds are, how many components can be matched at all, which releases
have no SBOM, what is not matched yet. An empty feed never looks clean."""

from asbuilt.designed.vulnerability.feeds.queries import changed_vulnerabilities, feed_ages
from asbuilt.designed.vulnerability.matching.evaluating import matched_until
from asbuilt.kernel.instants import format_instant
from asbuilt.questions.exposure.reach import unlisted
from asbuilt.questions.genealogy.terms import gettext_noop as _
from asbuilt.questions.genealogy.view import View
from asbuilt.storage import reading


def coverage_notes(view: View) -> tuple[str, ...]:
    """Sentences for every page and answer, in the language of the view. Seven statements."""
    notes = list(_feeds(view))
    pending = len(changed_vulnerabilities(view.tenant, matched_until(view.tenant).changed_entry))
    if pending:
        said = view.say(_("{count} changed vulnerabilities are not matched yet."))
        notes.append(said.format(count=view.number(pending)))
    sql = (
        "SELECT count(*), sum(CASE WHEN EXISTS (SELECT 1 FROM vulnerability_match_key k WHERE k.tenant = v.tenant AND "
        "k.package_version = v.number AND k.part = '') THEN 0 ELSE 1 END) FROM components_package_version v WHERE v.tenant = %s"
    )
    total, nameless = reading.fetch_one(sql, (view.tenant,))
    if total:
        said = view.say(
            _("{matched} of {total} components have a name that feeds use; of the others nothing can be found.")
        )
        notes.append(said.format(matched=view.number(total - int(nameless or 0)), total=view.number(total)))
    silent = len(unlisted(view))
    if silent:
        said = view.say(_("{count} firmware releases have no SBOM: units that run them are unrecorded."))
        notes.append(said.format(count=view.number(silent)))
    return tuple(notes)


def _feeds(view: View):
    ages = feed_ages(view.tenant)
    if not any(one.taken_at is not None and one.records for one in ages):
        yield view.say(_("No feed was taken yet: that nothing is found says nothing."))
    for one in ages:
        if one.taken_at is None:
            yield view.say(_("Feed {feed} was never taken.")).format(feed=one.feed)
        else:
            said = view.say(_("Feed {feed}: taken {taken}, its newest change {newest}, {count} records."))
            newest = format_instant(one.newest_at)[:10] if one.newest_at is not None else "–"
            taken = format_instant(one.taken_at)[:16] + "Z"
            yield said.format(feed=one.feed, taken=taken, newest=newest, count=view.number(one.records))
