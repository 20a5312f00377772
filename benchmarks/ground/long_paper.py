"""Writes a technical file of so many pages to a folder as one PDF: `long_paper.py FOLDER PAGES`; prints pages, PDFs and memory as JSON."""

import json
import os
import re
import resource
import shutil
import sys
from pathlib import Path

LINES_A_PAGE = 80  # about; what came out is counted


def main() -> None:
    """One table whose rows are made while they are set."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "asbuilt.site.settings")
    import django

    django.setup()
    from asbuilt.answers.compliance.filing.file_rules import Asked, rules_on
    from asbuilt.answers.compliance.filing.paper import on_paper
    from asbuilt.answers.compliance.filing.parts import Asking, Part, Table
    from asbuilt.answers.compliance.filing.technical_file import EVIDENCE, Filed, TechnicalFile

    folder, wanted = Path(sys.argv[1]), int(sys.argv[2])
    count = wanted * LINES_A_PAGE
    columns = ("revision", "BOM version", "line", "part", "positions")
    table = Table("Bills of material", columns, count, lambda: (("A", "1", str(n), f"PART-{n:07}", f"C{n} C{n + 1} C{n + 2}") for n in range(count)))  # fmt: skip
    asking = Asking(1, "LONG", 1_800_000_000_000_000, rules_on("2027-12-11"))
    asking.lines = []
    asked = Asked("AVII.2.a", "Annex VII, 2(a)", {"en": "Design"}, {"en": "Drawings"})
    file = TechnicalFile(asking, (Filed(asked, EVIDENCE, (Part("catalog", (), (table,)),)),), {"size": 1, "root": "00" * 32})  # fmt: skip
    pages = 0
    with on_paper(file) as found:
        for place, one in enumerate(found, 1):
            shutil.copyfile(one, folder / f"file-{place}.pdf")
        for volume in found[0].parent.glob("volume-*.pdf"):
            pages += len(re.findall(rb"/Type\s*/Page\b(?!s)", volume.read_bytes()))
    # what this process holds at most, and the largest that it started beside it
    most = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(json.dumps({"pages": pages, "mebibytes": most, "files": len(found)}))


if __name__ == "__main__":
    main()
