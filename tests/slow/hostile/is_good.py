# It is graded.
