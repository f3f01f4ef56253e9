"""What the four mains share."""
import os
import sys

# TensorFlow reads these when it is first imported, so they are set before.
# oneDNN's convolutions are twice as fast, also where TensorFlow leaves it off.
os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '1')
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')     # no start-up chatter


def run(main):
    """Call `main()`; let Ctrl-C end it with one line and exit status 130."""
    try:
        main()
    except KeyboardInterrupt:
        print('\ninterrupted: the same command goes on after the last '
              'finished epoch', file=sys.stderr)
        sys.exit(130)
