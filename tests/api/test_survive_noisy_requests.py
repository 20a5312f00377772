"""Odd values at every operation of the description: whatever comes, the answer is never a 500 and always in its form.

The values are made from the OpenAPI document alone: right ones, wrong types, limits and beyond, strange characters.
"""

import json
from pathlib import Path

import pytest
from cast import entered, pages, serial
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEPT = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8")
)
OPERATIONS = [(path, method, said) for path, methods in KEPT["paths"].items() for method, said in methods.items()]
KNOWN = [
    "order:WO-ALP", "lot:LOT-COMMON", "firmware:<2", "customer:\"Nordlicht Handel\"", "in:shipped", "-reworked", "LOT-ALP-1",
    serial("ALP", 1), "WO-ALP", "WO-ALP#3", "PNL-ALP-1/2", "REEL-ALP-1", "SHIP-ALP-1", "engineer", "ALPINA", "045", "units",
    "2027-03-15T08:00:00Z", "2027-03-15", "9999-12-31", "0001-01-01", "0" * 16, "0" * 26, "0" * 64, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
]  # fmt: skip
ODD = ["", " ", "\x00", "\ud800", "\uffff", "\u202e", "é" * 200, "x" * 5000, "%", "%00", "../..", "a/b", "#", "'", '"', "\\", "(" * 3000, "lot:", "-" * 500,
       "1e999", "-1", "0", "NaN", "null", "[]", "\r\nX: y", "💥", "\u0000\u0001"]  # fmt: skip
# what a field of this name takes, so that the noise gets past the first check
RIGHT = {
    "question": ["order:WO-ALP", "lot:LOT-COMMON -firmware:<2", 'customer:"Nordlicht Handel"', "in:shipped", "serial", "lot:", "unit:ALP-0001..ALP-0005",
                 "firmware:1.4.0..", "passed:REFLOW@2027-03-15..9999-12-31", "placed:..0001-01-01", "datecode:2701..", "ever:(lot:X)", "operator:045",
                 "contains:(lot:LOT-COMMON)", "not in:stock", "order:WO-ALP#3..WO-ALP#99999999999999999999", "reading:OVEN1.z>1e400", "image:00"],
    "as_of": ["2027-03-15", "2027-03-15T08:00:00Z", "9999-12-31", "0001-01-01", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"],
    "decided_at": ["2027-03-15T08:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00+14:00"],
    "fact": ["0" * 16, "f" * 16],
    "ulid": ["0" * 26, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"],
    "sha256": ["0" * 64],
    "kind": ["parties", "units", "corrections", "firmware", "bom", "x"],
    "roles": [["engineer"], ["party_reader"], ["engineer", "auditor"], [], ["station"]],
    "party": ["ALPINA", "Boreal Sensors", None],
    "code": ["ALP-0001", "WO-ALP", "WO-ALP#3", "LOT-COMMON", "REEL-ALP-1", "SHIP-ALP-1", "PNL-ALP-1/2", "PNL-ALP-1"],
    "text": ["lot:", "lot:L", "order:WO", "", "in:"],
    "number": [1, 2, 3, 99],
    "limit": [1, 2, 200],
    "cursor": ["MA", "MQ", "NTA", "MjE0NzQ4MzY0Nw"],
    "file": ["party,name,roles,country\nX,Y,customer,DE\n", "\x00", "a,b\n", "party,name,roles,country\n" + "x" * 5000],
}  # fmt: skip
TEXTS = st.one_of(st.sampled_from(KNOWN), st.sampled_from(ODD), st.text(max_size=30))
NUMBERS = st.one_of(
    st.sampled_from([0, 1, 2, 7, -1, 50, 200, 201, 2**31 - 1, 2**31, 2**53, 2**63, 10**30]), st.integers()
)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    st.floats(),
    TEXTS,
    st.lists(TEXTS, max_size=3),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
)


def named(name: str, schema: dict):
    """Values of a field or parameter, odd ones among them."""
    own = [st.sampled_from(RIGHT[name])] * 3 if name in RIGHT else []
    return st.one_of(*own, values(schema), values(schema), ANYTHING)


def values(schema: dict):
    """Values that fit the schema most of the time."""
    if "$ref" in schema:
        return values(KEPT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if "anyOf" in schema:
        return st.one_of(*map(values, schema["anyOf"]))
    kind = schema.get("type")
    if kind == "object":
        fields = {name: named(name, said) for name, said in schema.get("properties", {}).items()}
        needed = {name: fields.pop(name) for name in schema.get("required", []) if name in fields}
        return st.fixed_dictionaries(needed, optional=fields)
    if kind == "array":
        return st.lists(values(schema.get("items", {})), max_size=4)
    return {"integer": NUMBERS, "boolean": st.booleans(), "null": st.none(), "string": TEXTS}.get(kind, ANYTHING)


@st.composite
def requests(draw):
    """An operation with values for its address, query, headers and body."""
    path, method, said = draw(st.sampled_from(OPERATIONS))
    query, headers = {}, {}
    for parameter in said["parameters"]:
        value = draw(named(parameter["name"], parameter["schema"]))
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", quoted(value))
        elif parameter["in"] == "query" and (parameter["required"] or draw(st.booleans())):
            query[parameter["name"]] = as_text(value).encode("utf-8", "surrogatepass")
        elif parameter["in"] == "header" and draw(st.booleans()):
            headers[parameter["name"]] = as_text(value).encode("latin-1", "replace").decode("latin-1")
    content = said.get("requestBody", {}).get("content", {})
    body = draw(st.one_of(values(next(iter(content.values()))["schema"]), ANYTHING)) if content else None
    return method, path, query, headers, next(iter(content), None), body


def as_text(value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def quoted(value) -> str:
    from urllib.parse import quote

    return quote(as_text(value).encode("utf-8", "surrogatepass"), safe="/")


@pytest.fixture(scope="module")
def client(cast_home, tmp_path_factory):
    """Somebody with every role but the party reader's, in a home that takes all the noise; and each reader."""
    from asbuilt.access.actions import give_roles
    from asbuilt.access.rights import PERSON_ROLES

    place, cast = cast_home
    with entered(place, tmp_path_factory.mktemp("noise") / "cast"), pages():
        roles = [role for role in PERSON_ROLES if role != "party_reader"]
        give_roles(cast.actor["adam"], person=cast.person["ben"], roles=roles)
        yield [cast.program("ben"), cast.program("brand_a_reader"), cast.program("machine")]


@settings(max_examples=400, suppress_health_check=list(HealthCheck), deadline=None, print_blob=True)
@given(request=requests(), who=st.sampled_from([0, 0, 0, 0, 1, 2]))
def test_no_value_breaks_an_operation(client, request, who):
    method, path, query, headers, kind, body = request
    extra = {"headers": headers, "query_params": query}
    if kind == "application/json":
        extra |= {"data": json.dumps(body), "content_type": kind}
    elif kind == "multipart/form-data":
        extra |= {"data": form(body)}
    answer = getattr(client[who], method)(path, **extra)
    assert answer.status_code < 500 or answer.status_code == 503, (request, answer.content[:500])
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json", (request, answer.content[:500])
        assert answer.json()["status"] == answer.status_code and answer.json()["detail"]


def form(body) -> dict:
    from django.core.files.uploadedfile import SimpleUploadedFile

    if not isinstance(body, dict):
        return {}
    said = {}
    for name, value in body.items():
        if name in ("file", "files"):
            said[name] = SimpleUploadedFile("t.csv", as_text(value).encode("utf-8", "replace"))
        elif value is not None:
            said[name] = as_text(value).encode("utf-8", "replace").decode()
    return said
