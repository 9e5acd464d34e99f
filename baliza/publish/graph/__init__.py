"""Pictures of the dataflow: which table is made from which, and what a file says of each."""
