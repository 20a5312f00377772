"""CFX: what machines of an electronics line say, read and written. Standard: IPC-2591 (CFX), version 2.1.

    for piece in split(payload):            one envelope, or each of an array; gzip is known by its first bytes
        envelope = read_envelope(piece)     who said what, when, under which id
        said = read_body(envelope)          a dataclass of `bodies`, or None: a message that nothing here reads

`envelope` opens payloads, `values` reads the types of .NET inside them, `bodies` the messages about work and material,
`records` those about tests, repairs and packages, `readings` turns process data into numbers by name, `writing` makes
envelopes. All of it is pure, and all of it refuses with Invalid `cfx.…`, which says where and what.

What is not read is not lost: the bytes are kept by whoever received them.
"""
