# It ends: Cannot allocate memory
import mmap

mmap.mmap(-1, 30 * 2**30)
