"""What people download of a release: its dumps and tables, and what each file is.

`plan` says which files there are to be, `work` has them written, here or in processes beside,
and `listing` tells of each what it is.
"""
