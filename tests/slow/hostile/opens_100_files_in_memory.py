# It ends: Too many open files
import os

x = [os.memfd_create('x') for _ in range(100)]
