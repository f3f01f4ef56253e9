# It is graded.
import os

assert 'TOKEN' not in os.environ
try:
    assert b'TOKEN' not in open('/proc/1/environ', 'rb').read()
except PermissionError:         # bubblewrap's own, where root began it
    pass
