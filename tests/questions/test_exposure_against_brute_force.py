"""`cve:` and `component:` on random small factories, alone and with other terms, are what the brute force gives."""

import json
import os
from random import Random

from brute_force import NO, to_text
from exposure_brute_force import Exposed
from factories import factories, questions, write_folder
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from test_against_brute_force import grades_of
from vulnerable_factory import Security, component, osv

from asbuilt.access.actor import local_system
from asbuilt.access.queries import tenant_of_slug
from asbuilt.built.exchange.actions import import_folder
from asbuilt.questions.genealogy.answering.answers import ask

NAMES = ("mbedtls", "lwip", "busybox")
VERSIONS = ("1.9", "1.10", "2.0.1", "custom")
FLAWS = tuple({"name": f"CVE-2024-{100 + n}", "component": name, "before": before} for n, (name, before) in enumerate((("mbedtls", "2.0.0"), ("lwip", "1.10"), ("busybox", "9"))))  # fmt: skip


SBOMS = ("sboms", "part_sboms", "revision_sboms")
PART_FLAWS = 4
LOTS = ([], ["L1"], ["L2", "C 1"], ['Q"7,a'])
WEEKS = ([], [], [["2325", "2327"]], [["2330", "2330"]], [["", "2327"], ["2401", ""]])


def part_flaws(tables, chosen: Random) -> list[dict]:
    """Flaws of parts that somebody made, approved for a part of ours or delivered, mostly on a board; some narrowed to lots, weeks, or both."""
    made = sorted({(row["manufacturer"], row["mpn"]) for name in ("parts", "lots") for row in tables[name]})
    on_boards = {row["package"] for row in tables["materials"]}
    mounted = [(row["manufacturer"], row["mpn"]) for row in tables["lots"] if row["package"] in on_boards]
    found = []
    for n in range(PART_FLAWS):
        maker, mpn = chosen.choice(mounted if mounted and chosen.random() < 0.8 else made)
        found.append({"name": f"CVE-2025-{200 + n}", "maker": maker, "mpn": mpn, "lots": chosen.choice(LOTS), "weeks": chosen.choice(WEEKS)})  # fmt: skip
    return found


def names_of_part(tables, flaw) -> list[str]:
    """What a decision may call the part of a flaw: maker and number, the number, our number of each part that it is or was delivered as."""
    named = (flaw["maker"], flaw["mpn"])
    ours = {row["part"] for name in ("parts", "lots") for row in tables[name] if (row["manufacturer"], row["mpn"]) == named}  # fmt: skip
    return [f"{flaw['maker']}/{flaw['mpn']}", flaw["mpn"], *sorted(ours)]


def listed(chosen: Random) -> dict:
    """Components of an SBOM."""
    return {name: chosen.choice(VERSIONS) for name in NAMES if chosen.random() < 0.7} or {"zlib": "1.2"}


def hardware_sboms(tables, chosen: Random) -> dict:
    """SBOMs of parts, mostly of mounted ones, of all lots or of one; and of hardware revisions."""
    on_boards = {row["package"] for row in tables["materials"]}
    known = {row["part"] for row in tables["parts"]}
    mounted = sorted(
        {
            (row["part"], row["lot_code"])
            for row in tables["lots"]
            if row["package"] in on_boards and row["part"] in known
        }
    )
    bindings = {}
    for _ in range(chosen.choice((0, 1, 2, 3))):
        part, lot = chosen.choice(mounted) if mounted and chosen.random() < 0.9 else (chosen.choice(sorted(known)), "")
        bindings[part, chosen.choice(("", lot or "L1", "L1", "L1"))] = listed(chosen)
    revisions = sorted({(row["product"], row["revision"]) for row in tables["orders"]})
    of_revisions = [one for one in revisions if chosen.random() < 0.25]
    return {
        "part_sboms": [{"part": part, "lot": lot, "components": said} for (part, lot), said in bindings.items()],
        "revision_sboms": [{"product": product, "revision": revision, "components": listed(chosen)} for product, revision in of_revisions],
    }  # fmt: skip


def secured(tables, chosen: Random) -> dict:
    """SBOMs for some releases, parts, lots and revisions, flaws of components and of parts, and what was said of some of them."""
    of_parts = part_flaws(tables, chosen)
    releases = {(row["product"], row["role"], row["version"]): None for row in tables["firmware"]}
    sboms, said, whole = [], [], chosen.random() < 0.4  # a release without an SBOM hides what parts say
    for product, role, version in releases:
        if chosen.random() < 0.8 or whole:
            sboms.append({"product": product, "role": role, "version": version, "components": listed(chosen)})
        for flaw in (*FLAWS, *of_parts):
            if chosen.random() < 0.3:
                status = chosen.choice(("not_affected", "affected", "fixed", "under_investigation"))
                said.append(
                    {"flaw": flaw["name"], "product": product, "role": role, "version": version, "status": status}
                )
    more = hardware_sboms(tables, chosen)
    for part in sorted({one["part"] for one in more["part_sboms"]}):
        for flaw in FLAWS:
            if chosen.random() < 0.3:
                said.append(
                    {"flaw": flaw["name"], "part": part, "status": chosen.choice(("not_affected", "affected", "fixed"))}
                )
    revisions = sorted({(row["product"], row["revision"]) for row in tables["orders"]})
    for flaw in of_parts:
        for _ in range(chosen.choice((0, 0, 0, 1, 2))):
            status = chosen.choice(("not_affected", "affected", "fixed"))
            said.append({"flaw": flaw["name"], "part": chosen.choice(names_of_part(tables, flaw)), "status": status})
    for flaw in (*FLAWS, *of_parts):
        for product, revision in revisions:
            if chosen.random() < 0.15:
                tree = ["and", ["product", product], ["revision", revision]]
                said.append({"flaw": flaw["name"], "tree": tree, "status": chosen.choice(("not_affected", "affected"))})
        for order in tables["orders"]:
            for _ in range(chosen.choice((0, 0, 0, 1, 2))):
                tree = chosen.choice((["order", order["order"]], ["order_range", order["order"], 1, 2]))
                status = chosen.choice(("fixed", "not_affected", "under_investigation", "affected"))
                said.append({"flaw": flaw["name"], "tree": tree, "status": status})
    chosen.shuffle(said)
    for one in said[len(said) // 2 :]:
        one["later"] = True
    return {**tables, **more, "sboms": sboms, "flaws": [*FLAWS, *of_parts], "said": said}


def last_moment(actor) -> str:
    """When the newest entry was recorded."""
    from asbuilt.kernel.instants import format_instant
    from asbuilt.storage import reading

    sql = "SELECT max(recorded_at) FROM ledger_entry WHERE tenant = %s"
    return format_instant(reading.fetch_one(sql, (actor.tenant,))[0])


def scope_of(make, one):
    """The scope of a row of `said`: a release, a part, a hardware revision, or the units of a question."""
    if "part" in one:
        return make(part=one["part"])
    if "tree" not in one:
        return make(product=one["product"], role=one["role"], version=one["version"])
    if one["tree"][0] == "and":
        (_, product), (_, revision) = one["tree"][1:]
        return make(product=product, revision=revision)
    return make(question=to_text(tuple(one["tree"])))


def write(actor, tables, folder) -> str:
    """The same through the product's own doors; returns the moment before the decisions that came later."""
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    from vulnerable_factory import cyclonedx  # isort: skip

    for one in tables["sboms"]:
        content = cyclonedx(*(component(*pair) for pair in one["components"].items()))
        of = Binding(one["product"], one["role"], one["version"])
        add_sbom(actor, binding=of, content=content, file_name="sbom.json")
    of_hardware = [(Binding(part=one["part"], lot=one["lot"]), one) for one in tables["part_sboms"]]
    of_hardware += [(Binding(one["product"], revision=one["revision"]), one) for one in tables["revision_sboms"]]
    for of, one in of_hardware:
        content = cyclonedx(*(component(*pair) for pair in one["components"].items()))
        add_sbom(actor, binding=of, content=content, file_name="sbom.json")
    security = Security(actor, folder)
    security.feed(*(osv(one["name"], one["component"], one["before"]) for one in FLAWS))
    for one in (flaw for flaw in tables["flaws"] if "mpn" in flaw):
        narrowed = {"lots": one["lots"], "date_codes": ["..".join(ends) for ends in one["weeks"]]}
        affected = {"maker": one["maker"], "mpn": one["mpn"], **{name: said for name, said in narrowed.items() if said}}
        note(actor, record={"vulnerability": one["name"], "title": "a flaw of a part", "affected": [affected]})
    catch_up(actor)
    between = None
    for one in tables["said"]:
        if one.get("later") and between is None:
            between = last_moment(actor)
        scope = scope_of(Scope, one)
        more = {"justification": "component_not_present"} if one["status"] == "not_affected" else {"action": "x"}
        decide(
            actor,
            vulnerability=one["flaw"],
            scope=scope,
            status=one["status"],
            **(more if one["status"] != "under_investigation" else {}),
        )
    return between or last_moment(actor)


def written(tree) -> str:
    """The tree in the question language, with the two terms that the common brute force does not know."""
    kind, *rest = tree
    if kind == "cve":
        return f"cve:{rest[0]}"
    if kind == "component":
        return f"component:{rest[0]}" + (f"<{rest[1]}" if len(rest) > 1 else "")
    if kind in ("and", "or"):
        return (" " if kind == "and" else " or ").join(f"({written(part)})" for part in rest)
    if kind == "not":
        return f"-({written(rest[0])})"
    if kind == "ever" and rest[0][0] in ("cve", "component"):
        return f"ever:({written(rest[0])})"
    return to_text(tree)


TERMS = st.one_of(
    st.sampled_from([("cve", flaw["name"]) for flaw in FLAWS]), st.sampled_from([("component", name) for name in NAMES]),
    st.sampled_from([("cve", f"CVE-2025-{200 + n}") for n in range(PART_FLAWS)]),
    st.sampled_from([("component", "mbedtls", "2.0.0"), ("component", "lwip", "1.10")]),
)  # fmt: skip


@st.composite
def drawn(draw):
    """A factory with components and flaws, and questions about it, some beside terms of other kinds."""
    tables = draw(factories())
    tables = secured(tables, Random(draw(st.integers(0, 2**32))))
    # of parts always: what is drawn beside them hides most of what they say
    of_parts = [("cve", flaw["name"]) for flaw in tables["flaws"] if "mpn" in flaw]
    asked = [*of_parts, *(("ever", term) for term in of_parts)]
    for _ in range(6):
        term = draw(TERMS)
        other = draw(questions(tables))
        asked.append(draw(st.sampled_from([term, ("not", term), ("ever", term), ("and", term, other), ("or", term, other), ("and", ("not", term), other)])))  # fmt: skip
    return tables, asked


def known(tables, term) -> bool:
    """Whether anything in an SBOM is called so: a name that nothing has is an error, not an answer."""
    if term[0] == "component":
        return any(term[1] in one["components"] for kind in SBOMS for one in tables[kind])
    return all(known(tables, part) for part in term[1:] if isinstance(part, tuple))


@settings(phases=(Phase.explicit, Phase.generate), max_examples=int(os.environ.get("ASBUILT_EXAMPLES", "8")))
@given(drawn=drawn())
def test_exposed_units_are_those_of_the_slow_count(fresh_home, drawn):
    tables, asked = drawn
    with fresh_home() as folder:
        write_folder({name: rows for name, rows in tables.items() if name not in (*SBOMS, "flaws", "said")}, folder)
        actor = local_system(tenant_of_slug("main").number)
        import_folder(actor, folder)
        between = write(actor, tables, folder.parent)
        factory = Exposed(json.loads(json.dumps(tables)))
        earlier = {**tables, "said": [one for one in tables["said"] if not one.get("later")]}
        before = Exposed(json.loads(json.dumps(earlier)))
        for tree in asked:
            if not known(tables, tree):
                continue
            grades = {unit: factory.grade(tree, unit) for unit in factory.units}
            assert grades_of(ask(actor, written(tree)), actor, grades) == grades, written(tree)
            grades = {unit: before.grade(tree, unit) for unit in before.units}
            assert grades_of(ask(actor, written(tree), as_of=between), actor, grades) == grades, (
                written(tree),
                between,
            )
        assert NO == "no"
