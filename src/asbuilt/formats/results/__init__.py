"""Test results of foreign testers: one file a format, pure. What is read is a `Result` or a `Repair`, whatever wrote it.

    openhtf   OpenHTF test records, JSON             wsjf     WATS Standard JSON Format, tests and repairs
    junit     JUnit XML                              i3070    Keysight i3070 log records
    atml      ATML test results (IEEE 1636.1), XML

Reading is all or nothing a file: every wrong record is named by file, record and field. It opens no entity, no link, no pickle.
"""
