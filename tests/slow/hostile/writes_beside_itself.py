# It is graded.
open(__file__ + '.left', 'w')
