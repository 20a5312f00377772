"""What firmware was built with, as build systems write it: a Kconfig `.config`, or which source files were compiled or left out.

    built = read_build_configuration(content)            -> BuildConfiguration of kind kconfig, of project zephyr
    built.symbols.get("CONFIG_BT")                       -> "y", or None where it is not set
    built.has_file("subsys/bluetooth/host/att.c")        -> whether such a file is among those that are listed
    built.discarded("bt_att_recv")                       -> True: the linker threw that function away; False: it is in; None: the map does not say

Read are: `.config` of Linux, U-Boot, Zephyr, BusyBox and ESP-IDF (`sdkconfig`); `compile_commands.json` of CMake and Ninja; linker maps of
GNU ld and LLVM; a plain list, one path a line. A linker map names objects without folders: an object of a name counts for every source
file of that name, so that nothing is taken for left out that might be in. Refused: what is none of these, bytes that are no UTF-8, a file,
list or line that is too long.

Sources: Linux Documentation/kbuild/kconfig-language, Clang's JSON compilation database, GNU ld's manual (-Map).
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

import orjson

from asbuilt.kernel.errors import Invalid

KCONFIG, COMPILED, EXCLUDED = "kconfig", "compiled", "excluded"
KINDS = (KCONFIG, COMPILED, EXCLUDED)
PROJECTS = ("zephyr", "linux", "u-boot", "busybox", "esp-idf")
BYTES_MAX = 32 * 1024**2
NAMES_MAX = 200_000
LINE_CHARACTERS_MAX = 4_000
REMEDY = "Give a .config of Kconfig, compile_commands.json, a linker map, or a list of source files, one a line."
_HEAD_CHARACTERS = 4_096
_SET = re.compile(r"(CONFIG_[A-Za-z0-9_]+)=(.*)")
_UNSET = re.compile(r"# (CONFIG_[A-Za-z0-9_]+) is not set")
_HEADS = (
    ("linux", re.compile(r"^# Linux/\S+ \S+ Kernel Configuration", re.MULTILINE)),
    ("u-boot", re.compile(r"^# U-Boot \S+ Configuration", re.MULTILINE)),
    ("busybox", re.compile(r"^# Busybox version", re.MULTILINE | re.IGNORECASE)),
    ("esp-idf", re.compile(r"^# Espressif IoT Development Framework", re.MULTILINE)),
)
_ZEPHYR = frozenset(["CONFIG_BOARD", "CONFIG_ISR_STACK_SIZE", "CONFIG_SYS_CLOCK_TICKS_PER_SEC"])
"""Symbols with a value in every configuration of Zephyr, whose file has no head of its own."""
_MAP = re.compile(r"^(?:Memory Configuration|Linker script and memory map|\s*VMA\s+LMA\s+Size)", re.MULTILINE)
_OBJECT = re.compile(r"([^\s()/\\:\"']{1,200})\.(?:o|obj)\b")
_SOURCE = re.compile(r"\.(?:c|cc|cpp|cxx|s|asm|rs|m|go)$", re.IGNORECASE)
_ANY = ".*"
_FUNCTION = re.compile(r"^ \.text\.(?:(?:unlikely|hot|startup|exit)\.)?([A-Za-z_][A-Za-z0-9_$]{0,200})", re.MULTILINE)
"""A section that holds one function (`-ffunction-sections`), also of a copy of it, such as `att_recv.constprop.0`."""
_DISCARDED = re.compile(r"^Discarded input sections\s*$", re.MULTILINE)
"""What stands for the language of an object that does not say it."""


@dataclass(frozen=True)
class BuildConfiguration:
    """What such a file says. `project` is whose Kconfig tree it is of, empty where it does not say; `format` kconfig compile_commands map
    list. `symbols` are those that are set; `files` paths with `/`, by their last part; of an object `att.c`, or `att.*`. Of a map of GNU ld `thrown_away` are functions in
    sections of their own that the linker left out, `linked` those that it kept a section of."""

    kind: str
    project: str
    format: str
    symbols: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    thrown_away: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """How many symbols are set, or files listed."""
        return len(self.symbols) if self.kind == KCONFIG else sum(map(len, self.files.values()))

    def has_file(self, path: str) -> bool:
        """Whether a listed file may be this one: one of both paths is the end of the other."""
        name = path.rpartition("/")[2]
        if name.rpartition(".")[0] + _ANY in self.files:
            return True
        return any(_ends(path, listed) or _ends(listed, path) for listed in self.files.get(name, ()))

    def has_folder(self, path: str) -> bool:
        """Whether a listed file may lie in this folder. An object of a linker map says no folder, and may lie in any."""
        inside = f"/{path.strip('/')}/"
        return any(inside in f"/{listed}" or "/" not in listed for paths in self.files.values() for listed in paths)

    def discarded(self, routine: str) -> bool | None:
        """Whether the linker threw this function away; None where it had no section of its own, as an inlined one has none."""
        if routine in self.linked:
            return False
        return True if routine in self.thrown_away else None

    def names_file(self, path: str) -> bool:
        """Whether this very file is listed, with its whole path."""
        return any(_ends(listed, path) for listed in self.files.get(path.rpartition("/")[2], ()))

    def speaks_of(self, names: frozenset[str]) -> bool:
        """Whether a listed file lies in a folder of such a name: `zephyr`, `linux-6.1`, `mbedtls`."""
        return any(
            folder == name or folder.startswith((f"{name}-", f"{name}_"))
            for folder in {part for listed in self.files.values() for path in listed for part in path.lower().split("/")[:-1]}
            for name in names
        )  # fmt: skip


def _ends(path: str, end: str) -> bool:
    return path == end or path.endswith("/" + end)


def read_build_configuration(content: bytes, *, kind: str = "", project: str = "") -> BuildConfiguration:
    """What these bytes say. `kind` (compiled or excluded) says what a list is of, `project` whose Kconfig tree a file is of where it does not
    say. Invalid where they are none of what is read."""
    refuse_large(len(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _wrong("build.not_text", line, "has bytes that are no UTF-8") from None
    if "\0" in text:
        raise _wrong("build.not_text", text.count("\n", 0, text.index("\0")) + 1, "has a NUL byte")
    if not text.strip():
        raise _wrong("build.empty", 1, "the file is empty")
    if text.lstrip()[:1] == "[":
        return _files(kind or COMPILED, project, "compile_commands", _compile_commands(content))
    if _MAP.search(text):
        read = _files(kind or COMPILED, project, "map", _objects(text))
        return replace(read, **_functions(text))
    if kind == KCONFIG or (not kind and (_is_kconfig(text))):
        symbols = _symbols(text)
        return BuildConfiguration(KCONFIG, project or _project(text, symbols), "kconfig", symbols)
    return _files(kind or COMPILED, project, "list", _lines(text))


def refuse_large(size: int) -> None:
    """Invalid where a file of this many bytes is not even opened."""
    if size > BYTES_MAX:
        said = f"{size:,} bytes, the most is {BYTES_MAX:,}."
        raise Invalid("build.too_large", said, {"bytes": size, "most": BYTES_MAX}, REMEDY)


def _wrong(code: str, line: int, reason: str) -> Invalid:
    return Invalid(code, f"Line {line}: {reason}.", {"line": line}, REMEDY)


def _refuse_many(count: int) -> None:
    if count > NAMES_MAX:
        said = f"More than {NAMES_MAX:,} symbols or files."
        raise Invalid("build.too_many", said, {"most": NAMES_MAX}, REMEDY)


def _is_kconfig(text: str) -> bool:
    head = text[:_HEAD_CHARACTERS].splitlines()
    return any(_SET.fullmatch(line) or _UNSET.fullmatch(line) for line in head)


def _symbols(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if len(bare) > LINE_CHARACTERS_MAX:
            raise _wrong("build.line_too_long", number, f"has more than {LINE_CHARACTERS_MAX:,} characters")
        if said := _SET.fullmatch(bare):
            if said[2] not in ("n", "", '""'):
                found[said[1]] = said[2]
            else:
                found.pop(said[1], None)
        elif unset := _UNSET.fullmatch(bare):
            found.pop(unset[1], None)
        elif bare and not bare.startswith("#"):
            raise _wrong("build.not_kconfig", number, "is no line of a Kconfig file")
        _refuse_many(len(found))
    return found


def _project(text: str, symbols: dict[str, str]) -> str:
    head = text[:_HEAD_CHARACTERS]
    named = next((name for name, pattern in _HEADS if pattern.search(head)), "")
    return named or ("zephyr" if symbols.keys() >= _ZEPHYR else "")


def _compile_commands(content: bytes) -> list[str]:
    # each entry has a file: so many commas and brackets at the most, seen before anything is built
    if content.count(b"{") > NAMES_MAX or content.count(b",") > 100 * NAMES_MAX:
        _refuse_many(NAMES_MAX + 1)
    try:
        listed = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _wrong("build.not_json", error.lineno, error.msg) from None
    files = []
    for one in listed:
        file = one.get("file") if isinstance(one, dict) else None
        if not isinstance(file, str) or not file:
            said = "An entry of compile_commands.json names no file."
            raise Invalid("build.entry_without_file", said, {"entry": len(files)}, REMEDY)
        files.append(file)
    return files


def _objects(text: str) -> list[str]:
    found = set()
    for said in _OBJECT.finditer(text):
        stem = said[1]
        found.add(stem if _SOURCE.search(stem) else stem + _ANY)
        _refuse_many(len(found))
    if not found:
        raise _wrong("build.map_without_objects", 1, "the linker map names no object")
    return sorted(found)


def _functions(text: str) -> dict[str, frozenset[str]]:
    """Functions with sections of their own: those before the memory map were discarded, those in it linked."""
    said = _DISCARDED.search(text)
    if said is None:
        return {}
    end = _MAP.search(text, said.end())
    cut = end.start() if end else len(text)
    gone, kept = set(_FUNCTION.findall(text, said.end(), cut)), set(_FUNCTION.findall(text, cut))
    _refuse_many(len(gone) + len(kept))
    return {"thrown_away": frozenset(gone), "linked": frozenset(kept)}


def _lines(text: str) -> list[str]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if len(bare) > LINE_CHARACTERS_MAX:
            raise _wrong("build.line_too_long", number, f"has more than {LINE_CHARACTERS_MAX:,} characters")
        if not bare or bare.startswith("#"):
            continue
        if not bare.isprintable() or not re.search(r"\.[A-Za-z0-9]{1,4}$", bare):
            raise _wrong("build.not_a_list", number, "is no path of a source file")
        if re.search(r"\.(?:o|obj)$", bare):
            stem = re.sub(r"\.(?:o|obj)$", "", bare)
            bare = stem if _SOURCE.search(stem) else stem + _ANY
        found.append(bare)
        _refuse_many(len(found))
    return found


def _files(kind: str, project: str, form: str, listed: list[str]) -> BuildConfiguration:
    if kind == KCONFIG:
        said = "This is no Kconfig file."
        raise Invalid("build.not_kconfig", said, {}, "Say compiled or excluded, or give the .config.")
    if not listed:
        raise _wrong("build.empty", 1, "the file lists nothing")
    _refuse_many(len(listed))
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for one in listed:
        path = re.sub(r"^(?:\./)+", "", one.replace("\\", "/"))
        found[path.rpartition("/")[2]][path] = None
    return BuildConfiguration(kind, project, form, {}, {name: tuple(paths) for name, paths in found.items()})
