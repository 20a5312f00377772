"""Kernel: the words and rules that everything else stands on, the station too.

Pure: no input or output, no clock, no framework; time and randomness come in as arguments.

    errors        what may be refused, and how it is said
    identifiers   ULIDs
    instants      UTC microseconds and their text
    spans         unit sets on the unit axis
    canonical     the one byte form of an entry and of a row
    merkle        the tree over entries and over rows
    tiles         the same tree, kept in blocks of 256 hashes
    commitments   salted hashes, so that a proof shows nothing of its neighbours
    keys          Ed25519, X25519 and P-256 keys
    notes         signed checkpoints
    envelope      signed documents
    trust         whose keys count for what, version after version
    trust_drafts  the next version of a trust store, from a plain description
    releases      signed statements about firmware images
    sealing       bytes for the holder of one key
    certificates  what a stranger checks with a public key alone
    documents     strict readers for signed documents
    permits       grants, permits, end certificates
    plans         how a unit is programmed, and what proves it
    measures      units of measure, exact decimals, what compares with what
    test_plans    what is measured on a unit, and what each step proves
    planned_runs  how a station carries a test plan out: runs, functions, golden units, fixtures
    test_records  what a station signs of a test, and what a PASS must bring
    station_documents  bulletins, programming records, receipts
"""
