"""One volume set as PDF in a process of its own: JSON on standard input, PDF on standard output.

A page costs the typesetter about two megabytes that it gives back only when its process ends; a volume has at most some hundred pages. Fonts come with
the library, so that a page is the same everywhere. Standard: ISO 19005-2 (PDF/A-2b).
"""

import json
import subprocess
import sys
from pathlib import Path

_PAGE = Path(__file__).with_name("data") / "file.typ"
STANDARD = "a-2b"
SECONDS_MAX = 300


class NotSet(Exception):
    """The typesetter refused; its words."""


def typeset(said: dict) -> bytes:
    """The PDF of a volume: title, lang, foot, made_at (seconds), blocks. Raises NotSet."""
    done = subprocess.run(
        [sys.executable, "-m", "asbuilt.answers.compliance.filing.typesetting"], input=json.dumps(said, ensure_ascii=False).encode(),
        capture_output=True, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NotSet(done.stderr.decode(errors="replace")[-200:])
    return done.stdout


def _set(document: bytes) -> bytes:
    import typst  # 34 MB that nothing else needs

    made_at = json.loads(document)["made_at"]
    return typst.compile(
        _PAGE.read_bytes(), format="pdf", pdf_standards=STANDARD, sys_inputs={"said": document.decode()},
        ignore_system_fonts=True, timestamp=made_at,
    )  # fmt: skip


if __name__ == "__main__":
    sys.stdout.buffer.write(_set(sys.stdin.buffer.read()))
