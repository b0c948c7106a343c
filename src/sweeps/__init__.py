"""Many runs by one command: what a sweep leaves behind, how it goes on, and what its jobs need to do only once.

callback.py  Beginning: Hydra's call when a sweep begins; writes down what is to be run
composing.py each job's config composed once
folder.py    SweepFolder: a sweep's folder and the jobs in it
resuming.py  `resume_sweep=<folder>`: the command that goes on with it, and what is left to do of each job
trusted.py   which settings of a folder's own command are taken from there
metric.py    `optimized_metric`: the figure that a search reads off each run
shared.py    data loaded and PCA fitted once for all jobs of a process
table.py     the table at the end, and sweep.csv
ending.py    what is told when a sweep ends, however it ends
"""
