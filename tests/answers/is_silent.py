# no answer within 2 seconds
from ready import connection

connection.recv_bytes()
