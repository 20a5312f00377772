"""A folder that machines drop files into: each is taken once it has stopped growing, and then moved out of the way.

    FOLDER/OFEN_17.csv   ->  FOLDER/taken/OFEN_17.csv
                         or  FOLDER/refused/OFEN_17.csv and beside it OFEN_17.csv.why.txt

- A file has stopped growing when size and time were the same at two looks, a moment apart, and after its bytes were read.
- It is recorded first and moved then, so whatever kills us in between, the file still lies there and is known by its bytes.
- A machine that holds a file open for longer goes on writing to the moved one: the last thousand are looked at again, and what
  grew is put back and read anew.
- Nothing is ever overwritten or deleted: a name that lies there already gets a number.
- Refused files are kept in the record too; `asbuilt machines retry-files` takes them from there.
- Folders, links, hidden files and those that end in .tmp .part .filepart .crdownload are left alone.
"""

import contextlib
import logging
import os
import signal
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections

from asbuilt.access.actor import Actor
from asbuilt.built.messages.machine_files import record_file
from asbuilt.formats.machine_files import FILE_BYTES_MAX
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound, Unavailable
from asbuilt.storage.drills import refuse_intake

TAKEN, REFUSED, WHY = "taken", "refused", ".why.txt"
UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", "~")
FILES_A_LOOK = 10_000
SAME_NAMES_MAX = 100_000
MOVED_WATCHED_MAX = 1_000
_log = logging.getLogger(__name__)
Sign = tuple[int, int, int]  # inode, size, time of the last change


@dataclass
class Watched:
    """What a watch did: files taken, refused, left for the next look, and those it was told of before."""

    taken: int = 0
    refused: int = 0
    known: int = 0
    left: list[str] = field(default_factory=list)


@dataclass
class Watch:
    """A folder and how it is watched. `settle` is how many seconds a file must stay the same, `tell` says what became of one."""

    actor: Actor
    folder: Path
    machine: str = ""
    settle: float = 2.0
    tell: Callable[[str], None] = print
    done: Watched = field(default_factory=Watched)
    stopped: bool = False
    _seen: dict[str, Sign] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _moved: dict[Path, Sign] = field(default_factory=dict)

    def once(self) -> Watched:
        """Take what lies there and has stopped growing: two looks, a moment apart."""
        self._seen = _look(self.folder)
        if self._seen:
            time.sleep(self.settle)
        self._take_settled()
        return self.done

    def go_on(self) -> Watched:
        """Watch until stopped."""
        while not self.stopped:
            self._take_settled()
            time.sleep(self.settle)
        return self.done

    def _take_settled(self) -> None:
        self._put_back()
        now = _look(self.folder)
        self.done.left = []
        for name, sign in sorted(now.items(), key=lambda one: (one[1][2], one[0])):
            if self.stopped or self._seen.get(name) != sign:
                self.done.left.append(name)
                continue
            try:
                self._take(name, sign)
            except Unavailable as later:
                self._leave(name, later.message)
            except OSError as later:
                self._leave(name, f"{later.strerror or later}.")
            except Exception:
                # the database is away, or a bug of ours: the file lies where it lay, and stops no other
                _log.exception("%s was not recorded", name)
                connections.close_all()
                self._leave(name, "could not be recorded; the log of errors says more.")
        self._seen = now

    def _put_back(self) -> None:
        for path, sign in list(self._moved.items()):
            with contextlib.suppress(OSError):
                if _sign(path.lstat()) == sign:
                    continue
                self.tell(f"{path.name}: was written to after it was moved; it is read anew.")
                _move(path, self.folder)
            del self._moved[path]

    def _has_moved(self, place: Path, sign: Sign) -> None:
        self._moved[place] = sign
        if len(self._moved) > MOVED_WATCHED_MAX:
            del self._moved[next(iter(self._moved))]

    def _leave(self, name: str, why: str) -> None:
        """It lies there until the next look; people are told once why."""
        self.done.left.append(name)
        if (name, why) not in self._told:
            self._told.add((name, why))
            self.tell(f"{name}: {why} It is tried again.")

    def _take(self, name: str, sign: Sign) -> None:
        path = self.folder / name
        if sign[1] > FILE_BYTES_MAX:
            self._refuse(name, sign, "messages.file_too_large", f"{name} has more than {FILE_BYTES_MAX:,} bytes.")
            return
        with open(path, "rb") as stream:
            payload = stream.read(FILE_BYTES_MAX + 1)
            if _sign(os.fstat(stream.fileno())) != sign:
                self.done.left.append(name)
                return
        try:
            seen = record_file(self.actor, name, payload, machine=self.machine)
        except Invalid as refusal:  # a name that is none: nothing could be kept but the file itself
            self._refuse(name, sign, refusal.code, refusal.as_text())
            return
        if _sign(path.lstat()) != sign:
            # it was written to meanwhile: what was read is recorded, what came since is read at the next look
            self.done.left.append(name)
            return
        if seen.use == TAKEN:
            self.done.known += seen.already
            self.done.taken += not seen.already
            self._has_moved(_move(path, self.folder / TAKEN), sign)
            more = "was taken before" if seen.already else f"{seen.rows} rows of {seen.machine}, {seen.stored} new"
            self.tell(f"{name}: {more}.")
            return
        self._refuse(
            name, sign, seen.cause, f"{seen.detail}\n\nKept in the record as file {seen.file[:16]}, entry {seen.entry}."
        )

    def _refuse(self, name: str, sign: Sign, cause: str, detail: str) -> None:
        self.done.refused += 1
        place = _move(self.folder / name, self.folder / REFUSED, lambda new: _write_why(new, cause, detail))
        self._has_moved(place, sign)
        self.tell(f"{name}: refused, {cause}; {place.name}{WHY} says why.")


def _look(folder: Path) -> dict[str, Sign]:
    found: dict[str, Sign] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
                continue
            with contextlib.suppress(FileNotFoundError):
                said = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(said.st_mode):
                    found[entry.name] = _sign(said)
            if len(found) >= FILES_A_LOOK:
                break
    return found


def _sign(said: os.stat_result) -> Sign:
    return said.st_ino, said.st_size, said.st_mtime_ns


def _move(path: Path, folder: Path, before: Callable[[Path], None] | None = None) -> Path:
    """Move a file under its name, or its name with a number; where another has moved it, that is well. Returns its place.

    A link is made first, which never overwrites; killed before the old name is taken away, both names are one file.
    """
    folder.mkdir(exist_ok=True)
    for number in range(SAME_NAMES_MAX):
        new = folder / (path.name if not number else f"{path.stem}.{number}{path.suffix}")
        if new.exists() and not new.samefile(path):
            continue
        if before:
            before(new)
        try:
            os.link(path, new)
        except FileExistsError:
            if not (new.exists() and path.exists() and new.samefile(path)):
                continue
        except (PermissionError, OSError) as refused:
            if isinstance(refused, FileNotFoundError):
                return new
            os.rename(path, new)  # a disk without links: nothing of that name lay there a moment ago
            return new
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return new
    raise OSError(f"{folder} holds too many files of this name.")


def _write_why(place: Path, cause: str, detail: str) -> None:
    text = place.with_name(place.name + WHY)
    half = text.with_name(f".{text.name}.{os.getpid()}")
    half.write_text(f"{cause}\n\n{detail}\n", encoding="utf-8")
    os.replace(half, text)


def watch_folder(watch: Watch, *, once: bool) -> Watched:
    """Watch a folder until SIGTERM or SIGINT, or look once. NotFound where there is no such folder; Refused in a drill."""
    refuse_intake()
    if not watch.folder.is_dir():
        raise NotFound(
            "messages.no_folder",
            f"There is no folder {watch.folder}.",
            {"folder": str(watch.folder)},
            "Look at its name and place.",
        )
    if once:
        return watch.once()

    def stop(*_) -> None:
        watch.stopped = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return watch.go_on()


def tell_refusal(refusal: AsbuiltError) -> None:
    """A refusal that ends the process, on standard error."""
    print(refusal.as_text(), file=sys.stderr, flush=True)
