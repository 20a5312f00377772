"""The API as one description (OpenAPI 3.1), served under /api/v1/openapi.json and kept in docs/reference/openapi.json.

`python -m asbuilt.doors.api docs/reference/openapi.json` writes the latter; a test compares.
"""

import json
from functools import cache

from ninja import NinjaAPI

from asbuilt.doors.api import (
    answers,
    asking,
    boms,
    builds,
    case_reports,
    cases,
    changes,
    compliance,
    ems,
    evidence,
    exposure,
    facts,
    feed_keys,
    field_actions,
    filing,
    finding,
    firmware,
    gate,
    goods_in,
    holds,
    imports,
    inspections,
    leaving,
    log,
    lots,
    machines,
    mappings,
    marks,
    matching,
    nonconformities,
    notices,
    orders,
    outside,
    packages,
    papers,
    people,
    permits,
    portal,
    process_control,
    process_record,
    products,
    programming,
    publishing,
    qualifying,
    record_levels,
    sboms,
    settings,
    setups,
    sourcing,
    station_sync,
    test_plans,
    tokens,
    units,
    vulnerabilities,
)
from asbuilt.doors.api.bodies import StrictParser
from asbuilt.doors.api.problems import HANDLERS, PROBLEM_JSON
from asbuilt.doors.api.shapes import AlreadyRecorded, Problem

PREFIX = "/api/v1/"
VERSION = "1"
DESCRIPTION = (
    "The as-built record of electronics: which units, which customers, with proof. Every page has its twin here. "
    "A request names its caller by a token (`Authorization: Bearer TOKEN`) or by the session of a page. Refusals are "
    "problem+json (RFC 9457). Lists come in pages: give `next` back as `cursor`. Writes take an `Idempotency-Key`: "
    "the same key with the same content gives the same answer, with other content 409."
)
GROUPS = (
    portal, exposure, cases, compliance, case_reports, notices, publishing, field_actions, filing, papers, ems, sourcing, qualifying, asking, answers, finding, marks, gate, outside, leaving, setups, holds, nonconformities, process_control, test_plans, changes, boms, units, lots, orders,
    products, record_levels, goods_in, packages,
    inspections, process_record, firmware, sboms, builds, programming, station_sync, permits, facts,
    vulnerabilities, feed_keys, matching, imports, machines, mappings, log, evidence, people, settings, tokens,
)  # fmt: skip

api = NinjaAPI(
    title="Asbuilt",
    version=VERSION,
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    urls_namespace="api",
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)
for group in GROUPS:
    api.add_router("", group.router)
for kind, handler in HANDLERS.items():
    api.add_exception_handler(kind, handler)


@cache
def description() -> dict:
    """The OpenAPI document."""
    said = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX)))
    schemas = said["components"]["schemas"]
    for shape in (Problem, AlreadyRecorded):
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        schemas[shape.__name__] = schema
    said["components"]["schemas"] = dict(sorted(schemas.items()))
    said["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token of the page You or People."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "asbuilt_session",
            "description": "The signed-in session of a page; writes also need its form secret as X-CSRFToken.",
        },
        "station": {
            "type": "apiKey",
            "in": "header",
            "name": "Asbuilt-Station-Signature",
            "description": "Ed25519 by the station's key, base64, over `asbuilt-request/1`, method, path, the header "
            "Asbuilt-Station-At (UTC microseconds) and the SHA-256 of the body, a line each. A POST says that SHA-256 "
            "in the header Asbuilt-Station-Body: it is checked before the body is read.",
        },
    }
    for methods in said["paths"].values():
        for operation in methods.values():
            _complete(operation)
    said["paths"] = dict(sorted(said["paths"].items()))
    return said


def _complete(operation: dict) -> None:
    if station_sync.router.tags[0] in operation.get("tags", ()):
        operation["security"] = [] if operation["operationId"] == "enrol_station" else [{"station": []}]
    else:
        operation["security"] = [{"token": []}, {"session": []}]
    problem = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"]["default"] = {"description": "A refusal.", "content": problem}
    if any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"]):
        known = {"application/json": {"schema": {"$ref": "#/components/schemas/AlreadyRecorded"}}}
        operation["responses"].setdefault("200", {"description": "Recorded before.", "content": known})


def text() -> str:
    """The document as it is kept."""
    return json.dumps(description(), indent=1, ensure_ascii=False) + "\n"
