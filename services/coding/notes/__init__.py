"""Reading notes: from free text to mentions with evidence, and from mentions to codes.

The order of the modules: `text` (sections, sentences, words with character spans), `context`
(negated, uncertain, history, family, planned), `terms` and `term_cache` (what can be named, from
the tabular list and our own lexicon), `matching` (mentions), `leaves` (the most specific leaf that
the words support), `combining` (rules between codes), `reading` (all of it for one note).

Pure but for what `services.codesets` may do too: it reads data files of the installation and a
cache file whose folder is handed in.
"""
