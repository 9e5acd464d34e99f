"""A fake PNCP on loopback: invented contracts, served as the real API serves them, faults included."""
