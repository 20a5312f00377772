"""The quick look leaves out only what the whole judgement calls NO."""

from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.formats.advisory.records import Criterion, VersionRange
from asbuilt.formats.matching.criteria import versions_named
from asbuilt.formats.matching.judging import judge
from asbuilt.formats.matching.outside import outside_of_all, plain_bounds, plain_numbers
from asbuilt.formats.matching.subjects import Subject, keys_of
from asbuilt.formats.versions.matches import Match

VERSIONS = st.one_of(
    st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts))),
    st.sampled_from(
        ["", "*", "0", "1.0-rc1", "v1.1", "1.0a", "2024.01", "1.2-r3", "1.1-3-gabcdef1", "next", "3.5.99", "1.0~git"]
    ),
)
RANGES = st.builds(
    VersionRange,
    st.sampled_from(["", "semver", "deb", "generic"]),
    VERSIONS,
    st.booleans(),
    VERSIONS,
    st.booleans(),
    st.sampled_from(["", "", "", "1.0"]),
)
NAMES = st.sampled_from(["busybox", "zephyr", "u-boot", "openssl"])
STATUSES = st.sampled_from(["affected", "affected", "fixed", "not_affected", "unknown"])


@settings(max_examples=600)
@given(
    NAMES,
    VERSIONS,
    VERSIONS,
    st.lists(st.tuples(st.lists(RANGES, max_size=3), STATUSES), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from("ao"),
)
def test_outside_means_no(name, version, said_by_cpe, criteria, as_cpe, part):
    if as_cpe:
        cpe = f"cpe:2.3:a:v:{name}:{said_by_cpe.replace('~', '') or '*'}:*:*:*:*:*:*:*"
        subject = Subject(name, version, cpes=(cpe,))
        made = [
            Criterion("cpe", f"{name}:v:{part}", tuple(ranges), f"cpe:2.3:{part}:v:{name}:*", status=status)
            for ranges, status in criteria
        ]
    else:
        subject = Subject(name, version, purls=(f"pkg:generic/{name}",))
        made = [Criterion("purl", f"pkg:generic/{name}", tuple(ranges), status=status) for ranges, status in criteria]
    placed = list(enumerate(made))
    bounds, kind, key = plain_bounds(placed), made[0].kind, made[0].key
    assert (kind, key) in keys_of(subject)
    numbers = [plain_numbers(one) for one in versions_named(kind, key, subject)]
    if bounds is not None and None not in numbers and all(outside_of_all(one, bounds) for one in numbers):
        assert judge("R", placed, (), subject).match is Match.NO


def test_it_does_leave_out_most():
    criterion = Criterion(
        "cpe", "busybox:busybox:a", (VersionRange(low="1.30", high="1.35"),), "cpe:2.3:a:busybox:busybox:*"
    )
    bounds = plain_bounds([(0, criterion)])
    assert outside_of_all(plain_numbers("1.36.1"), bounds) and outside_of_all(plain_numbers("1.29"), bounds)
    assert not outside_of_all(plain_numbers("1.34.1"), bounds)
