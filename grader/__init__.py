"""Grade solutions of the four tasks: `python -m grader DIR`.

`ask` starts a process in a sandbox and asks it, `answer` is the program there,
which imports the solution, and `judge` compares what it answers with NumPy.
"""
import os

# NumPy reads it when it is first imported: as many tasks as there are cores
# are judged at once.
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
