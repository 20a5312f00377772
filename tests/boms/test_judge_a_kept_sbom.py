"""A kept SBOM held against a profile: by its bytes as they came, field by field; who gets it, and where it stands."""

import json
from hashlib import sha256

import pytest
from test_describe_a_unit import SBOM, add_sbom

from asbuilt.kernel.errors import NotFound


def kept(actor) -> str:
    from asbuilt.designed.components.queries import current_sboms

    (one,) = current_sboms(actor.tenant)
    return one.ulid


def test_what_the_file_says_is_judged_and_not_what_we_store_of_it(floor, actor):
    from asbuilt.designed.components.judging import quality_seen
    from asbuilt.formats.sbom.quality import evaluate
    from asbuilt.formats.sbom.read import read_sbom

    add_sbom(actor, SBOM)
    sbom, found = quality_seen(actor, kept(actor), "bsi")
    content = json.dumps(SBOM).encode()
    assert sbom.sha256 == sha256(content).hexdigest() and found == evaluate(read_sbom(content), "bsi")
    seen = {one.key: (one.state, one.met, one.partly, one.of) for one in found.fields}
    # the image and two libraries: the libraries have no licence, one of the three a package URL; only the image says how complete it is
    assert seen["c.licence.distribution"] == ("partly", 0, 1, 3) and seen["c.ids"] == ("partly", 1, 0, 3)
    assert (
        seen["c.deps"] == ("partly", 1, 2, 3)
        and seen["c.version"] == ("met", 3, 0, 3)
        and seen["sbom.uri"] == ("not met", 0, 0, 1)
    )


def test_who_gets_none(floor, actor, reader, stranger):
    from asbuilt.designed.components.judging import quality_seen

    add_sbom(actor, SBOM)
    ulid = kept(actor)
    for who, name, profile in (
        (reader("BRAND"), ulid, "bsi"),
        (stranger, ulid, "bsi"),
        (actor, "01ZZZZ", "bsi"),
        (actor, ulid, "iso"),
    ):
        with pytest.raises(NotFound):
            quality_seen(who, name, profile)
