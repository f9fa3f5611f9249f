"""Print the groups that czkawka finds in a folder: with_czkawka.py FOLDER, run by its own Python."""

import sys
from pathlib import Path

from czkawka import ImageSimilarity

finder = ImageSimilarity()
finder.set_directories([Path(sys.argv[1])])
finder.set_similarity(10)
sys.stdout.write(f"{finder.find_similar()}\n")
