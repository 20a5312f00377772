"""How far an answer about vulnerabilities can be trusted: how old the feeds are, how many components can be matched at all, which releases
have no SBOM, what is not matched yet. An empty feed never looks clean."""

from collections.abc import Iterator

from pyroaring import BitMap

from asbuilt.built.programming.modules import module_rows
from asbuilt.designed.vulnerability.feeds.queries import changed_vulnerabilities, feed_ages
from asbuilt.designed.vulnerability.matching.behind import IDENTITIES, LATER_HASHES, PARTS, behind
from asbuilt.designed.vulnerability.matching.criteria import kinds_spoken_of
from asbuilt.designed.vulnerability.matching.evaluating import matched_until
from asbuilt.designed.vulnerability.matching.links import NO_COMPONENT, NO_SBOM, OTHER_VERSION, unresolved
from asbuilt.designed.vulnerability.matching.queries import spoken_of, spoken_params
from asbuilt.formats.advisory.names import part_key
from asbuilt.formats.advisory.records import MARKING
from asbuilt.kernel.instants import day_in, minute_in
from asbuilt.questions.exposure.coverage_on_units import coverage_on
from asbuilt.questions.exposure.reach import unlisted
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

_MATCHED = _("{matched} of {total} components have a name that feeds use; of the others nothing can be found.")
_SILENT = _("{count} firmware releases have no SBOM: units that run them are unrecorded.")
MODULES_SHOWN_MAX = 20
BEHIND = {
    IDENTITIES: _("Names of components that were confirmed or taken back are not matched yet."),
    LATER_HASHES: _("Hashes and references that came with a later SBOM are not matched yet."),
    PARTS: _("Parts of the catalog or of deliveries are not matched yet."),
}


LINKS = {
    NO_SBOM: _("no SBOM here has this serial number"),
    OTHER_VERSION: _("of the SBOM with this serial number another version is here"),
    NO_COMPONENT: _("the SBOM has no component with this reference"),
}


def links_not_resolved(view: View, vulnerability: str) -> Iterator[str]:
    """That records of a vulnerability speak of components of SBOMs which are not here; to the house alone. Two statements where none does."""
    if view.visible is not None:
        return
    sql = "SELECT number FROM vulnerability_vulnerability WHERE tenant = %s AND name = %s"
    numbers = [number for (number,) in reading.fetch(sql, (view.tenant, vulnerability))]
    for one in unresolved(view.tenant, numbers)[:MODULES_SHOWN_MAX]:
        said = view.say(_("{record} points at {link}: not resolved: {reason}."))
        yield said.format(record=one.record, link=one.link, reason=view.say(LINKS[one.reason]))


def coverage_notes(view: View) -> tuple[str, ...]:
    """Sentences for every page and answer, in the language of the view. Eight statements. A party's person is told of what runs on the units
    that he sees: how much software others have is no business of his."""
    if view.visible is not None:
        return tuple(_of_own_units(view))
    notes = list(_feeds(view))
    if (
        view.entry is not None
    ):  # how far names and matching had come then is not kept: today's figures would be no answer
        silent = unlisted(view)
        return (*notes, *([view.say(_SILENT).format(count=view.number(len(silent)))] if silent else []))
    pending = len(changed_vulnerabilities(view.tenant, matched_until(view.tenant).changed_entry))
    if pending:
        said = view.say(_("{count} changed vulnerabilities are not matched yet."))
        notes.append(said.format(count=view.number(pending)))
    sql = (
        f"SELECT count(*), sum(CASE WHEN {spoken_of('v', 'v.number')} THEN 0 ELSE 1 END) "
        "FROM components_package_version v WHERE v.tenant = %s AND EXISTS (SELECT 1 FROM components_sbom_component c "
        # place 0 is what the SBOM is of: our own, which no feed need name
        "WHERE c.tenant = v.tenant AND c.package_version = v.number AND c.place > 0)"
    )
    for what in sorted(behind(view.tenant, parts=True) & BEHIND.keys()):
        notes.append(view.say(BEHIND[what]))
    total, nameless = reading.fetch_one(sql, (*spoken_params(kinds_spoken_of(view.tenant)), view.tenant))
    if total:
        said = view.say(_MATCHED)
        notes.append(said.format(matched=view.number(total - int(nameless or 0)), total=view.number(total)))
    silent = unlisted(view)
    if silent:
        said = view.say(_SILENT)
        notes.append(said.format(count=view.number(len(silent))))
    if modules := _silent_modules(view, silent):
        said = view.say(_("Module parts that came with firmware without an SBOM: {parts}."))
        notes.append(said.format(parts=", ".join(modules[:MODULES_SHOWN_MAX])))
    return tuple(notes)


def _silent_modules(view: View, releases: list[int]) -> list[str]:
    """Parts that come with one of these releases by a row of their maker's firmware, or as packages programmed before. Up to two statements."""
    found, listed = set(), reading.list_param(sorted(releases))
    if releases and view.recorded.module_firmware:
        wanted = set(releases)
        sql = f"SELECT p.code, t.maker, t.mpn FROM catalog_manufacturer_part t JOIN catalog_part p ON p.tenant = t.tenant AND p.number = t.part WHERE t.tenant = %s{view.seen('t')}"  # fmt: skip
        keys = {part_key(row.maker, row.mpn) for row in module_rows(view.tenant, view.entry) if row.release in wanted}
        found |= {code for code, maker, mpn in reading.fetch(sql, (view.tenant,)) if part_key(maker, mpn) in keys}
    if releases and view.recorded.package_programmed:
        sql = (
            "SELECT DISTINCT c.code FROM programming_package t JOIN supply_package p ON p.tenant = t.tenant AND p.number = t.package "
            f"JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part WHERE t.tenant = %s AND {reading.any_of('t.release')}"
        )
        found |= {code for (code,) in reading.fetch(sql + view.seen("t"), (view.tenant, listed))}
    return sorted(found)


def _of_own_units(view: View):
    """The same for a party's person. Three statements, and those of packages that came programmed."""
    about = coverage_on(view, BitMap(view.visible), runs_over(view, view.visible) if view.visible else ())
    taken = [one.taken_at for one in about.feeds if one.taken_at is not None]
    if not about.fed:
        yield view.say(_("No feed was taken yet: that nothing is found says nothing."))
    elif taken:
        yield view.say(_("Of the feeds the oldest was taken {taken}.")).format(taken=minute_in(min(taken), view.zone))
    if about.fed and (never := len(about.feeds) - len(taken)):
        yield view.say(_("{count} feeds were never taken.")).format(count=view.number(never))
    if about.behind:
        yield view.say(_("Some of what feeds say is not matched yet."))
    total, nameless = sum(one.components for one in about.places), sum(one.nameless for one in about.places)
    if total:
        yield view.say(_MATCHED).format(matched=view.number(total - nameless), total=view.number(total))
    silent = sum(not one.listed for one in about.places)
    if silent:
        yield view.say(_SILENT).format(count=view.number(silent))


def _feeds(view: View):
    ages = feed_ages(view.tenant, view.entry)
    if not any(one.taken_at is not None and one.records and one.kind not in MARKING for one in ages):
        yield view.say(_("No feed was taken yet: that nothing is found says nothing."))
    for one in ages:
        if one.taken_at is None:
            yield view.say(_("Feed {feed} was never taken.")).format(feed=one.feed)
        else:
            said = view.say(_("Feed {feed}: taken {taken}, its newest change {newest}, {count} records."))
            newest = day_in(one.newest_at, view.zone) if one.newest_at is not None else "–"
            taken = minute_in(one.taken_at, view.zone)
            yield said.format(feed=one.feed, taken=taken, newest=newest, count=view.number(one.records))
        if one.part_at is not None:
            said = view.say(_("Of feed {feed} a part alone was taken since, the last {taken}."))
            yield said.format(feed=one.feed, taken=minute_in(one.part_at, view.zone))
