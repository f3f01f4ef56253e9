# It ends: No such file or directory
import socket

socket.socket(socket.AF_UNIX).connect('{socket}')
