"""The signer: holds the tier keys, and signs blinded values for the roll.

It has files and a Unix socket, and nothing else: no database, no broker, no port.
"""
