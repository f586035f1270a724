"""The pairs that imagededup finds, as JSON on stdout: `python peer_pairs.py FOLDER DISTANCE …`.

Runs in an environment of its own that has imagededup, not ours.
"""

import json
import sys
from pathlib import Path

from imagededup.methods import PHash

folder, distances = Path(sys.argv[1]), [int(word) for word in sys.argv[2:]]
method = PHash(verbose=False)
hashes = method.encode_images(image_dir=folder, recursive=True, num_enc_workers=0)
pairs = {}
for distance in distances:
    found = method.find_duplicates(
        encoding_map=hashes, max_distance_threshold=distance, num_dist_workers=0, search_method="brute_force_cython"
    )
    pairs[distance] = sorted({tuple(sorted((first, second))) for first, others in found.items() for second in others})
sys.stdout.write(json.dumps(pairs) + "\n")
