"""start: `asbuilt ask` as a whole process on the example factory, from exec to exit; and that it loads nothing of the API."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.figures import Figures, arguments, engines, machine
from ground.homes import ROOT, home

SECONDS_MAX = 0.6
QUESTION = "lot:P956475 -reworked"
API_MODULES = ("ninja", "pydantic", "asbuilt.doors.api", "asbuilt.doors.web")


def command() -> list[str]:
    """The command of this environment."""
    path = Path(sys.executable).parent / "asbuilt"
    if not path.exists():
        raise SystemExit(f"There is no {path}: run script/run --once first.")
    return [str(path), "ask", QUESTION]


def ask_once(env: dict[str, str]) -> float:
    """Seconds of one process; it must answer."""
    began = time.perf_counter()
    done = subprocess.run(command(), capture_output=True, text=True, env=env, cwd=ROOT)
    took = time.perf_counter() - began
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"asbuilt ask ended with {done.returncode}: {done.stderr[-1000:]}")
    return took


def loaded_of_api(env: dict[str, str]) -> list[str]:
    """Modules of the API and the pages that the command imports."""
    done = subprocess.run(
        command(), capture_output=True, text=True, env={**env, "PYTHONPROFILEIMPORTTIME": "1"}, cwd=ROOT
    )
    names = [line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    return [name for name in names if name.startswith(API_MODULES)]


def main() -> None:
    """The median of many processes."""
    parser = arguments(__doc__.split("\n")[0], 15, "processes")
    parser.set_defaults(engine="sqlite")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("start")
    for engine in engines(said.engine):
        with home(engine) as place:
            from asbuilt.built.exchange.actions import import_folder

            import_folder(place.actor, ROOT / "examples" / "factory")
            env = {**place.env, "PYTHONDONTWRITEBYTECODE": ""}
            os.environ.pop("DJANGO_SETTINGS_MODULE", None)
            ask_once(env)
            took = [ask_once(env) for _ in range(said.scale)]
            print(f"  {engine}: {min(took):.2f} to {max(took):.2f} s", flush=True)
            figures.most(f"{engine} asbuilt ask", statistics.median(took), SECONDS_MAX, " s", 2)
            figures.most(f"{engine} modules of the API or pages loaded", len(loaded_of_api(env)), 0, "", 0)
    figures.finish()


if __name__ == "__main__":
    main()
