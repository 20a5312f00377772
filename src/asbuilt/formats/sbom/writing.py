"""SBOM documents as we write them: one form in, the chosen format out.

    write_sbom(document, "cyclonedx-1.6")   ->  bytes

| form | what comes out |
|---|---|
| cyclonedx-1.6, cyclonedx-1.7 | CycloneDX JSON |
| cyclonedx-1.6-xml | CycloneDX XML |
| spdx-3.0.1 | SPDX 3.0.1, JSON-LD |

What is written is what the document has: nothing is made up to fill a field. What a format has no field for becomes a property
`asbuilt:…`, so that reading it again loses nothing. Refused: a form that is not in the table.
"""

from collections.abc import Callable
from dataclasses import dataclass

from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.sbom import cyclonedx_writing, cyclonedx_xml_writing, spdx3_writing
from asbuilt.formats.sbom.model import SbomDocument
from asbuilt.kernel.errors import Invalid

CYCLONEDX = "cyclonedx-1.6"


@dataclass(frozen=True)
class Form:
    """A form that we write: its writer, media type, and the end of its file name."""

    write: Callable[[SbomDocument], bytes]
    media_type: str
    ending: str


FORMS = {
    CYCLONEDX: Form(lambda one: cyclonedx_writing.write(one, "1.6"), "application/vnd.cyclonedx+json", "cdx.json"),
    "cyclonedx-1.7": Form(
        lambda one: cyclonedx_writing.write(one, "1.7"), "application/vnd.cyclonedx+json", "cdx.json"
    ),
    "cyclonedx-1.6-xml": Form(
        lambda one: cyclonedx_xml_writing.write(one, "1.6"), "application/vnd.cyclonedx+xml", "cdx.xml"
    ),
    "spdx-3.0.1": Form(spdx3_writing.write, "application/spdx+json", "spdx.json"),
}


def form_named(name: str) -> Form:
    """The form with this name; Invalid with those there are."""
    found = FORMS.get(name.strip().lower())
    if found is None:
        near = did_you_mean(name, list(FORMS))
        said = f"SBOMs are not written as {name[:40]}."
        raise Invalid("sbom.form_unknown", said, {"form": name[:40]}, f"{near} Forms: {', '.join(FORMS)}.".strip())
    return found


def write_sbom(document: SbomDocument, form: str = CYCLONEDX) -> bytes:
    """The document in this form."""
    return form_named(form).write(document)
