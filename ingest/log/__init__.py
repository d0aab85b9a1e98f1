"""The event log: columns, commits and their hash chain, identity index, ledger, verification."""
