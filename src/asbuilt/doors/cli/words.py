"""The words of a command line that the option parser would take for something else.

A question may begin with `-` (`asbuilt ask -firmware:2.3.1`) and may come as several words; so may the text of a label.
Options keep their meaning before and after it; what stands behind `--` is all question or label.
"""

from dataclasses import dataclass

FLAG, DRY_RUN, FORMATS = "--serials", "--dry-run", ("table", "json")
VALUED = ("--as-of", "--format", "--only")
ONLY = "customers"
OF_A_PACKAGE = tuple(
    f"--{name}"
    for name in (
        "part", "lot", "date-code", "supplier", "delivery", "quantity", "mpn", "manufacturer", "package", "kind", "coc",
        "owner", "received-at", "confirm",
    )
)  # fmt: skip
"""Options of `asbuilt receive` that a value follows."""


@dataclass(frozen=True)
class Asked:
    """The words of a whole `asbuilt ask`."""

    question: str
    as_of: str | None
    serials: bool
    format: str
    customers_only: bool = False


def asked(arguments: list[str]) -> Asked | None:
    """What is asked; None for another command, a call for help or words that the option parser shall refuse."""
    if arguments[:1] != ["ask"]:
        return None
    options, words = _parted(arguments[1:])
    said: dict[str, str] = {}
    for option in options:
        name, sign, value = option.partition("=")
        if (name != FLAG or sign) and (name not in VALUED or not sign):
            return None
        said[name] = value
    form, only = said.get("--format", "table"), said.get("--only")
    if not words or form not in FORMATS or only not in (None, ONLY) or (only and FLAG in said):
        return None
    return Asked(" ".join(words), said.get("--as-of"), FLAG in said, form, only == ONLY)


@dataclass(frozen=True)
class Scanned:
    """The words of a whole `asbuilt receive --dry-run`."""

    label: str
    format: str


def scanned(arguments: list[str]) -> Scanned | None:
    """What was scanned and is only to be read; None for everything that the option parser shall look at."""
    if arguments[:1] != ["receive"]:
        return None
    options, words = _parted(arguments[1:])
    if DRY_RUN not in options:
        return None
    form = next((option.partition("=")[2] for option in reversed(options) if option.startswith("--format=")), "table")
    if len(words) != 1 or form not in FORMATS or any(option not in (DRY_RUN, f"--format={form}") for option in options):
        return None
    return Scanned(words[0], form)


def as_question(arguments: list[str]) -> list[str]:
    """The arguments with the words of a question or a label behind `--`; those of other commands as they are."""
    if arguments[:1] not in (["ask"], ["receive"]):
        return arguments
    options, words = _parted(arguments[1:])
    if options[-1:] and options[-1] in VALUED:
        return [arguments[0], *words, options[-1]]  # the parser says that its value is missing
    return [arguments[0], *options, *(["--", *words] if words else [])]


def _parted(arguments: list[str]) -> tuple[list[str], list[str]]:
    """(options, each with its value behind `=`, words of the question)"""
    options, words, left = [], [], iter(arguments)
    for word in left:
        if word == "--":
            words += left
        elif word in VALUED or word in OF_A_PACKAGE:
            value = next(left, None)
            options.append(word if value is None else f"{word}={value}")
        elif _is_option(word):
            options.append(word)
        else:
            words.append(word)
    return options, words


def _is_option(word: str) -> bool:
    # no question begins with two signs before a letter, so that is an option, maybe misspelt
    return word.startswith("--") and word[2:3].isalpha() and ":" not in word.partition("=")[0]
