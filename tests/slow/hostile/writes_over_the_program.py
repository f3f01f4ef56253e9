# It ends: OSError: [Errno 30
open('{root}/grader/answer.py', 'w')
