"""The ledgers of other migration tools, and which of our migrations they record as applied. Pure: no I/O."""
