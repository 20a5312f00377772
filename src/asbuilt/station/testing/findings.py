"""Findings: what a failed measurement is called in a record, and what whoever stands before the station does about it."""

# (function, measure) -> (reason, what to do)
FINDINGS = {
    ("programmed", "booted"): ("not_booted", "Program the unit at this station, then test it again."),
    ("programmed", "secure_boot"): ("secure_boot_not_shown", "Program the unit again; its plan tries a changed image on samples."),
    ("tls", "versions"): ("tls_version", "Turn the old version off in the unit's web server, then test it again."),
    ("tls", "least_strength"): ("tls_cipher", "Take the weak ciphers out of the unit's web server, then test it again."),
    ("certificate", "chain"): ("certificate_chain", "Give the unit a new certificate: program it again."),
    ("certificate", "as_given"): ("certificate_other", "Program the unit again; look where this certificate comes from."),
    ("certificate", "unique"): ("key_shared", "Hold both units: one key is on two devices. Program both again."),
    ("certificate", "days_left"): ("certificate_ends", "Give the unit a certificate that lasts: program it again."),
    ("certificate", "names_unit"): ("certificate_name", "Look whether the right unit is in the socket; program it again."),
    ("ssh", "policy"): ("ssh_policy", "Set the unit's SSH as its golden unit has it, then test it again."),
    ("ssh", "methods"): ("ssh_password", "Turn passwords off in the unit's SSH, then test it again."),
    ("ssh", "unique"): ("key_shared", "Hold both units: one key is on two devices. Program both again."),
    ("ports", "unexpected"): ("port_open", "Find which service opens it and turn it off, then test the unit again."),
    ("ports", "missing"): ("port_missing", "Find why its service does not run, then test the unit again."),
    ("udp_ports", "unexpected"): ("port_open", "Find which service opens it and turn it off, then test the unit again."),
    ("udp_ports", "missing"): ("port_missing", "Find why its service does not run, then test the unit again."),
    ("credentials", "accepted"): ("default_password", "Take the default password out of the firmware's image."),
    ("own_password", "works"): ("password_other", "Look which password the unit was given; program it again."),
    ("own_password", "needed"): ("password_not_asked", "Have the firmware mended: it lets everybody in."),
    ("own_password", "characters"): ("password_short", "Give the unit a longer password: program it again."),
    ("own_password", "unique"): ("password_shared", "Hold both units: one password is on two devices. Program both again."),
    ("version", "says"): ("version_says", "Program the unit again; look which image it starts."),
    ("version", "as_permitted"): ("version_says", "Program the unit again; look which image it starts."),
    ("round_trip", "returns"): ("encryption", "Set the unit aside: its encryption does not work."),
    ("round_trip", "hidden"): ("encryption", "Set the unit aside: its encryption does not work."),
    ("round_trip", "fresh"): ("encryption", "Set the unit aside: its encryption does not work."),
    ("round_trip", "tamper_refused"): ("encryption", "Set the unit aside: its encryption does not work."),
    ("debug", "locked"): ("debug_open", "Lock the unit's debug interface: program it again with its lock."),
    ("silent", "silent"): ("diagnostic_open", "Turn the diagnostic port off in the firmware's image."),
    ("console", ""): ("device_test", "Look at what the unit measured; repair it, then test it again."),
    ("file", ""): ("file_result", "Look at what the tester measured; repair the unit, then test it again."),
    ("picture", "taken"): ("picture_missing", "Take the picture again."),
}  # fmt: skip
ERRORS = {
    "tool_missing": "Install the tool; it stands in the station's documentation.",
    "rights_missing": "Give the tool the right; how stands in the station's documentation.",
    "timeout": "Look whether the unit hangs; put it into the socket again.",
    "no_answer": "Look at power and cable of the unit; put it into the socket again.",
    "no_network": "Give the socket its address in station.json.",
    "no_folder": "Give the socket its folder in station.json.",
    "no_password": "Look where the unit's password comes from: its console, or the file of whoever made it.",
    "plan_wrong": "Have the test plan mended: a new version, approved.",
    "file_used": "Have the unit tested again by its tester: this result was taken before.",
}
OTHERWISE = "Put the unit into the socket again; if it stays so, call an engineer."


def finding(uses: str, measure: str) -> tuple[str, str]:
    """(reason, what to do) of a measurement that failed."""
    found = (
        FINDINGS.get((uses, measure)) or FINDINGS.get((uses, "")) or ("limit", "Repair the unit, then test it again.")
    )
    return found[0], found[1]


def to_do(reason: str) -> str:
    """What to do about a run that could not be carried out."""
    return ERRORS.get(reason, OTHERWISE)
