# It ends: BlockingIOError
import os
import time

for _ in range(500):
    if not os.fork():
        time.sleep(1000)
