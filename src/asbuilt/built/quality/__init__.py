"""Quality: what tests and inspections said, what is not as it should be, whether a process is what it was.

Nouns: test run, defect, concession, nonconformity, cause, disposition, action, effectiveness check, control chart, yield. Verbs: record test
runs, propose and decide concessions; raise, work on, decide about and close nonconformities. It refuses legal deadlines, and a disposition that
only one person, or only the EMS where the manufacturer is another party, wants.
"""
