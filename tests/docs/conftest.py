"""Scripts of docs/ are imported from the root of the project, where ``python -m`` finds them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
