"""The ledger's signer: keeps the keys, believes nobody, and signs what it computed itself."""
