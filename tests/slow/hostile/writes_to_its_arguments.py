# It ends: OSError: [Errno 30] Read-only
import sys

for name in sys.argv:
    open(name, 'w').write('{}')
