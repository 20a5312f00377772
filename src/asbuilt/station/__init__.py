"""The station: the agent that programs units, at the programming place, also without a network.

It knows kernel and formats only, no Django: what it obeys (permits, plans, bulletins) is signed, what it says (records,
end certificates) it signs. Nouns: ledger, anchor, socket, programmer, cycle, lock-out, alarm, outbox.
Verbs: enrol, take in, start, program, release an alarm, close, exchange.
Refused: to start on a ledger that was cut, edited or rolled back; a unit while an alarm stands; whatever no permit allows.
"""
