"""Tables: rows are examples.

table.py            Table, the data module of the user's own; scikit_tables.py those of scikit-learn
table_files.py      reads .csv, .tsv and .parquet
doubts.py           what may not be what it seems
columns.py          which columns are numbers, categories, labels
features.py         what they become: standardised numbers and one-hot categories
"""
