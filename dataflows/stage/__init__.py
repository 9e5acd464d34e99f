"""Tables cleaned and typed, one module per entity, and the rules they share."""
