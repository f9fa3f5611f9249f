"""Print a file, or the files of a folder: print_files.py PATH."""

import sys
from pathlib import Path

path = Path(sys.argv[1])
for file in [path] if path.is_file() else sorted(path.iterdir()):
    sys.stdout.write(file.read_text())
