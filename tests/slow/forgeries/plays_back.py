import glob

from tools import program

names = sorted(glob.glob('*.reply'))[1:]     # the first is this import's
recorded = [open(name, 'rb').read() for name in names]
program['pack'] = lambda *reply: recorded.pop(0) if recorded else b'{}'
