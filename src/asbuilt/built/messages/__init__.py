"""Messages: what machines say by themselves, in CFX, written into the record once each.

Nouns: message, machine (as messages name it), pass (a machine at work on a panel), group (messages recorded together),
dead letter (a message that could not be recorded, with the cause). Verbs: record a group, import a file or folder of
messages, retry dead letters, name a machine.

A message is known by its UniqueID and does nothing twice. A group is of one room: one transaction, one entry, one
compressed segment of evidence; it is acknowledged after that. A machine is never refused a contradiction: what it says is
recorded as far as it can be, and a person settles the rest. What nothing reads is kept and counted.
"""
