"""The contract: structs, codes, rows, identities. Imports nothing of ours."""

__version__ = "0.1.0"
