"""Figures held against their targets: what a bench prints, its last line and its exit status."""

import argparse
import os
import platform
import sqlite3
import statistics
import sys
import time
from collections.abc import Sequence

from ground.homes import ENGINES


class Clock:
    """Wall and own processor milliseconds of one thing after the other; the database server's own time is not in the second."""

    def __init__(self):
        self.wall: list[float] = []
        self.own: list[float] = []

    def __enter__(self):
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.wall.append((time.perf_counter() - self._began[0]) * 1000)
        self.own.append((time.process_time() - self._began[1]) * 1000)


class Figures:
    """The figures of one bench. `finish` prints the last line and ends the process: 0 where all hold, 1 where one is short."""

    def __init__(self, name: str):
        self.name = name
        self._said: list[tuple[str, bool]] = []

    def most(self, label: str, value: float, target: float, unit: str = "", digits: int = 1) -> None:
        """A figure that may be at most the target."""
        self._hold(label, value, "≤", target, value <= target, unit, digits)

    def least(self, label: str, value: float, target: float, unit: str = "", digits: int = 0) -> None:
        """A figure that must be at least the target."""
        self._hold(label, value, "≥", target, value >= target, unit, digits)

    def _hold(self, label, value, sign, target, holds: bool, unit: str, digits: int) -> None:
        text = f"{label} {value:,.{digits}f}{unit} ({sign} {target:,g}{unit})".lstrip()
        print(f"  {text} {'holds' if holds else 'SHORT'}", flush=True)
        self._said.append((text, holds))

    def finish(self) -> None:
        """The last line, and the exit."""
        holds = all(held for _, held in self._said)
        shown = [text for text, held in self._said if holds or not held]
        print(f"{self.name}: {'; '.join(shown)} {'holds' if holds else '… short'}")
        sys.exit(0 if holds else 1)


def arguments(about: str, scale: int, what: str, seed: int = 20261123) -> argparse.ArgumentParser:
    """The options that all benches share."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--scale", type=int, default=scale, help=f"{what} (default {scale:,})")
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--seed", type=int, default=seed)
    return parser


def engines(named: str) -> tuple[str, ...]:
    """The engines to run on."""
    return ENGINES if named == "both" else (named,)


def machine(seed: int) -> None:
    """Print what the figures were seen on."""
    import django
    import pyroaring

    cores, load = os.cpu_count(), os.getloadavg()[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(
        f"{platform.system()} {platform.machine()}, {_processor()}, {cores} cores, {memory:.0f} GiB, load {load:.1f}; Python "
        f"{platform.python_version()}, Django {django.__version__}, SQLite {sqlite3.sqlite_version}, pyroaring "
        f"{pyroaring.__version__}; seed {seed}",
        flush=True,
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "processor not named"


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which this part of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def spread(values: Sequence[float]) -> str:
    """p50, p99 and the most, for people."""
    return f"p50 {statistics.median(values):.2f} p99 {percentile(values, 0.99):.2f} most {max(values):.2f} ms, {len(values)} questions"
