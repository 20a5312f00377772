"""How a station carries a test plan out: the part `station` of the plan, in which each run takes one function and gives it what it needs.

    "station": {"fixture": "SEC-BENCH", "retests": 3, "golden_hours": 12, "golden": [{"unit": "GOLD-1", "outcome": "pass"}],
             "runs": [{"name": "web", "uses": "tls", "with": [{"name": "port", "value": "443"}], "seconds": 20, "tries": 1,
                       "again_on": "error", "stop": false, "evidence": ["log"]}]}

- What run `web` measures are the plan's steps `web.versions`, `web.least_strength`: a step says the limits, the run how.
- tries, again_on: a run that could not be carried out (error), or one that failed too (fail), is made again; every try is recorded.
- settle: the ports are looked at twice, at once and after so many seconds, which are less than the run's.
- stop: a failed run ends the plan. evidence: what a PASS of the run must bring, as files. retests: how often a unit may come.
- golden: units that must have shown their outcome at this socket within so many hours, before others are tested.
- fixture: the kind of fixture that is needed; which one stands there, its calibration and cycles say the station's settings.

Refused: a function that is not known, a parameter that it does not take, a step that no run measures, a measurement that the function
does not make. Where a function measures what a device says of itself (`console`, `file`), its names are the plan's.
"""

from dataclasses import dataclass

from asbuilt.kernel.documents import fields, into, many, name, once_each, one_of, text, whole, wrong, yes_or_no

RUNS_MAX = 60
# a record tells every try of every step
MEASURES_MAX = 400
PARAMETER_CHARACTERS_MAX = 6_000
LOG, PICTURE = "log", "picture"
EVIDENCE = (LOG, PICTURE)
VERDICT, TEXT, NUMERIC = "verdict", "text", "numeric"


@dataclass(frozen=True)
class Function:
    """What can be done to a unit: name -> kind of what it measures (None: whatever the plan names), parameters (needed, others),
    and what evidence it leaves."""

    measures: dict[str, str] | None
    needed: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    evidence: tuple[str, ...] = (LOG,)


# how a page's login form is filled in, and by what it says yes and no
LOGIN_FORM = ("form", "user_field", "password_field", "sends", "refused", "let_in")
# for how many seconds a unit's services may start before its ports are looked at again
SETTLE = "settle"
FUNCTIONS = {
    "programmed": Function({"booted": VERDICT, "secure_boot": VERDICT}),
    "tls": Function({"versions": TEXT, "least_strength": TEXT}, ("port",)),
    "certificate": Function(
        {"chain": VERDICT, "as_given": VERDICT, "unique": VERDICT, "days_left": NUMERIC, "names_unit": VERDICT},
        ("port", "ca"), ("given",),
    ),
    "ssh": Function(
        {"policy": VERDICT, "methods": TEXT, "unique": VERDICT}, ("port", "policy"), ("user",),
    ),
    "ports": Function({"unexpected": TEXT, "missing": TEXT}, ("allowed",), ("range", SETTLE)),
    "udp_ports": Function({"unexpected": TEXT, "missing": TEXT}, ("allowed", "range"), ("silent", SETTLE)),
    "credentials": Function({"accepted": NUMERIC}, ("over", "port"), ("path", "pairs", "per_user", "most", *LOGIN_FORM)),
    "own_password": Function(
        {"works": VERDICT, "needed": VERDICT, "characters": NUMERIC, "unique": VERDICT},
        ("over", "port", "from", "pattern"), ("path", "user", "console", "ask", "until", "milliseconds", "name", *LOGIN_FORM),
    ),
    "version": Function(
        {"says": TEXT, "as_permitted": VERDICT}, ("over",),
        ("port", "path", "ask", "until", "milliseconds", "pattern", "role", "ca"),
    ),
    "round_trip": Function(
        {"returns": VERDICT, "hidden": VERDICT, "fresh": VERDICT, "tamper_refused": VERDICT},
        ("port", "encrypt", "decrypt"), ("over", "ca"),
    ),
    "debug": Function({"locked": VERDICT}, (), ("port", "address", "programmer", "part", "ref", "probe")),
    "silent": Function({"silent": VERDICT}, (), ("port", "say", "milliseconds", "alive")),
    "console": Function(None, (), ("port", "ask", "until", "milliseconds", "pattern")),
    "file": Function(None, ("name",), ("kind", "pattern")),
    "picture": Function({"taken": VERDICT}, ("name",), (), (PICTURE,)),
}  # fmt: skip


@dataclass(frozen=True)
class PlannedRun:
    """One run of a plan at a station; `parameters` as the function takes them."""

    name: str
    uses: str
    parameters: dict[str, str]
    seconds: int
    tries: int
    again_on: str
    stop: bool
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Golden:
    """A unit whose outcome is known."""

    unit: str
    outcome: str


# functions whose secrets are compared between units by the key that the server gives
COMPARED = ("own_password",)


@dataclass(frozen=True)
class AtStation:
    """How a station carries a plan out."""

    fixture: str
    retests: int
    golden: tuple[Golden, ...]
    golden_hours: int
    runs: tuple[PlannedRun, ...]

    def run(self, wanted: str) -> PlannedRun | None:
        """The run of this name."""
        return next((run for run in self.runs if run.name == wanted), None)

    @property
    def compares(self) -> bool:
        """Whether a run compares secrets of units."""
        return any(run.uses in COMPARED for run in self.runs)

    def in_words(self) -> dict[str, str]:
        """Where -> what stands there: by this two versions are compared."""
        golden = ", ".join(f"{one.unit} {one.outcome}" for one in self.golden)
        said = {
            "station: fixture": self.fixture,
            "station: retests": str(self.retests),
            "station: golden units": golden,
        }
        said |= {
            "station: golden hours": str(self.golden_hours),
            "station: order": ", ".join(run.name for run in self.runs),
        }
        for run in self.runs:
            given = ", ".join(f"{name} {value}" for name, value in sorted(run.parameters.items()))
            rest = f"{run.seconds} s, {run.tries} tries, again on {run.again_on}, " + (
                "stops" if run.stop else "goes on"
            )
            said[f"run {run.name}"] = f"{run.uses} ({given}); {rest}; {' '.join(run.evidence)}".strip("; ")
        return said


_PARAMETER = fields(name=name(40), value=text(PARAMETER_CHARACTERS_MAX))
_RUN_FIELDS = {
    "name": name(40), "uses": one_of(*FUNCTIONS),
    "with": once_each(many(_PARAMETER, most=20), lambda one: one["name"]),
    "seconds": whole(1, 1_800), "tries": whole(1, 5), "again_on": one_of("error", "fail"), "stop": yes_or_no,
    "evidence": once_each(many(one_of(*EVIDENCE), most=len(EVIDENCE))),
}  # fmt: skip


def _run(value: object, path: str) -> PlannedRun:
    said = fields(**_RUN_FIELDS)(value, path)
    given = {one["name"]: one["value"] for one in said.pop("with")}
    function = FUNCTIONS[said["uses"]]
    for parameter in function.needed:
        if not given.get(parameter):
            raise wrong(f"{path}.with", f"lacks {parameter}, which {said['uses']} needs")
    for parameter in given:
        if parameter not in (*function.needed, *function.others):
            raise wrong(f"{path}.with", f"names {parameter}, which {said['uses']} does not take")
    settle = given.get(SETTLE)
    if settle is not None and not (settle.isdecimal() and 1 <= int(settle) < said["seconds"]):
        raise wrong(f"{path}.with", f"settles for {settle[:20]} s, and the run has {said['seconds']} s")
    for kind in said["evidence"]:
        if kind not in function.evidence:
            raise wrong(f"{path}.evidence", f"asks for a {kind}, which {said['uses']} does not leave")
    if "." in said["name"]:
        raise wrong(f"{path}.name", "holds no full stop, which parts run and measurement")
    return PlannedRun(parameters=given, **said)


AT_STATION = into(
    AtStation,
    fields(
        fixture=text(80),
        retests=whole(1, 100),
        golden=once_each(
            many(into(Golden, fields(unit=text(64, least=1), outcome=one_of("pass", "fail"))), most=20),
            lambda golden: golden.unit,
        ),
        golden_hours=whole(0, 24 * 31),
        runs=once_each(many(_run, least=1, most=RUNS_MAX), lambda run: run.name),
    ),
)


def check_steps(at_station: AtStation, kinds: dict[str, str]) -> None:
    """Invalid where the steps (name -> kind) of a plan are not what its runs measure."""
    measured = set()
    for step, kind in kinds.items():
        head, mark, measure = step.partition(".")
        run = at_station.run(head) if mark else None
        if run is None:
            raise wrong("steps", f"has {step[:80]}, which no run of the plan's part `station` measures")
        made = FUNCTIONS[run.uses].measures
        if made is not None and measure not in made:
            raise wrong("steps", f"has {step[:80]}, but {run.uses} measures {', '.join(made)}")
        if made is not None and made[measure] != kind:
            raise wrong("steps", f"has {step[:80]} as {kind}, but it is measured as {made[measure]}")
        measured.add(run.name)
    tries = {run.name: run.tries for run in at_station.runs}
    if sum(tries[step.partition(".")[0]] for step in kinds) > MEASURES_MAX:
        raise wrong("steps", f"are, with their tries, more than the {MEASURES_MAX} that a record tells")
    for run in at_station.runs:
        if run.name not in measured:
            raise wrong("station.runs", f"has {run.name}, of which the plan has no step")
