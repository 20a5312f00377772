"""scan: twenty stations scan at once, two units a second each, through the API of a server that runs as people start it.

A scan is one POST of a step: the gate looks at holds, packages and route, then the step is recorded. The factory behind it has 20,000
units with 117 packages each, and five open holds: a unit on hold is refused, which is an answer too. Stations are threads of a process of their own, each with a connection and a token
of its own; a scan's time is the client's, from the first byte sent to the answer read. No scan may be lost: afterwards the record
has a process run for each.
"""

import http.client
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import Factory
from ground.figures import Figures, arguments, engines, machine, percentile, spread
from ground.homes import home
from ground.proof import load
from ground.weight import settle

STATIONS, A_SECOND, P95_MAX = 20, 2, 150
STEP, HOLDS = "COAT", 5


@contextmanager
def served(place):
    """The address of `asbuilt serve` on this home."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [Path(sys.executable).parent / "asbuilt", "serve", "--port", str(port)]
    with tempfile.TemporaryFile() as said:
        server = subprocess.Popen(command, env=place.env, stdout=said, stderr=said)
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5).read()
                    break
                except OSError:
                    time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            server.wait()


def tokens(actor) -> list[str]:
    """A token a station."""
    from asbuilt.access.actions import accept_link, first_link, issue_token

    adam = accept_link(first_link(), name="Adam", login="adam", password="nine reels of solder")
    return [issue_token(adam, name=f"station {n}", roles=["station"])[1] for n in range(STATIONS)]


def hold_some(actor, factory: Factory) -> None:
    """Open holds on lots of the first order; they are on units of later ones too."""
    from asbuilt.built.production.actions.holds import place_hold
    from asbuilt.built.supply.queries import lots_by_code

    codes = [factory.lots[factory.packages[run.package - 1]][1] for run in factory.order(0).runs]
    for code in list(dict.fromkeys(codes))[:HOLDS]:
        place_hold(actor, lots=[lots_by_code(actor.tenant, code)[0].number], reason="bench")


def station(
    port: int,
    token: str,
    units: list[str],
    seconds: float,
    seed: int,
    took: list[float],
    held: list[str],
    wrong: list[str],
) -> None:
    """One station: a scan every half second, give or take a fifth; `took` gets milliseconds."""
    rng = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    following = time.monotonic() + rng.random() / A_SECOND
    ends = time.monotonic() + seconds
    for n, unit in enumerate(units):
        if following > ends:
            return
        time.sleep(max(0.0, following - time.monotonic()))
        following += rng.uniform(0.8, 1.2) / A_SECOND
        body = json.dumps({"code": unit, "step": STEP, "machine": f"COATER-{seed % STATIONS}"})
        began = time.perf_counter()
        connection.request("POST", "/api/v1/steps", body, {**headers, "Idempotency-Key": f"{seed}-{n}"})
        answer = connection.getresponse()
        said = answer.read()
        took.append((time.perf_counter() - began) * 1000)
        if answer.status == 409 and json.loads(said)["code"] == "gate.held":
            held.append(unit)
        elif answer.status != 201:
            wrong.append(f"{unit}: {answer.status} {said[:300]!r}")


def run(engine: str, scale: int, seed: int, seconds: int, figures: Figures) -> None:
    """The whole bench on one engine."""
    factory = Factory(scale, seed)
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        from asbuilt.questions.genealogy.answering.answers import ask

        load(place, factory, Path(folder), straight=True)
        settle()
        actor = place.actor
        secrets = tokens(actor)
        hold_some(actor, factory)
        orders = [factory.order(n) for n in range(1, factory.orders)]
        units = [order.serials[unit - order.first] for order in orders for unit in order.built]
        random.Random(seed).shuffle(units)
        share = len(units) // STATIONS
        took: list[float] = []
        held: list[str] = []
        wrong: list[str] = []
        with served(place) as port:
            threads = [
                threading.Thread(
                    target=station,
                    args=(port, secret, units[n * share : (n + 1) * share], seconds, seed + n, took, held, wrong),
                )
                for n, secret in enumerate(secrets)
            ]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
        if wrong:
            raise SystemExit(f"{len(wrong)} of {len(took)} scans were not taken: {wrong[0]}")
        recorded = len(ask(actor, f"passed:{STEP}").affected.certain)
        if recorded != len(took) - len(held):
            raise SystemExit(f"{len(took) - len(held)} scans were acknowledged, the record has {recorded}")
        print(f"  {engine}: {len(took)} scans in {seconds} s, {len(held)} refused: {spread(took)}", flush=True)
        figures.most(f"{engine} a scan p95", percentile(took, 0.95), P95_MAX, " ms")


def main() -> None:
    """Both engines, one after the other."""
    parser = arguments(__doc__.split("\n")[0], 20_000, "units")
    parser.add_argument("--seconds", type=int, default=60, help="how long the stations scan")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("scan")
    for engine in engines(said.engine):
        run(engine, said.scale, said.seed, said.seconds, figures)
    figures.finish()


if __name__ == "__main__":
    main()
