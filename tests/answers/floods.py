# it sent what is no answer
import os
import ready

while True:
    os.write(0, b'x' * 9999)
