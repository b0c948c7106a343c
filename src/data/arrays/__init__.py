"""The user's own arrays.

arrays.py           Arrays, the data module
array_files.py      reads .npy, .npz and .pt without unpickling
array_names.py      which of several arrays are examples, labels, and of which part
layouts.py          which axis is what
labels.py           classes as numbers from 0
finite.py           where values are missing or infinite
scaling.py          how values come to the data's range
"""
