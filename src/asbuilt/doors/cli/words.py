"""The words of a command line that the option parser would take for something else.

A question may begin with `-` (`asbuilt ask -firmware:2.3.1`) and may come as several words. Options keep their meaning
before and after it; what stands behind `--` is all question.
"""

from dataclasses import dataclass

FLAG, FORMATS = "--serials", ("table", "json")
VALUED = ("--as-of", "--format")


@dataclass(frozen=True)
class Asked:
    """The words of a whole `asbuilt ask`."""

    question: str
    as_of: str | None
    serials: bool
    format: str


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
    form = said.get("--format", "table")
    if not words or form not in FORMATS:
        return None
    return Asked(" ".join(words), said.get("--as-of"), FLAG in said, form)


def as_question(arguments: list[str]) -> list[str]:
    """The arguments with the words of a question behind `--`; those of other commands as they are."""
    if arguments[:1] != ["ask"]:
        return arguments
    options, words = _parted(arguments[1:])
    if options[-1:] and options[-1] in VALUED:
        return ["ask", *words, options[-1]]  # the parser says that its value is missing
    return ["ask", *options, *(["--", *words] if words else [])]


def _parted(arguments: list[str]) -> tuple[list[str], list[str]]:
    """(options, each with its value behind `=`, words of the question)"""
    options, words, left = [], [], iter(arguments)
    for word in left:
        if word == "--":
            words += left
        elif word in VALUED:
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
