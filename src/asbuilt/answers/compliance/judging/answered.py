"""What a judgement rests on, in sentences of the reader's language: core functions, connection, market, each exclusion with what shows it, standards.

answered(line.said)   -> ["Digital elements: yes. …", "Core functions: Firewalls, … (III.II.2).", …]

The words are those of the rule set that it was judged under; where its file is not here, its keys stand alone.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from asbuilt.answers.compliance.judging.rule_sets import RuleSet, rule_sets
from asbuilt.answers.compliance.judging.wording import local
from asbuilt.answers.compliance.spoken import spoken


def answered(said: Mapping) -> list[str]:
    """The sentences of one judgement, as it was recorded."""
    rules, answers = next((one for one in rule_sets() if one.rule_set == said["rule_set"]), None), said["answers"]
    found = [
        _("Digital elements: %(digital)s. Connection: %(connection)s. EU market: %(market)s.")
        % {name: spoken(answers[key]) or _("not said") for name, key in (("digital", "digital_elements"), ("connection", "connection"), ("market", "market"))}
    ]  # fmt: skip
    if answers["functions"]:
        names = [_named(rules, "functions", key, "legal") for key in answers["functions"]]
        found.append(_("Core functions: %(names)s.") % {"names": "; ".join(names)})
    if answers["foss"]:
        found.append(_("Open source whose technical documentation is public when it is placed on the market."))
    for key, evidence in answers["edges"].items():
        shown = "; ".join(f"{_field(rules, key, field)}: {value}" for field, value in evidence.items())
        found.append(f"{_named(rules, 'edges', key, 'source')}: {shown}.")
    for one in answers["standards"]:
        found.append(
            f"{one['reference']}, {spoken(one['extent'])}{': ' if one['requirements'] else ''}{' '.join(one['requirements'])}."
        )
    return found


def _named(rules: RuleSet | None, part: str, key: str, place: str) -> str:
    """The name of a key and where it stands; no listed function is the key `default`."""
    one = rules.by_key(part).get(key) if rules is not None else None
    if one is not None:
        return f"{local(one['name'])} ({one[place]})"
    return _("none of the listed ones") if key == "default" else key


def _field(rules: RuleSet | None, key: str, field: str) -> str:
    """The name of a field of evidence."""
    edge = rules.by_key("edges").get(key) if rules is not None else None
    known = {one["field"]: local(one["name"]) for one in edge["evidence"]} if edge else {}
    return known.get(field, field)
