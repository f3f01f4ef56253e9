# It ends: No space left on device
for i in range(50):
    open(f'/tmp/{i}', 'wb').write(b'x' * 10**8)
