"""What every test needs before TensorFlow and Matplotlib are imported."""
import os
import pathlib
import sys

os.environ['MPLBACKEND'] = 'Agg'        # no windows, wherever the tests run
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import lab  # noqa: E402,F401, for the environment that it sets
