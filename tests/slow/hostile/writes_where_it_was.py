# It ends: No such file or directory
open('{folder}/left', 'w')
