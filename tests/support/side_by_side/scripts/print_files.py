"""Print the files of a folder whose names fit a pattern: print_files.py FOLDER PATTERN."""

import sys
from pathlib import Path

for file in sorted(Path(sys.argv[1]).glob(sys.argv[2])):
    sys.stdout.write(file.read_text())
