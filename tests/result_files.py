"""Result files as testers write them, one a format, of units SN1 and SN2; the records are ours, the forms are the standards'."""

import json

DAY_MILLIS = 1_803_888_000_000  # 2027-03-01T08:00:00Z


def measured(name, value, low=None, high=None, unit="V", outcome="PASS"):
    """A measurement of OpenHTF."""
    said = {
        "name": name,
        "outcome": outcome,
        "measured_value": value,
        "units": {"name": unit, "code": "", "suffix": unit},
    }
    if low is not None and high is not None:
        said["validators"] = [f"{low} <= x <= {high}"]
    elif high is not None:
        said["validators"] = [f"x <= {high}"]
    return said


def openhtf(
    serial="SN1", outcome="PASS", *, at=DAY_MILLIS, measurements=None, plan="FCT", version="1", station="B9", **metadata
):
    """A record of OpenHTF with one phase of measurements and a log attached."""
    found = measurements if measurements is not None else [measured("vdd_3v3", 3.31, 3.2, 3.4)]
    phase = {
        "name": "power", "outcome": outcome, "start_time_millis": at, "end_time_millis": at + 5_000,
        "measurements": {one["name"]: one for one in found},
        "attachments": {"log": {"mimetype": "text/plain", "sha1": "", "data": "b2sK"}},
    }  # fmt: skip
    return {
        "dut_id": serial, "station_id": station, "start_time_millis": at, "end_time_millis": at + 10_000, "outcome": outcome,
        "metadata": {"test_name": plan, "test_version": version, **metadata}, "phases": [phase],
    }  # fmt: skip


def wsjf(serial="SN1", result="P", *, value=3.31, part="AB-100", **more):
    """A test report of WATS: a nested sequence, a number, a text, a verdict, a sub-unit."""
    power = {
        "stepType": "SequenceCall", "name": "Power", "status": result, "steps": [
            {"stepType": "ET_NLT", "name": "VDD_3V3", "status": result, "numericMeas": [{"compOp": "GELE", "status": result, "unit": "V", "value": value, "lowLimit": 3.2, "highLimit": 3.4}]},
            {"stepType": "ET_MNLT", "name": "RAILS", "status": "P", "numericMeas": [{"name": "1V8", "compOp": "GE", "unit": "mV", "value": 1801, "lowLimit": 1750, "status": "P"}, {"name": "5V", "compOp": "LT", "unit": "V", "value": 5.0, "lowLimit": 5.25, "status": "P"}]},
        ],
    }  # fmt: skip
    return {
        "type": "T", "id": "r-1", "pn": part, "sn": serial, "rev": "A", "processCode": 10, "processName": "FCT", "result": result, "machineName": "FCT-01",
        "start": "2027-03-01T09:00:00+01:00", "uut": {"user": "045", "fixtureId": "FX-3", "execTime": 10.5},
        "root": {"stepType": "SequenceCall", "name": "Main", "status": result, "seqCall": {"name": "fct.seq", "version": "2"}, "steps": [
            power,
            {"stepType": "ET_SVT", "name": "FW", "status": "P", "stringMeas": [{"value": "1.4.2", "limit": "1.4.2", "compOp": "CASESENSIT", "status": "P"}]},
            {"stepType": "ET_PFT", "name": "SelfTest", "status": "P", "passFail": [{"status": "P"}]},
            {"stepType": "ET_A", "name": "Skip me", "status": "S"},
        ]},
        "subUnits": [{"partType": "Module", "pn": "ESP32", "sn": "M-1", "rev": ""}], "miscInfos": [{"description": "humidity", "text": "40"}], **more,
    }  # fmt: skip


def wsjf_repair(serial="SN1"):
    """A repair report of WATS: one failure on the unit."""
    return {
        "type": "R", "id": "r-2", "pn": "AB-100", "sn": serial, "rev": "A", "processCode": 500, "processName": "Repair", "result": "P", "machineName": "RW-1",
        "start": "2027-03-01T11:00:00+01:00", "uur": {"user": "046", "execTime": 600, "refUUT": "r-1", "comment": "resoldered"},
        "subUnits": [{"idx": 0, "pn": "AB-100", "sn": serial, "rev": "A", "failures": [{"category": "Solder", "code": "COLD_JOINT", "comRef": "R1", "comment": "pin 2", "artNumber": "R-10K", "refStepId": 2}]}],
    }  # fmt: skip


JUNIT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="fct" hostname="B9" timestamp="2027-03-01T08:00:00+00:00" time="12.5" tests="3" failures="1">
<properties><property name="serial" value="SN1"/><property name="plan" value="FCT"/><property name="plan_version" value="3"/></properties>
<testcase classname="power" name="rail" time="1.0"><properties><property name="vdd_3v3" value="3.31"/><property name="vdd_3v3.unit" value="V"/><property name="vdd_3v3.min" value="3.2"/><property name="vdd_3v3.max" value="3.4"/><property name="fw" value="1.4.2"/></properties></testcase>
<testcase classname="net" name="ping" time="0.5"><failure message="no answer">assert False</failure></testcase>
<testcase classname="net" name="ipv6" time="0"><skipped/></testcase>
</testsuite></testsuites>
"""

I3070 = """{@BATCH|AB-100|A|12|1||btest|B-77|045|ICT-1|ict.plan|7|||
{@BTEST|SN1|00|270301080000|000030|0|all||n|n|270301080030||1
{@BLOCK|r1|00
{@A-RES|0|+1.000000E+04{@LIM3|+1.000000E+04|+1.050000E+04|+9.500000E+03}}
}
{@BLOCK|vr1|00
{@A-MEA|0|+3.310000E+00|out{@LIM2|+3.400000E+00|+3.200000E+00}}
{@A-MEA|0|+1.200000E+01|in{@LIM2|+9.999999E+99|+1.100000E+01}}
}
{@TS|0|0|0|0|shorts
}
}
{@BTEST|SN2|08|270301080100|000030|0|all||n|n|270301080130||2
{@BLOCK|r1|07
{@A-RES|1|+2.000000E+04{@LIM3|+1.000000E+04|+1.050000E+04|+9.500000E+03}}
}
}}
"""

ATML = """<?xml version="1.0" encoding="utf-8"?>
<trc:TestResultsCollection xmlns:trc="urn:IEEE-1636.1:2011:01:TestResultsCollection" xmlns:tr="urn:IEEE-1636.1:2011:01:TestResults" xmlns:c="urn:IEEE-1671:2010:Common" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ts="www.ni.com/TestStand/ATMLTestResults/2.0">
<trc:TestResults uuid="u-1"><tr:Personnel><tr:SystemOperator ID="" name="045"/></tr:Personnel>
<tr:ResultSet ID="1" name="C:\\tests\\FCT.seq#MainSequence" startDateTime="2027-03-01T08:00:00+00:00" endDateTime="2027-03-01T08:00:30+00:00"><tr:Outcome value="Failed"/>
<tr:TestGroup ID="2" name="Power" callerName="Power"><tr:Outcome value="Failed"/>
<tr:Test ID="3" name="VDD_3V3"><tr:Outcome value="Passed"/><tr:TestResult ID="4" name="Numeric"><tr:Outcome value="Passed"/>
<tr:TestData><c:Datum xsi:type="ts:TS_double" nonStandardUnit="V" value="3.31"/></tr:TestData>
<tr:TestLimits><tr:Limits><c:LimitPair operator="AND"><c:Limit comparator="GE"><c:Datum xsi:type="ts:TS_double" nonStandardUnit="V" value="3.2"/></c:Limit><c:Limit comparator="LE"><c:Datum xsi:type="ts:TS_double" nonStandardUnit="V" value="3.4"/></c:Limit></c:LimitPair></tr:Limits></tr:TestLimits></tr:TestResult></tr:Test>
<tr:Test ID="5" name="IDD"><tr:Outcome value="Failed"/><tr:TestResult ID="6" name="Numeric"><tr:Outcome value="Failed"/>
<tr:TestData><c:Datum xsi:type="ts:TS_double" nonStandardUnit="uA" value="7.1"/></tr:TestData>
<tr:TestLimits><tr:Limits><c:SingleLimit comparator="LE"><c:Datum xsi:type="ts:TS_double" nonStandardUnit="uA" value="5"/></c:SingleLimit></tr:Limits></tr:TestLimits></tr:TestResult></tr:Test>
</tr:TestGroup>
<tr:Test ID="7" name="FW"><tr:Outcome value="Passed"/><tr:TestResult ID="8" name="String"><tr:Outcome value="Passed"/><tr:TestData><c:Datum xsi:type="ts:TS_string"><c:Value>1.4.2</c:Value></c:Datum></tr:TestData><tr:TestLimits><tr:Limits><c:Expected comparator="EQ"><c:Datum xsi:type="ts:TS_string"><c:Value>1.4.2</c:Value></c:Datum></c:Expected></tr:Limits></tr:TestLimits></tr:TestResult></tr:Test>
<tr:SessionAction ID="9" name="Clean up"><tr:ActionOutcome value="NotStarted" qualifier="Skipped"/></tr:SessionAction>
</tr:ResultSet>
<tr:TestStation><c:SerialNumber>ATE-2</c:SerialNumber></tr:TestStation>
<tr:UUT UutType="Software"><c:SerialNumber>SN1</c:SerialNumber><c:Definition><c:Identification><c:IdentificationNumbers><c:IdentificationNumber number="AB-100" type="Part"/></c:IdentificationNumbers></c:Identification></c:Definition></tr:UUT>
</trc:TestResults></trc:TestResultsCollection>
"""


def whole_files() -> dict[str, tuple[str, bytes]]:
    """Kind -> (a file name, a file that is right)."""
    return {
        "openhtf": ("SN1.json", json.dumps(openhtf()).encode()),
        "wsjf": ("r-1.json", json.dumps(wsjf()).encode()),
        "junit": ("junit.xml", JUNIT.encode()),
        "i3070": ("ict.log", I3070.encode()),
        "atml": ("fct.xml", ATML.encode()),
    }


def mutated(chance, whole: bytes) -> bytes:
    """The file with bytes changed, pieces cut out, doubled, or swapped for what is hard to read."""
    broken = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(broken) or 1)
        match chance.randrange(5):
            case 0:
                broken[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del broken[at : at + chance.randrange(1, 60)]
            case 2:
                broken[at:at] = broken[at : at + chance.randrange(1, 200)]
            case 3:
                broken[at : at + chance.randrange(4)] = chance.choice(
                    (b"NaN", b"1e999", b"null", b"\x00", b"\xed\xa0\x80", b"}", b"]", b"<", b"-1", b'""', b"9" * 50)
                )
            case 4:
                digits = [place for place, byte in enumerate(broken) if 48 <= byte <= 57]
                if digits:
                    broken[chance.choice(digits)] = chance.choice(b"0123456789-.e")
    return bytes(broken)
