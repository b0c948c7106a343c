"""A folder of the user's own pictures.

image_folder.py     ImageFolder, the data module
picture_files.py    finds the files
folder_layout.py    tells their parts and classes from the folders they lie in
reader.py           one file as an array
decoding.py         many at once
picture_cache.py    keeps them decoded, in a file that is mapped into memory
"""
