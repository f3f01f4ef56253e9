# It ends: No such file or directory
print(open('{folder}/../is_good/0-vanilla.py').read())
