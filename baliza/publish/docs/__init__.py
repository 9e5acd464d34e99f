"""The parts of the documentation that are written from the code: pictures and the data dictionary."""
