"""A fake PNCP on loopback: invented records, served as the real API serves them, faults included."""
