"""What the example factory builds: the BOM lines of MB-200, RB-50 and EG-200, written as an engineer writes them.

One line of a list is one BOM line: part | description | designators | MPN@maker, alternates after `;` | package kind |
pieces a package | MSL | side. Designators `C1-C40` are a run of names; an empty cell is a position of its own (`#LINE`)
and the cell `*4` one that takes four pieces. Side: top, bottom, hand (placed by hand), box (put in at box build). The
makers and MPNs are real; the boards are not.
"""

import re
from typing import NamedTuple

MB_SHARED = """
CAP-100N-0402|100 nF 16 V X7R 0402|C1-C40|GRM155R71C104KA88D@Murata;CC0402KRX7R7BB104@Yageo|reel|10000|1|top
CAP-10N-0402|Capacitor 10 nF 50 V X7R 0402|C41-C48|GRM155R71H103KA88D@Murata;CC0402KRX7R9BB103@Yageo|reel|10000|1|top
CAP-1U-0402|Capacitor 1 uF 10 V X5R 0402|C49-C58|GRM155R61A105KE15D@Murata;C1005X5R1A105K050BB@TDK|reel|10000|1|top
CAP-4U7-0603|Capacitor 4.7 uF 25 V X5R 0603|C59-C64|GRM188R61E475KE11D@Murata|reel|4000|1|top
CAP-10U-0805|Capacitor 10 uF 25 V X5R 0805|C65-C72|GRM21BR61E106KA73L@Murata;C2012X5R1E106K125AB@TDK|reel|3000|1|bottom
CAP-22U-1206|Capacitor 22 uF 25 V X5R 1206|C73-C76|GRM31CR61E226KE15L@Murata|reel|2000|1|bottom
CAP-12P-0402|Capacitor 12 pF 50 V C0G 0402|C77-C80|GRM1555C1H120JA01D@Murata|reel|10000|1|top
CAP-1N-0402|Capacitor 1 nF 50 V X7R 0402|C81-C84|CC0402KRX7R9BB102@Yageo;GRM155R71H102KA01D@Murata|reel|10000|1|top
CAP-100U-POLY|Capacitor 100 uF 6.3 V polymer 3528|C85-C86|T520B107M006ATE040@KEMET|reel|2000|3|bottom
CAP-1N-2KV|Capacitor 1 nF 2 kV X7R 1206|C87|GRM31BR73D102KW01L@Murata|reel|3000|1|top
CAP-220N-0603|Capacitor 220 nF 25 V X7R 0603|C88-C89|GRM188R71E224KA88D@Murata|reel|4000|1|top
CAP-100U-ELKO|Capacitor 100 uF 35 V radial|C90|EEU-FR1V101@Panasonic|bag|500||hand
RES-10K-0402|Resistor 10 kOhm 1 % 0402|R1-R11 R13-R16|RC0402FR-0710KL@Yageo;ERJ-2RKF1002X@Panasonic|reel|10000|1|top
RES-12K1-0603|Resistor 12.1 kOhm 0.1 % 0603|R12|ERA-3AEB1212V@Panasonic;RT0603BRD0712K1L@Yageo|reel|1500|1|top
RES-4K7-0402|Resistor 4.7 kOhm 1 % 0402|R17-R22|RC0402FR-074K7L@Yageo;ERJ-2RKF4701X@Panasonic|reel|10000|1|top
RES-1K-0402|Resistor 1 kOhm 1 % 0402|R23-R28|RC0402FR-071KL@Yageo|reel|10000|1|top
RES-33R-0402|Resistor 33 Ohm 1 % 0402|R29-R36|RC0402FR-0733RL@Yageo|reel|10000|1|top
RES-49R9-0402|Resistor 49.9 Ohm 1 % 0402|R37-R40|RC0402FR-0749R9L@Yageo|reel|10000|1|top
RES-0R-0402|Resistor 0 Ohm 0402|R41-R44|RC0402JR-070RL@Yageo|reel|10000|1|bottom
RES-100R-0402|Resistor 100 Ohm 1 % 0402|R45-R48|RC0402FR-07100RL@Yageo|reel|10000|1|top
RES-100K-0402|Resistor 100 kOhm 1 % 0402|R49-R52|RC0402FR-07100KL@Yageo|reel|10000|1|top
RES-2K2-0402|Resistor 2.2 kOhm 1 % 0402|R53-R54|RC0402FR-072K2L@Yageo|reel|10000|1|top
RES-120R-0603|Resistor 120 Ohm 1 % 0603, bus end|R55-R56|RC0603FR-07120RL@Yageo|reel|5000|1|top
RES-10MR-2010|Shunt 10 mOhm 1 % 2010|R57|WSL2010R0100FEA@Vishay|reel|4000|1|bottom
RES-330R-0402|Resistor 330 Ohm 1 % 0402|R58-R60|RC0402FR-07330RL@Yageo|reel|10000|1|top
RES-1M-0402|Resistor 1 MOhm 1 % 0402|R61|RC0402FR-071ML@Yageo|reel|10000|1|top
IND-10U|Inductor 10 uH 7332|L1|7447789100@Würth Elektronik|reel|1000|1|bottom
IND-4U7|Inductor 4.7 uH 7332|L2|7447789004@Würth Elektronik|reel|1000|1|bottom
FB-600R-0603|Ferrite bead 600 Ohm 0603|FB1-FB4|BLM18KG601SN1D@Murata;MPZ1608S601ATA00@TDK|reel|4000|1|top
IC-STM32H743|Microcontroller Cortex-M7 480 MHz LQFP100|U1|STM32H743VIT6@STMicroelectronics|tray|540|3|top
IC-NOR-128M|NOR flash 128 Mbit SOIC-8|U2|W25Q128JVSIQ@Winbond|tube|900|3|top
IC-SDRAM-64M|SDRAM 64 Mbit TSOP-54|U3|AS4C4M16SA-7TCN@Alliance Memory|tray|1080|3|top
IC-BUCK-3A|Step-down converter 3 A VQFN-16|U4|TPS62130RGTR@Texas Instruments|reel|3000|2|bottom
IC-LDO-3V3|LDO 3.3 V 300 mA SOT-23-5|U6|TPS7A2033PDBVR@Texas Instruments|reel|3000|1|top
IC-SE-608B|Secure element ECC P-256 SOIC-8|U7|ATECC608B-SSHDA-T@Microchip|reel|1000|3|top
IC-CAN-ISO|Isolated CAN transceiver SOP-8|U8|ISO1050DUBR@Texas Instruments|reel|2500|3|top
IC-RS485|RS-485 transceiver SOIC-8|U9|THVD1450DR@Texas Instruments|reel|2500|1|top
IC-RESET-2V93|Supervisor 2.93 V SOT-23|U10|TLV803SDBZR@Texas Instruments|reel|3000|1|top
IC-EUI48|EEPROM with EUI-48 SOT-23-5|U11|24AA025E48T-I/OT@Microchip|reel|3000|1|top
IC-INA219|Current monitor SOIC-8|U12|INA219AIDR@Texas Instruments|reel|2500|2|bottom
FET-BSS138|MOSFET N 50 V SOT-23|Q1-Q3|BSS138LT1G@onsemi;BSS138P,215@Nexperia|reel|3000|1|top
TVS-33V|TVS diode 33 V SMB|D1|SMBJ33A@Littelfuse;SMBJ33A-E3/52@Vishay|reel|3000|1|bottom
ESD-USB|ESD array SOT-553|D2-D3|TPD2E001DRLR@Texas Instruments|reel|4000|1|top
LED-GREEN-0603|LED green 0603|D4-D6|150060GS75000@Würth Elektronik|reel|3000|3|top
DIO-BAT54S|Schottky pair SOT-23|D7-D8|BAT54SLT1G@onsemi;BAT54S,215@Nexperia|reel|3000|1|top
DIO-SS34|Schottky diode 3 A 40 V SMC|D9|SS34-E3/57T@Vishay|reel|850|1|bottom
XTAL-25M|Crystal 25 MHz 3225|Y1|ABM8-25.000MHZ-B2-T@Abracon|reel|1000|1|top
XTAL-32K|Crystal 32.768 kHz 3215|Y2|ABS07-32.768KHZ-T@Abracon;FC-135 32.7680KA-A3@Epson|reel|3000|1|top
CON-RJ45|RJ45 jack with magnetics|J1|7499010211A@Würth Elektronik|tray|400||hand
CON-PWR-2P|Header 2-pin 5.08 mm|J2|1757242@Phoenix Contact|box|250||hand
CON-B2B-60|Board-to-board receptacle 60-pin|J3|FX8C-60S-SV@Hirose|reel|800|1|top
CON-SD|microSD socket|J4|503398-1892@Molex|reel|1400|1|bottom
CON-USBC|USB-C receptacle|J6|USB4105-GF-A@GCT|reel|1000|1|top
SW-TACT|Tact switch|SW1|SKRPABE010@Alps Alpine|reel|3500|1|top
FUSE-PTC-1A1|Resettable fuse 1.1 A 1812|F1|1812L110/33MR@Littelfuse;MF-MSMF110/16-2@Bourns|reel|1500|1|bottom
BAT-HOLDER|Coin cell holder 20 mm|BT1|3034@Keystone|reel|450||bottom
LABEL-MB|Label polyimide 20 x 7 mm with DataMatrix||THT-17-423-10@Brady|reel|5000||hand
"""

MB_A = """
PCB-MB200-A|Bare board MB-200 rev A, 6 layers||MB200-A-6L@KSG|box|400||top
IC-PHY-LAN8720|Ethernet PHY QFN-24|U5|LAN8720AI-CP-TR@Microchip|reel|1500|3|top
"""

MB_B = """
PCB-MB200-B|Bare board MB-200 rev B, 6 layers||MB200-B-6L@KSG;MB200-B-6L@AT&S|box|400||top
IC-PHY-KSZ8081|Ethernet PHY QFN-24|U5|KSZ8081RNAIA-TR@Microchip|reel|1500|3|top
"""

RB = """
PCB-RB50-A|Bare board RB-50 rev A, 4 layers||RB50-A-4L@KSG|box|600||top
CAP-100N-0402|100 nF 16 V X7R 0402|C1-C12|GRM155R71C104KA88D@Murata;CC0402KRX7R7BB104@Yageo|reel|10000|1|top
CAP-1U-0402|Capacitor 1 uF 10 V X5R 0402|C13-C16|GRM155R61A105KE15D@Murata;C1005X5R1A105K050BB@TDK|reel|10000|1|top
CAP-12P-0402|Capacitor 12 pF 50 V C0G 0402|C17-C20|GRM1555C1H120JA01D@Murata|reel|10000|1|top
CAP-1P8-0402|Capacitor 1.8 pF 50 V C0G 0402|C21-C23|GRM1555C1H1R8CA01D@Murata|reel|10000|1|top
CAP-47P-0402|Capacitor 47 pF 50 V C0G 0402|C24-C25|GRM1555C1H470JA01D@Murata|reel|10000|1|top
CAP-4U7-0603|Capacitor 4.7 uF 25 V X5R 0603|C26-C27|GRM188R61E475KE11D@Murata|reel|4000|1|top
RES-10K-0402|Resistor 10 kOhm 1 % 0402|R1-R4|RC0402FR-0710KL@Yageo;ERJ-2RKF1002X@Panasonic|reel|10000|1|top
RES-0R-0402|Resistor 0 Ohm 0402|R5-R7|RC0402JR-070RL@Yageo|reel|10000|1|top
RES-100R-0402|Resistor 100 Ohm 1 % 0402|R8-R9|RC0402FR-07100RL@Yageo|reel|10000|1|top
IND-15N-0402|Inductor 15 nH 0402|L1-L2|LQG15HS15NJ02D@Murata|reel|10000|1|top
IND-3N9-0402|Inductor 3.9 nH 0402|L3-L5|LQG15HS3N9S02D@Murata|reel|10000|1|top
IND-10U-0603|Inductor 10 uH 0603|L6|MLZ1608M100WT000@TDK|reel|4000|1|top
FB-600R-0603|Ferrite bead 600 Ohm 0603|FB1|BLM18KG601SN1D@Murata;MPZ1608S601ATA00@TDK|reel|4000|1|top
IC-NRF52840|Bluetooth and 802.15.4 SoC aQFN-73|U1|nRF52840-QIAA-R7@Nordic Semiconductor|reel|800|3|top
IC-SX1262|LoRa transceiver QFN-24|U2|SX1262IMLTRT@Semtech|reel|3000|1|top
IC-RFSW|RF switch SC-70|U3|PE4259-63@pSemi|reel|3000|1|top
IC-LDO-3V3|LDO 3.3 V 300 mA SOT-23-5|U4|TPS7A2033PDBVR@Texas Instruments|reel|3000|1|top
XTAL-32M|Crystal 32 MHz 2016|Y1|NX2016SA-32M-EXS00A-CS06465@NDK|reel|3000|1|top
TCXO-32M|TCXO 32 MHz 2016|Y2|NT2016SA-32M-END4263A@NDK|reel|2000|1|top
XTAL-32K|Crystal 32.768 kHz 3215|Y3|ABS07-32.768KHZ-T@Abracon;FC-135 32.7680KA-A3@Epson|reel|3000|1|top
CON-UFL|Coaxial receptacle U.FL|J1-J2|U.FL-R-SMT-1(10)@Hirose|reel|2000|1|top
CON-B2B-60P|Board-to-board header 60-pin|J3|FX8C-60P-SV@Hirose|reel|800|1|top
SHIELD-RF|RF shield can 20 x 20 mm|SH1|36103205@Würth Elektronik|tray|500||top
LABEL-RB|Label polyimide 12 x 4 mm with DataMatrix||THT-1-423-10@Brady|reel|10000||hand
"""

EG = """
ENC-EG200|Enclosure ABS V-0, grey, DIN rail||EG200-ENC-7035@Bopla|box|100||box
PSU-24V-1A|Power supply 24 V 1 A DIN rail||HDR-30-24@Mean Well;DRC-24V30W1AZ@Delta Electronics|box|50||box
LABEL-EG|Type label with serial number and CE mark||THT-59-428@Brady|reel|2000||box
SCREW-M3X8|Screw M3 x 8 Torx A2|*4|0146 3 8@Würth|box|1000||box
ANT-868|Antenna 868 MHz SMA||ANT-868-CW-HW-SMA@Linx|bag|250||box
CABLE-UFL-SMA|Cable U.FL to SMA 100 mm||336314-12-0100@Amphenol RF|bag|250||box
CLIP-DIN|DIN rail clip||EG200-CLIP@Bopla|bag|500||box
CARTON-EG|Carton with leaflet||EG200-CTN@Smurfit Kappa|box|200||box
"""


class BomLine(NamedTuple):
    """One BOM line: `makers` are (MPN, maker) pairs, the first preferred; `refdes` is empty for a `#LINE` position."""

    line: str
    part: str
    description: str
    refdes: list[str]
    quantity: int
    makers: list[tuple[str, str]]
    kind: str
    pieces: int
    msl: str
    side: str

    @property
    def position(self) -> str:
        """The cell of materials.csv: the designators, blank-separated, or `#LINE`."""
        return " ".join(self.refdes) or f"#{self.line}"


def designators(cell: str) -> list[str]:
    """`C1-C3 R7` -> C1 C2 C3 R7."""
    names = []
    for word in cell.split():
        run = re.fullmatch(r"([A-Z]+)(\d+)-\1(\d+)", word)
        names += [f"{run[1]}{n}" for n in range(int(run[2]), int(run[3]) + 1)] if run else [word]
    return names


def bom(*texts: str) -> list[BomLine]:
    """The lines of one BOM, numbered 10, 20, 30 … in the order written."""
    lines = []
    for row in filter(None, "".join(texts).split("\n")):
        part, description, cell, makers, kind, pieces, msl, side = row.split("|")
        names = [] if cell.startswith("*") else designators(cell)
        quantity = int(cell[1:]) if cell.startswith("*") else max(1, len(names))
        pairs = [tuple(maker.rsplit("@", 1)) for maker in makers.split(";")]
        number = str(10 * (len(lines) + 1))
        lines.append(BomLine(number, part, description, names, quantity, pairs, kind, int(pieces), msl, side))
    return lines


BOMS = {
    ("MB-200", "A", "3"): bom(MB_A, MB_SHARED),
    ("MB-200", "B", "4"): bom(MB_B, MB_SHARED),
    ("RB-50", "A", "1"): bom(RB),
    ("EG-200", "B", "2"): bom(EG),
}
