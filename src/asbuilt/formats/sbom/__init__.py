"""SBOM documents as other people write them: read into one form, their bytes never rewritten.

    read.read_sbom(content, limits=Limits())  ->  SbomDocument, or Invalid with the place

One reader a format, each checked by the official schema where a locked package carries it. What the one form has no place
for is named in `unread` and stays in the bytes. A file that its schema admits is taken in, whatever it leaves out.
"""
