"""The house keeps its own rules: floors, furniture, words, sizes, licence."""

import ast
import re
import subprocess
import symtable
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "asbuilt"
FILES = sorted(file for file in SOURCE.rglob("*.py") if "migrations" not in file.parts)
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
TESTS = sorted((ROOT / "tests").rglob("*.py"))

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 640
FURNITURE_BANNED = {"utils", "helpers", "common", "services", "managers", "signals", "misc", "base", "core"}
# words of the design that name something else here, or nothing: as a whole name, not as part of one
NAMES_BANNED = {"item", "items", "obj", "objs", "manager", "managers", "job", "jobs", "util", "helper", "foo", "tmp"}
# a database, HTML and CSV have their own words, and Django asks for these
OF_OTHERS = {"objects"}


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def functions(tree: ast.AST):
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def docstrings(tree: ast.AST) -> set[str]:
    """What only programmers read."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, kinds)}


def test_a_floor_imports_only_floors_below_it():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_import_contract_has_no_exceptions():
    assert "ignore_imports" not in (ROOT / ".importlinter").read_text()


def test_every_room_stands_in_the_import_contract():
    contract = (ROOT / ".importlinter").read_text()
    rooms = {folder.parent for folder in SOURCE.rglob("apps.py")} | {
        file.parent for file in SOURCE.glob("doors/*/__init__.py")
    }
    for room in rooms:
        assert ".".join(("asbuilt", *room.relative_to(SOURCE).parts)) in contract, f"{name(room)} has no floor"


@pytest.mark.parametrize("file", FILES, ids=name)
def test_every_module_says_what_it_is_for(file):
    if file.name != "apps.py":
        assert ast.get_docstring(TREES[file]), f"{name(file)} has no docstring"


def test_functions_fit_a_screen():
    long = [
        f"{name(file)}:{node.lineno} {node.name}"
        for file, tree in TREES.items()
        for node in functions(tree)
        if node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_files_can_be_read_in_one_sitting():
    assert [name(file) for file in FILES if len(file.read_text().splitlines()) > FILE_LINES_MAX] == []


def test_no_room_has_a_drawer_for_everything():
    assert [
        name(path)
        for path in SOURCE.rglob("*")
        if path.stem in FURNITURE_BANNED and (path.suffix == ".py" or path.is_dir())
    ] == []


def test_rows_are_written_by_storage_alone():
    found = [
        f"{name(file)}:{node.lineno}"
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("bulk_create", "bulk_update")
    ]
    assert found == []


def test_names_keep_to_the_words_of_the_design():
    found = set()
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            given = {
                ast.FunctionDef: lambda n: n.name,
                ast.ClassDef: lambda n: n.name,
                ast.arg: lambda n: n.arg,
                ast.Name: lambda n: n.id if isinstance(n.ctx, ast.Store) else "",
            }.get(type(node), lambda n: "")(node)
            if given.casefold() in NAMES_BANNED - OF_OTHERS:
                found.add(f"{name(file)}:{node.lineno} {given}")
    assert sorted(found) == []


def test_nothing_is_left_for_later():
    # spelt so that this file does not find itself
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HAC" + "K")) + r")\b")
    lines = [
        f"{name(file)}:{number} {line.strip()}"
        for file in [*FILES, *TESTS]
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line)
    ]
    assert lines == []


def test_what_people_read_neither_begs_nor_shouts():
    shouting = re.compile(r"\b(please|successfully|oops|sorry)\b|[a-z]!(\s|$)", re.IGNORECASE)
    found = [
        f"{name(file)}:{node.lineno} {node.value}"
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and shouting.search(node.value)
        if node.value not in docstrings(tree)
    ]
    assert found == []


def test_tests_neither_skip_nor_expect_failure_nor_mock_us():
    banned = re.compile(r"pytest\.(mark\.)?(skip|xfail)|unittest\.mock|mocker\b")
    found = [
        f"{name(file)}:{number}"
        for file in TESTS
        if file not in (ROOT / "tests" / "conftest.py", Path(__file__))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if banned.search(line)
    ]
    assert found == []


def test_no_two_test_files_share_a_name():
    """pytest refuses to collect them together: a whole run would leave one of them out."""
    names = [file.name for file in TESTS if file.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))


def test_random_tests_print_their_seed():
    from hypothesis import settings

    assert settings.default.print_blob
    drawn = re.compile(r"\brandom\.(random|randint|choice|shuffle|sample|randrange)\(|\bRandom\(")
    seeded = re.compile(r"random\.seed\(|\bRandom\([^)]|\brandoms\(|random_module\(|random: Random")
    texts = {name(file): file.read_text(encoding="utf-8") for file in TESTS if file != Path(__file__)}
    assert [file for file, text in texts.items() if drawn.search(text) and not seeded.search(text)] == []


def test_the_licence_is_apache_2():
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text()


def test_dependencies_are_locked_with_hashes():
    for lock in ("run.txt", "dev.txt"):
        text = (ROOT / "requirements" / lock).read_text()
        pins = re.findall(r"^([a-z0-9._-]+)==[^\s\\]+ \\\n    --hash=sha256:", text, re.MULTILINE)
        assert "--find-links" not in text and "--index-url" not in text, f"{lock} names a place of one machine"
        assert len(pins) == len(re.findall(r"^[a-z0-9][^\s#]*==", text, re.MULTILINE)) > 10


def test_code_is_formatted_and_checked():
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, "check", "--quiet", "src", "tests", "benchmarks"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_no_two_modules_give_templates_the_same_word():
    """Story: a drill's `step_word` took the place of the station's, and Polish screens said `optional`."""
    import re
    from collections import Counter

    given = re.compile(r"^@(?:words|register)\.(?:filter|simple_tag)\b[^\n]*\ndef (\w+)", re.MULTILINE)
    found = Counter(
        name
        for file in (SOURCE / "doors" / "web").glob("*.py")
        for name in given.findall(file.read_text(encoding="utf-8"))
    )
    assert len(found) > 50 and [name for name, times in found.items() if times > 1] == []


def test_a_line_of_a_timeline_stands_in_its_three_columns():
    """Time, rail and what: without the rail a line's words lay over each other on the pages of returns, concessions and vulnerabilities."""
    pages = sorted((ROOT / "src" / "asbuilt" / "doors" / "web" / "templates").rglob("*.html"))
    lists = {
        page.name: [rest.partition("</li>")[0] for rest in page.read_text().split('class="tl')[1:]] for page in pages
    }
    assert sum(map(len, lists.values())) >= 10
    assert [name for name, lines in lists.items() for line in lines if 'class="dot"' not in line] == []


def _modules() -> dict[str, set[str]]:
    """What each module of ours binds at its top, and each package's modules."""
    found: dict[str, set[str]] = {}
    for file in SOURCE.rglob("*.py"):
        parts = file.relative_to(SOURCE.parent).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        top = symtable.symtable(file.read_text(encoding="utf-8"), name(file), "exec")
        found.setdefault(".".join(parts), set()).update(
            one.get_name() for one in top.get_symbols() if one.is_assigned() or one.is_imported() or one.is_namespace()
        )
        for at in range(1, len(parts)):
            found.setdefault(".".join(parts[:at]), set()).add(parts[at])
    return found


def test_a_name_taken_from_a_module_stands_there():
    """Story: a constant moved to the kernel, one page still asked its old module for it and answered 500."""
    modules, missing, asked = _modules(), [], 0
    for file in (*FILES, *TESTS, *sorted((ROOT / "benchmarks").rglob("*.py"))):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        known: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.ImportFrom)
                and node.module
                and node.module.startswith("asbuilt")
                and not node.level
            ):
                for one in node.names:
                    known.setdefault(one.asname or one.name, set()).add(f"{node.module}.{one.name}")
        # a name imported as one thing here and another there, each in its function, may be either
        known = {said: wholes for said, wholes in known.items() if wholes <= modules.keys()}
        bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
                wholes, asked = known[node.value.id], asked + 1
                there = set().union(*(modules[whole] for whole in wholes))
                if node.attr not in there and node.value.id not in bound and not node.attr.startswith("__"):
                    missing.append(
                        f"{file.relative_to(ROOT)}:{node.lineno}: {' or '.join(sorted(wholes))} has no {node.attr}"
                    )
    assert asked > 1000, "the walk reads nothing"
    assert not missing, "\n".join(missing)
