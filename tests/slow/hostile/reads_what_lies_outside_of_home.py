# It ends: No such file or directory
print(open('{root}/README.md').read())
