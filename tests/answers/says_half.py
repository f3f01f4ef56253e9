# no answer within 2 seconds
import os
from ready import connection

os.write(0, bytes([0, 0, 0, 9]) + b'half')
connection.recv_bytes()
