# no answer within 2 seconds
import os
import ready
import time

pid = os.fork()
if not pid:
    os.setsid()
    time.sleep(1000)
with open(__file__ + '.pid', 'w') as file:
    file.write(str(pid))
os._exit(4)
