"""Damaged SBOMs of every form go into the record: what is read stands with every component its bytes list, all of a table in one
transaction; with one that is none among them nothing of the table is there.

12 of each form are stored in each run, `ASBUILT_SOAK=1` stores what is read of 5,000 of each.
"""

from hashlib import sha256

import pytest
from sbom_mutations import KINDS, SEED, mutations
from soak import drawn

from asbuilt.formats.sbom.read import read_sbom
from asbuilt.kernel.errors import Invalid

STORED = drawn(12, "ASBUILT_SBOM_STORED")
DRAWN_MAX = 5_000


def survivors(shared_data, kind: str) -> tuple[list[bytes], list[bytes], int]:
    """The first that are read, each once, and the first few that are refused; how many were drawn for it."""
    good, bad, count = {}, {}, 0
    for content in mutations(shared_data, kind, DRAWN_MAX):
        count += 1
        try:
            read_sbom(content)
            good[content] = None
        except Invalid as refusal:
            assert refusal.facts["place"] and refusal.remedy
            bad.setdefault(content)
        if len(good) >= STORED and bad:
            break
    return list(good), list(bad)[:1], count


def table(folder, contents: list[bytes]) -> dict:
    """Rows of sboms.csv, one a file, all of the same hardware revision; the files beside them."""
    rows = []
    for content in contents:
        digest = sha256(content).hexdigest()
        (folder / f"{digest}.sbom").write_bytes(content)
        of = {"product": "WIDGET", "role": "", "version": "", "revision": "B", "part": "", "lot": ""}
        rows.append({**of, "file": f"sboms/{digest}.sbom", "sha256": digest, "operator": "", "happened_at": "2027-03-05T08:00:00Z"})  # fmt: skip
    return {"sboms": rows}


def test_none_is_half_stored(widget, load, actor, shared_data, tmp_path, capsys):
    from asbuilt.designed.components import queries
    from asbuilt.designed.components.bindings import Binding
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    folder = tmp_path / "tables" / "sboms"
    folder.mkdir(parents=True)
    good, bad = {}, []
    for kind in KINDS:
        read, refused, number = survivors(shared_data, kind)
        with capsys.disabled():
            print(f"\n{kind}: {number} mutated with seed {SEED}, {len(read)} read and stored")
        good.update(dict.fromkeys(read))
        bad += refused
    assert len(bad) == len(KINDS) and len(good) > 3 * len(KINDS)

    def rows() -> list[int]:
        tables = (
            "components_sbom",
            "components_sbom_component",
            "components_sbom_dependency",
            "components_package_version",
        )
        return [reading.fetch_one(f"SELECT count(*) FROM {name} WHERE tenant = %s", (actor.tenant,))[0] for name in tables]  # fmt: skip

    listed = list(good)
    before = rows()
    with pytest.raises(Invalid):  # one that is none, in the middle: nothing of the table is kept
        load(table(folder, [*listed[: len(listed) // 2], bad[0], *listed[len(listed) // 2 :]]))
    assert rows() == before
    load(table(folder, listed))
    kept = queries.sboms_of(actor.tenant, Binding("WIDGET", revision="B"))
    assert {one.sha256 for one in kept} == {sha256(content).hexdigest() for content in good}
    documents = {sha256(content).hexdigest(): read_sbom(content) for content in good}
    for one in kept:  # every component that the reader gave; the subject is component zero
        document = documents[one.sha256]
        assert one.components == len(document.components)
        found = sum(1 for _ in queries.each_component(actor.tenant, one.number))
        assert found == len(document.components) + (document.subject is not None), one.file
    assert [(finding.code, finding.what) for finding in verify(actor.tenant).findings] == []
