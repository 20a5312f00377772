"""Words: the station's texts in the language of its user, from the product's catalog, without Django."""

import gettext
from functools import lru_cache
from pathlib import Path

LOCALES = Path(__file__).resolve().parents[1] / "locale"


@lru_cache(maxsize=1)
def _catalog() -> gettext.NullTranslations:
    # the languages of the environment (LANGUAGE, LC_ALL, LANG), English where none fits
    return gettext.translation("django", LOCALES, fallback=True)


def say(text: str) -> str:
    """The text in the user's language."""
    return _catalog().gettext(text)
