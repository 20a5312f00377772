"""CVSS vectors: scores as FIRST's calculators give them, environmental metrics included; wrong ones refused."""

import pytest

from asbuilt.formats.cvss_vectors import rate
from asbuilt.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("vector", "base", "score", "severity"),
    [  # values of first.org's calculators and the examples of the CVSS documents
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, 9.8, "critical"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, 6.1, "medium"),
        ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 8.8, 8.8, "high"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:P", 9.8, 6.8, "medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, 0.0, "none"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, 9.3, "critical"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0, 10.0, "critical"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/MAV:P", 9.3, 7.0, "high"),
    ],
)
def test_scores(vector, base, score, severity):
    found = rate(vector)
    assert (found.base, found.score, found.severity) == (base, score, severity)


@pytest.mark.parametrize("vector", ["", "AV:N/AC:L", "CVSS:2.0/AV:N", "CVSS:3.1/AV:N", "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:4.0/" + "x" * 500])  # fmt: skip
def test_what_is_no_vector_is_refused(vector):
    with pytest.raises(Invalid) as refused:
        rate(vector)
    assert refused.value.code == "vulnerability.cvss_wrong"
