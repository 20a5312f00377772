"""The command in a process of its own on a home of its own; where no home was made, started as people start it."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest
from forked import commands


@dataclass
class Said:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)


def start(environment: dict, *arguments: str, cwd=None) -> Said:
    """Run `asbuilt` with these arguments; standard input is not a terminal."""
    command = [sys.executable, "-m", "asbuilt.doors.cli.main", *map(str, arguments)]
    done = subprocess.run(command, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.out + said.err, said.err
    return said


@pytest.fixture
def asbuilt(home):
    """asbuilt("ask", "lot:X") on an opened home."""

    def run(*arguments, cwd=None) -> Said:
        code, out, err = commands().run(arguments, home.env(), cwd)
        said = Said(code, out.decode(), err.decode())
        assert "Traceback" not in said.out + said.err, said.err
        return said

    return run


@pytest.fixture
def asbuilt_unopened(empty_home):
    """The same where nobody ran `asbuilt init`."""
    return lambda *arguments, cwd=None: start(empty_home.env(), *arguments, cwd=cwd)


TABLES = {
    "parties.csv": "party,name,roles,country\nEMS,Ostwerk,ems,DE\nBO,Halden,manufacturer,NO\nDX,Distributor X,distributor,DE\n",
    "parts.csv": "part,description,mpn,manufacturer,lifecycle,msl\nR-10K,Resistor,RC0402,Yageo,active,1\n",
    "bom.csv": "product,revision,bom_version,line,part,quantity,refdes\nMB,A,1,10,R-10K,2,R1 R2\n",
    "lots.csv": "package,package_kind,part,mpn,manufacturer,supplier,lot_code,date_code,quantity,received_at,delivery,coc,"
    "status\nPK1,reel,R-10K,RC0402,Yageo,,LOT7,2601,5000,2026-02-01T08:00:00+01:00,,,released\n",
    "orders.csv": "order,product,revision,bom_version,quantity,customer,opened_at\n"
    "WO-1,MB,A,1,4,BO,2026-02-02T08:00:00+01:00\n",
    "units.csv": "order,serial,panel,position,state\nWO-1,S1,,,built\nWO-1,S2,,,built\nWO-1,S3,,,built\nWO-1,S4,,,built\n",
    "materials.csv": "order,refdes,package,first_serial,last_serial,certainty,machine,feeder,happened_at\n"
    "WO-1,R1 R2,PK1,S1,S3,certain,M1,F1,2026-02-03T08:00:00+01:00\n",
    "shipments.csv": "shipment,customer,country,first_serial,last_serial,shipped_at,placed_on_market_at\n"
    "SH-1,DX,DE,S1,S2,2026-02-04T08:00:00+01:00,\n",
}


@pytest.fixture
def tables(tmp_path):
    """A folder of tables: lot LOT7 on S1 to S3, nothing recorded for S4, S1 and S2 shipped to Distributor X."""
    folder = tmp_path / "factory"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(text)
    return folder
