# it sent what is no answer
import os
import ready
import time

os.closerange(0, 99)
time.sleep(1000)
