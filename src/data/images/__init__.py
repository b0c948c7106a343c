"""Sets of images that ship with a library, are downloaded or are made on the spot.

digits.py patches.py    scikit-learn's digits, and patches of its photographs; whitening.py takes their correlation away
synthetic.py            shapes with known factors; shapes.py draws them
mnist.py colour.py      what torchvision downloads (downloaded.py); idx.py reads and checks MNIST's kind of file
"""
