"""What a scanner screen can say, derived from the source: the files of the floor and every text that they mark.

    files()    -> templates and modules whose texts are whole in Polish and French too
    texts()    -> text -> where it stands, of those files
    refusals() -> text -> the code it stands for: what the verbs refuse with that these screens call
    catalog("pl") -> text, or (text, form) of one with a number in it -> what that language says

A floor screen is a page of FLOOR_PAGES, of the unit queue's neighbours (holds, traveller, marks) or of the frame around them: who signs in,
whose page it is, what a refusal looks like. Its templates are those that its module renders and what they include or extend; its words are
those of the modules it imports from the web door. The station's own screen is of the floor too.
"""

import ast
import gettext
import re
import sys
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "asbuilt"
WEB, TEMPLATES = SOURCE / "doors" / "web", SOURCE / "doors" / "web" / "templates"
# beside FLOOR_PAGES: the frame, what is printed for the floor, and what an operator meets from there
FRAME = ("entrance", "frame", "problems", "holds", "naming")
PRINTED = ("traveller.html", "unit_mark.html")
# what a customer reads: the words of a notice and of the mails of its portal, and the pages of its own notices
LETTERS = ("cases/telling/wording.py", "portal/asking.py", "portal/telling.py")
OWN_NOTICES = ("own_notices.html", "own_notice.html")
WORDS = (
    "words",
    "floor_words",
    "outside_words",
    "refusal_words",
    "setups",
    "marks",
    "queued",
    "leaving_words",
)  # modules that add words to every template
NAMED = re.compile(r'"([a-z_]+\.html)"')
TAKEN_IN = re.compile(r'\{%-?\s*(?:include|extends)\s+"([a-z_]+\.html)"')
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
# where the verbs of these screens refuse, and the rooms whose codes they give
VERBS = (
    "access",
    "answers/gate",
    "answers/register",
    "built/production",
    "built/supply",
    "built/programming",
    "designed/catalog",
    "formats/labels",
)
NOT_OF_THE_FLOOR = re.compile(
    r"programming/(actions/)?(permits|contacts|stations|drafts|queries)\.py"
)  # permits are issued at a desk
ROOMS = (
    "access",
    "gate",
    "labels",
    "catalog",
    "marks",
    "parties",
    "production",
    "programming",
    "register",
    "storage",
    "supply",
    "web",
)


@cache
def files() -> tuple[Path, ...]:
    """Templates and modules of the floor, by path."""
    modules = {
        *_floor_modules(),
        *(WEB / f"{name}.py" for name in (*FRAME, *WORDS)),
        *(SOURCE / "station").rglob("*.py"),
        *(SOURCE / "answers" / name for name in LETTERS),
    }
    modules.add(
        SOURCE / "built" / "supply" / "standing.py"
    )  # its WHY and TO_DO are said on every screen with a package
    rendered = {name for file in modules if WEB in file.parents for name in NAMED.findall(file.read_text("utf-8"))}
    ahead, templates = [*rendered, *PRINTED, *OWN_NOTICES], set()
    while ahead:
        name = ahead.pop()
        if name not in templates:
            templates.add(name)
            ahead += TAKEN_IN.findall((TEMPLATES / name).read_text("utf-8"))
    return tuple(sorted({*modules, *(TEMPLATES / name for name in templates)}))


def _floor_modules() -> set[Path]:
    """The modules whose views FLOOR_PAGES opens, read from the addresses."""
    words, urls = (WEB / "floor_words.py").read_text("utf-8"), (WEB / "urls.py").read_text("utf-8")
    pages = re.findall(r'^    \("(\w+)", _\(', words.split("FLOOR_PAGES = (")[1].split("\n)\n")[0], re.MULTILINE)
    views = {name: module for module, name in re.findall(r'(\w+)\.\w+, name="(\w+)"', urls)}
    return {WEB / f"{views[page]}.py" for page in pages}


@cache
def texts() -> dict[str, str]:
    """Text as translators get it -> the file it stands in."""
    found = {}
    for file in files():
        for text in _of_template(file) if file.suffix == ".html" else _of_module(file.read_text("utf-8")):
            found.setdefault(text, file.relative_to(SOURCE).as_posix())
    return found


def _of_module(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and node.args
            and getattr(node.func, "id", getattr(node.func, "attr", "")) in MARKS
        ):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def _of_template(file: Path) -> set[str]:
    from django.utils.translation.template import templatize

    calls, found = templatize(file.read_text("utf-8")), set()
    for begin in re.finditer(r"\b(?:_|n?gettext|pgettext)\(", calls):
        for end in re.finditer(r"\)", calls[begin.start() :]):
            try:
                found |= _of_module(calls[begin.start() :][: end.end()])
                break
            except SyntaxError:
                continue
    return found


@cache
def refusals() -> dict[str, str]:
    """Text -> code, of the refusals of the verbs that floor screens call: those that say no value, word for word.

    The verbs are in the modules that a module of a screen imports from, and what those check with. A remedy put into a variable
    first has no code in reach: of those the ones that German knows, under the module they stand in.
    """
    known, literal = set(catalog("de")), {}
    for file in sorted({*_beneath(), SOURCE / "kernel" / "errors.py"}):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in known and " " in node.value:
                literal[node.value] = file.relative_to(SOURCE).as_posix()
    return literal | {text: code for text, code in _refused(_reached()).items() if "…" not in text}


def english_refusals() -> list[str]:
    """Those of all that the verbs stand on, with … in the place of a value."""
    return list(_refused(_beneath()))


@cache
def _refused(files: frozenset[Path]) -> dict[str, str]:
    from_policy = str(Path(__file__).with_name("policy"))
    if from_policy not in sys.path:
        sys.path.append(from_policy)
    from error_codes import codes_in

    found = {}
    for file in files:
        for code, one in codes_in(file):
            if code.split(".")[0] in ROOMS:
                found |= {text: code for text in (one.message, one.remedy) if text}
    return found


@cache
def _reached() -> frozenset[Path]:
    screens = {file for file in files() if file.suffix == ".py" and WEB in file.parents}
    verbs = _verbs(screens)
    return frozenset(screens | verbs | _verbs(verbs))


@cache
def _beneath() -> frozenset[Path]:
    """What the verbs stand on, all the way down their rooms."""
    hooks = {file for file in (SOURCE / "built").rglob("apps.py") if "FURTHER_STOPS" in file.read_text("utf-8")}
    found, ahead = set(), hooks | _reached()
    while ahead:
        found |= ahead
        ahead = _verbs(ahead) - found
    return frozenset(found)


def _verbs(files: set[Path]) -> set[Path]:
    found = {one for file in files for one in _imported(file) if any((SOURCE / room) in one.parents for room in VERBS)}
    return {one for one in found if not NOT_OF_THE_FLOOR.search(one.as_posix())}


def _imported(file: Path) -> set[Path]:
    """The files of the package that a module imports from; of a room's `actions` those that define what it takes."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "import_module"
            and isinstance(node.args[0], ast.Constant)
        ):
            late = SOURCE.joinpath(*node.args[0].value.split(".")[1:]).with_suffix(".py")
            found |= {late} if late.exists() else set()
        if not (isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("asbuilt.")):
            continue
        place = SOURCE.joinpath(*node.module.split(".")[1:])
        if place.with_suffix(".py").exists():
            found.add(place.with_suffix(".py"))
        for name in node.names:
            if (place / f"{name.name}.py").exists():
                found.add(place / f"{name.name}.py")
            elif place.is_dir():
                found |= _defining(place / "__init__.py", name.name)
    return found


def _defining(room: Path, name: str) -> set[Path]:
    for node in ast.walk(ast.parse(room.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and name in {one.name for one in node.names} and node.module:
            file = SOURCE.joinpath(*node.module.split(".")[1:]).with_suffix(".py")
            return {file} if file.exists() else set()
    return set()


@cache
def catalog(language: str) -> dict:
    """What a language says, as compiled."""
    with open(SOURCE / "locale" / language / "LC_MESSAGES" / "django.mo", "rb") as compiled:
        return {key: text for key, text in gettext.GNUTranslations(compiled)._catalog.items() if key and text}
