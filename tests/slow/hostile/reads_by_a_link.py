# It ends: No such file or directory
print(open('secret').read())
