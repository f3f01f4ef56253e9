"""Grade solutions of the four tasks: `python -m grader DIR`.

`ask` starts a process in a sandbox and asks it, `answer` is the program there,
which imports the solution, and `judge` compares what it answers with NumPy.
"""
