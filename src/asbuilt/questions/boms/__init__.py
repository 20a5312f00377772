"""As-built BOMs: the hardware and software of one unit, one order or one shipment as the record has them, as one document.

Nouns: as-built BOM, what it is of (a unit, an order, a shipment), reader (house, customer, public: what is left out for whom), gap.
Verbs: describe one, write it in a form, sign it. It is made of the record alone: nothing is looked up in the design to fill a hole,
a candidate is named as a candidate, and what nobody recorded stands as unrecorded. It refuses what is too large for one document.
"""
