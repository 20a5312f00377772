"""Words that stand in dated files in several languages."""

from collections.abc import Mapping

from django.utils.translation import get_language


def local(words: Mapping[str, str]) -> str:
    """The words in the reader's language, else in English."""
    return words.get((get_language() or "en")[:2]) or words["en"]
