# It ends: it sent what is no answer
import os

for file in range(3, 20):
    try:
        while True:
            os.write(file, b'x' * 9999)
    except OSError:
        pass
