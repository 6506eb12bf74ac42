"""The names of the systems that are no code systems of a chart: edits, groups, lists."""

from __future__ import annotations

TABULAR = "ICD-10-CM tabular"
MODIFIER = "Modifier"
NCCI_PRACTITIONER = "NCCI practitioner"
NCCI_OUTPATIENT = "NCCI outpatient"
MUE_PRACTITIONER = "MUE practitioner"
MUE_OUTPATIENT = "MUE outpatient"
ADD_ON = "NCCI add-on"
MPFS = "MPFS"
OPPS = "OPPS Addendum B"
MS_DRG = "MS-DRG"
POA_EXEMPT = "POA-exempt"
PLACE_OF_SERVICE = "Place of service"
REVENUE_CODE = "Revenue code"
CARC = "CARC"
RARC = "RARC"
