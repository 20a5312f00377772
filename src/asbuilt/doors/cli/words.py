"""The words of a command line that the option parser would take for something else.

A question may begin with `-` (`asbuilt ask -firmware:2.3.1`) and may come as several words. Options keep their places
before and after it; what stands behind `--` is all question.
"""

ASK_FLAGS = ("--serials", "--help")
ASK_OPTIONS = ("--as-of", "--format")


def as_question(arguments: list[str]) -> list[str]:
    """The arguments with the words of a question behind `--`; those of other commands as they are."""
    if not arguments or arguments[0] != "ask":
        return arguments
    options, words, left = [], [], iter(arguments[1:])
    for word in left:
        if word == "--":
            words += left
        elif word in ASK_OPTIONS:
            options += [word, *([after] if (after := next(left, None)) is not None else [])]
        elif word in ASK_FLAGS or _is_option(word):
            options.append(word)
        else:
            words.append(word)
    return ["ask", *options, *(["--", *words] if words else [])]


def _is_option(word: str) -> bool:
    # no question begins with two signs before a letter, so that is an option, maybe misspelt
    return word.startswith("--") and word[2:3].isalpha() and ":" not in word.partition("=")[0]
