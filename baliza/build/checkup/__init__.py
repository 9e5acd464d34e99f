"""What is wrong with a file and its surroundings, and the command that mends each: `baliza doctor`.

finding    what one look found
around     the versions, the configuration, the disk
file       the file: whether it can be read, who holds it, what killed runs left beside it
holding    what the file says of itself: its last build, its coverage
reaching   PNCP, and the clock
"""
