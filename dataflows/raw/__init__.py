"""Tables as PNCP publishes them, one module per entity."""
