"""`python -m asbuilt.doors.api FILE` writes the description of the API into the file."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Write docs/reference/openapi.json, or the file that is named."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "asbuilt.site.web_settings"
    import django

    django.setup()
    from asbuilt.doors.api.document import text

    file = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference/openapi.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
