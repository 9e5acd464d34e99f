"""Tables that answer a question, one module per question."""
