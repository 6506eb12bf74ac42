"""What stages say to each other: small frozen facts that carry ids, never patient data.

Read `path.py` first. This package imports nothing else of Chartline.
"""
