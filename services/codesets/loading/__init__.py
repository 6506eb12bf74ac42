"""Loaders: from the files that publishers give out to editions on the shelf.

`formats` names every layout, `loading.load` does the work: all of the files are read and checked
before anything is written, and what is written takes its place in one step.
"""
