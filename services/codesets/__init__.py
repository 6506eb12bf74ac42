"""The code sets and the engines that read them, by date: ICD-10-CM, MCE, MS-DRG, POA-exempt.

Pure but for two things it may read: the data files inside an installed package, and a cache file
whose folder is handed in. Nothing here knows the environment. `library.CodeSets` is what the line
holds; every table in it says which dates it covers, and outside them it has no answer.
"""
