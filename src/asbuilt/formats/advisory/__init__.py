"""Advisories: what feeds say of vulnerabilities, read into one form (records.Advisory), pure.

    reading.read_advisories(stream, kind) -> Advisory | BrokenRecord …     streaming; a broken record never stops the rest
    splitting                                a feed's document -> its records, each with its exact bytes
    osv nvd cve5 kev epss euvd csaf openvex cyclonedx own     one record -> what it says

What a record says in a form that cannot be compared is kept and noted, never dropped: silence would look like safety.
Refused: a record without an id, of the wrong build, or past a limit; its bytes are kept by whoever reads the feed.
"""
