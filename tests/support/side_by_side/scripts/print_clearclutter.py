"""Print the files of each group in a library of clearclutter: print_clearclutter.py DATABASE."""

import sqlite3
import sys
from contextlib import closing

SQL = """SELECT group_concat(path, ' ') FROM group_members JOIN files ON files.id = file_id
         GROUP BY group_id HAVING count(*) > 1"""

with closing(sqlite3.connect(sys.argv[1])) as database:
    for (paths,) in database.execute(SQL):
        sys.stdout.write(f"{paths}\n")
