"""Programmers: one small protocol over the tools that write parts.

A tool's word is never proof: it must end with 0 and say its phrase, and what was written is read back and hashed by us.
No builder of a command can make a force flag; a text that no table knows is a failure.
"""
