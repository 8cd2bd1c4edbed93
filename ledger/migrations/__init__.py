"""The ledger's schema over time. Forward only; `flask ledger migrate` runs what is missing."""
