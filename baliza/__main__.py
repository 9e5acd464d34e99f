"""`python -m baliza`, the same as `baliza`."""

from baliza.cli.app import main

main()
