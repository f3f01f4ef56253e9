# It ends: MemoryError
x = bytearray(30 * 2**30)
