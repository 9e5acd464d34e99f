"""A server of the Model Context Protocol: models ask a published file, and are told what it does not know.

server    the tools and resources, as clients see them
tools     what each tool is asked, and what it answers
questions the SQL of the questions people ask most
resources the dictionary of the tables
answers   what goes with every answer: the snapshot, the coverage, the caveats
published which state of the file is read
sandbox   a process that runs queries, and is ended when it does not end
worker    that process: the file without its CPFs, and nothing else of the machine
masked    the tables as a query sees them
statement what a query may be, decided on the tree DuckDB parses
functions what a query may call
"""
