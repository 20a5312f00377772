"""Build configurations of firmware releases: add, list. The twin of the section on a release's page."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import RECORD_READ, SBOM_ADD
from asbuilt.designed.vulnerability.deciding.building import add_build_configuration
from asbuilt.designed.vulnerability.deciding.builds import Build, builds_seen
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.formats.build_configurations import refuse_large
from asbuilt.kernel.plain import plain

router = Router(tags=["SBOMs"], auth=Caller())


class BuildShape(Shape):
    """A file that says with what a release was built."""

    product: str = Field(description="Product.")
    role: str = Field(description="Image role.")
    version: str = Field(description="Firmware version.")
    kind: str = Field(description="kconfig, compiled or excluded.")
    project: str = Field(description="Whose tree it is of, or empty.")
    name: str = Field(description="Name of the file as it came.")
    sha256: str = Field(description="SHA-256 of its bytes, which are evidence.")
    happened_at: str = Field(description="When it was added.")
    entry: int = Field(description="The entry that recorded it.")
    counts: bool = Field(description="Whether no later one of the same kind and project stands.")


class BuildList(Shape):
    """With what a release was built."""

    builds: list[BuildShape] = Field(description="The newest first.")


@router.get("/build-configurations", response=BuildList, auth=needs(RECORD_READ), operation_id="list_build_configurations", summary="With what a release was built")  # fmt: skip
def list_builds(
    request: HttpRequest,
    product: Annotated[str, Query(min_length=1, max_length=120, description="Product.")],
    version: Annotated[str, Query(min_length=1, max_length=120, description="Firmware version.")],
    role: Annotated[str, Query(max_length=60, description="Image role; empty: app.")] = "",
):
    """Files of its build, the newest first; the newest of each kind and project counts."""
    return {"builds": [_told(one) for one in builds_seen(request.actor, product=product, version=version, role=role)]}


@router.post("/build-configurations", response={201: BuildShape}, auth=needs(SBOM_ADD, "API_IMPORT_BYTES_MAX"), operation_id="add_build_configuration", summary="Say with what a release was built")  # fmt: skip
def add_build(
    request: HttpRequest,
    file: UploadedFile = File(..., description="A .config, compile_commands.json, a linker map or a list of files."),  # noqa: B008
    product: str = Form(min_length=1, max_length=120, description="Product."),
    version: str = Form(min_length=1, max_length=120, description="Firmware version."),
    role: str = Form("", max_length=60, description="Image role; empty: app."),
    kind: Literal["", "kconfig", "compiled", "excluded"] = Form("", description="Where the file does not say it."),
    project: str = Form("", max_length=60, description="Whose tree it is of, where the file does not say it."),
    idempotency_key: IdempotencyKey = None,
):
    """Evidence for VEX decisions: what is not in the build is proposed, never assumed. The bytes are kept as they are."""
    refuse_large(file.size)
    made = add_build_configuration(
        request.actor, product=product, version=version, role=role, kind=kind, project=project, content=b"".join(file.chunks()),
        name=file.name or "build", request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, _told(made))


def _told(one: Build) -> dict:
    return {**plain(one), "name": one.name}
