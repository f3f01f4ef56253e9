# It ends: {home}/left'
open('{home}/left', 'w')
