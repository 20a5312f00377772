"""Tokens: keys that never leave a PKCS#11 token, for whoever signs: release signers, issuers, brand owners, a station's line.

Nouns: token, key by its URI, PIN. Verbs: sign, encrypt, decrypt. No database, no network, no Django: the server's rooms, the
command line and the station stand on it alike.
Refused: a PIN in a URI, a key that the token does not hold once, a token that is away.
"""
