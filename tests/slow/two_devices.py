"""Task 0's main where it finds two devices: the processor, twice."""
import sys

import lab
import tensorflow as tf

cpu, = tf.config.list_physical_devices('CPU')
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from lab import devices, training       # noqa: E402, they compute

two = tf.distribute.MirroredStrategy(['cpu:0', 'cpu:1'])
devices.strategy = lambda: two
training.several_devices = devices.several_devices = lambda: True
lab.run(lambda: __import__('0-main').main(sys.argv[1:]))
