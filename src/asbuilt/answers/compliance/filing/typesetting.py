"""One volume set as PDF in a process of its own: JSON on standard input, PDF on standard output; or a PDF that holds volumes, written to their folder.

A page costs the typesetter about two megabytes that it gives back only when its process ends; a volume has at most some hundred pages. Fonts come with
the library, so that a page is the same everywhere. Standards: ISO 19005-2 (PDF/A-2b); what holds others ISO 19005-3 (PDF/A-3b).
"""

import json
import subprocess
import sys
from pathlib import Path

from asbuilt.formats.paper import NotSet, set_with_known

_PAGE = Path(__file__).with_name("data") / "file.typ"
STANDARD, HOLDING = "a-2b", "a-3b"
BOUND = "bound.pdf"
SECONDS_MAX = 300


def typeset(said: dict) -> bytes:
    """The PDF of a volume: title, lang, foot, made_at (seconds), blocks. Raises NotSet."""
    return _run(said)


def bind(said: dict, folder: Path) -> Path:
    """The same with `volumes` (name, words) attached, files of that folder; written beside them. Raises NotSet."""
    _run({**said, "folder": str(folder)})
    return folder / BOUND


def _run(said: dict) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "asbuilt.answers.compliance.filing.typesetting"], input=json.dumps(said).encode(),
        capture_output=True, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NotSet(done.stderr.decode(errors="replace")[-200:])
    return done.stdout


def _set(document: bytes) -> bytes:
    import typst  # 34 MB that nothing else needs

    said = json.loads(document)
    return set_with_known(lambda text: _compile(text, said), said, typst.TypstError)


def _compile(document: str, said: dict) -> bytes:
    import typst

    more = {
        "format": "pdf",
        "sys_inputs": {"said": document},
        "ignore_system_fonts": True,
        "timestamp": said["made_at"],
    }
    if "folder" not in said:
        return typst.compile(_PAGE.read_bytes(), pdf_standards=STANDARD, **more)
    # a page reads attached files beside itself: it is laid there
    page = Path(said["folder"]) / _PAGE.name
    page.write_bytes(_PAGE.read_bytes())
    typst.compile(page, output=page.with_name(BOUND), root=page.parent, pdf_standards=HOLDING, **more)
    return b""


if __name__ == "__main__":
    sys.stdout.buffer.write(_set(sys.stdin.buffer.read()))
