"""Whether a package or a part is what a record of a feed speaks of: pure, one answer of yes, no and unsure, with its grounds.

cpe_names    CPE 2.3 names and how two of them relate
trees        applicability trees: AND, OR, negate over criteria
subjects     what is matched, and the keys under which criteria of it are found
judging      one record against one subject: a judgement, or none
parts        hardware: maker and part number, lot, date code, silicon revision
"""
