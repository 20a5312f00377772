"""*Nothing open* is said with how far it reaches: no feed, a release without an SBOM, components that no feed can name.

Eight boards: four run 1.0.0, whose SBOM names lwip; four run 1.1.0. Two of the first four are with SHOP, one of the others is with FAR. The feed knows a
flaw in zlib, which nobody has.
"""

from vulnerable_factory import Security, boards, component, osv

GAP = "Vulnerabilities can be found in 4 of 8 units: the others have no SBOM, or components that no feed can name."


def test_a_file_an_assessment_and_a_portal_say_in_how_many_units_nothing_would_be_found(actor, load, tmp_path):
    from asbuilt.answers.compliance.assessing.house_evidence import exposure
    from asbuilt.answers.compliance.assessing.unit_evidence import ProductUnits
    from asbuilt.answers.compliance.filing.file_rules import rules_on
    from asbuilt.answers.compliance.filing.from_security import vulnerabilities
    from asbuilt.answers.compliance.filing.parts import Asking
    from asbuilt.answers.portal.standing import portal, reader_of
    from asbuilt.ledger import clock

    def filed() -> tuple[tuple[str, ...], tuple[str, ...]]:
        part = vulnerabilities(Asking(actor.tenant, "board", clock.now(), rules_on("2026-11-20")))
        return part.words, part.gaps

    def assessed() -> tuple[str, int, int]:
        (one,) = exposure(ProductUnits(actor, "board"), [])
        return one.state, one.proved, one.of

    def reached(party: str) -> tuple[int, int]:
        (one,) = portal(reader_of(actor, party)).products
        assert one.vulnerabilities == ()
        return one.reached, one.shipped

    load(boards())
    security = Security(actor, tmp_path)
    security.sbom(component("lwip", "2.1.3"), version="1.0.0")
    assert filed() == ((), ("No feed was ever taken.",)) and assessed() == ("missing", 0, 8)
    assert reached("SHOP") == (0, 2) and reached("FAR") == (0, 1)
    security.feed(osv("CVE-2026-1", "zlib", "1.2"))
    none = ("0 vulnerabilities are open, 0 of them exploited.",)
    assert filed() == (none, (GAP,)) and assessed() == ("partly", 4, 8)
    assert (reached("SHOP"), reached("FAR"), reached("BRAND")) == ((2, 2), (0, 1), (2, 3))
    # an SBOM that lists what no feed can name reaches no further
    security.sbom(("inhouse", "1.0", ""), version="1.1.0")
    assert filed() == (none, (GAP,)) and assessed() == ("partly", 4, 8) and reached("FAR") == (0, 1)
    security.sbom(component("lwip", "2.1.3"), version="1.1.0", serial=2)
    assert filed() == (none, ()) and assessed() == ("proved", 8, 8) and reached("BRAND") == (3, 3)
