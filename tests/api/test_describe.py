"""The description: complete, named, kept in docs/reference/openapi.json, and true of the addresses there are."""

import json
from pathlib import Path

KEPT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"


def operations():
    from asbuilt.doors.api.document import description

    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_what_stands_in_the_docs(cast):
    from asbuilt.doors.api.document import text

    assert KEPT.read_text(encoding="utf-8") == text(), "run python -m asbuilt.doors.api"


def test_it_is_served_to_everybody_and_not_sent_twice(cast):
    client = cast.program(None)
    answer = client.get("/api/v1/openapi.json")
    assert answer.json()["openapi"].startswith("3.1")
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.post("/api/v1/openapi.json").status_code == 405


def test_every_operation_is_named_once_and_says_what_comes_back(cast):
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for path, method, operation in operations():
        assert operation["summary"] and operation["description"], (path, method)
        assert operation["responses"]["default"]["content"]["application/problem+json"]
        expected = [{"token": []}, {"session": []}]
        if operation["tags"] == ["Station sync"]:  # a station signs with its own key; before it has one, it has a code
            expected = [] if operation["operationId"] == "enrol_station" else [{"station": []}]
        assert operation["security"] == expected
        for parameter in operation["parameters"]:
            assert (
                parameter.get("description") or parameter["schema"].get("description") or parameter["name"] in NAMED
            ), (path, parameter)


NAMED = {"serials"}


def test_every_field_is_described(cast):
    from asbuilt.doors.api.document import description

    for name, schema in description()["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            assert said.get("description"), f"{name}.{field}"


def test_every_reference_leads_somewhere(cast):
    from asbuilt.doors.api.document import description

    said = json.dumps(description())
    for name in {part.split('"')[0] for part in said.split("#/components/schemas/")[1:]}:
        assert name in description()["components"]["schemas"], name


def test_no_two_shapes_share_a_name(cast):
    """Thirty addresses told of another's body: `POST /containers` asked for what opens an order. The description knows shapes by their names."""
    from collections import Counter

    from asbuilt.doors.api.document import description
    from asbuilt.doors.api.shapes import Shape

    def below(shape):
        for one in shape.__subclasses__():
            yield from (one, *below(one))

    ours = {one for one in below(Shape) if one.__module__.startswith("asbuilt.")}
    assert [name for name, count in Counter(one.__name__ for one in ours).items() if count > 1] == []
    body = description()["paths"]["/api/v1/containers"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    asked = description()["components"]["schemas"][body["$ref"].rpartition("/")[2]]["properties"]
    assert asked.keys() == {"kind", "code", "customer", "country", "sscc", "note"}


def test_writes_take_a_key(cast):
    without = {
        operation["operationId"]
        for _, method, operation in operations()
        if method in ("post", "put", "delete", "patch")
        and not any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"])
    }
    # asking, trying, drafting and sealing write nothing; a file is known by its bytes, a message by its id, so that taking either again, retried or read
    # anew, does nothing, and so is a station's record by its key; what is matched already is not matched again; a code is new each time and voids the one before; a checkpoint, a verification, a stop and an erasure are the same twice
    assert without == {
        "ask_long", "import_table", "report_from_the_field", "begin_import_run", "take_vulnerability_feed", "take_vulnerability_bundle", "propose_vulnerability_feed_keys", "stop_import_run", "make_checkpoint", "prove_consistency",
        "begin_verification", "match_components", "look_at_packages", "look_at_inspection", "record_messages", "try_machine_file",
        "record_machine_file", "retry_machine_files", "reread_machine_file", "reread_messages", "seal_image",
        "draft_grant", "check_sbom", "reseal_images", "open_enrolment", "enrol_station", "send_station_records", "send_end_certificate", "erase_tip",
    }  # fmt: skip


def test_the_command_line_does_not_load_the_api(tmp_path):
    import subprocess
    import sys

    said = "import asbuilt.doors.cli.main, sys; print([n for n in sys.modules if n.startswith(('ninja', 'asbuilt.doors.api'))])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout.strip() == "[]" or "No module named 'asbuilt.doors.cli" in done.stderr, done.stderr
