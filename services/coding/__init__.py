"""Coding: every code of the chart real, billable on its date, and allowed beside the others.

`assigning.assign` answers what may happen: `Coded`, `NeedsQuery` or `NeedsCoder`. A rule is a row
of the registry (`rules.RULES`): an id, a source, a severity and one small pure function over the
`Case`; a new rule touches one file.
"""
