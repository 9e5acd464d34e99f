"""What differs between two files, or between two states of one."""
