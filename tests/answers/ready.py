"""What each program that answers begins with: it is ready, and asked."""
import os
from multiprocessing.connection import Connection

connection = Connection(os.dup(0))
say = connection.send_bytes
say(b'{"shapes": []}\n')
connection.recv_bytes()
