"""`python -m core VERB`: Specimen from a shell."""

import os
import sys

from core.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], environ=os.environ))
