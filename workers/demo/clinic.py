"""The clinic's synthetic charts: visits, vaccines and injuries, billed by the practitioner.

CPT and HCPCS appear as numbers only; what was done stands in our own words in the case's text.
"""

from __future__ import annotations

from datetime import date

from services.chart.model import Accident, DocumentKind
from workers.demo.facts import CLINIC, Case

VACCINE = (DocumentKind.CLINIC_NOTE, DocumentKind.IMMUNIZATION_RECORD)
AT_WORK = Accident(on=date(2026, 6, 2), kind="EM", state="OH")
ON_THE_ROAD = Accident(on=date(2026, 7, 18), kind="AA", state="PA")

VISITS = (
    Case(
        name="clinic-diabetes-check",
        kind=CLINIC,
        payer="MCARE1",
        who="F 1951-03-14",
        on="2026-04-06",
        by="family",
        dx="E11.65 I10 Z79.4",
        charges="- 99214 1 182.00 >1,2,3; - 83036 1 24.00 >1; - 36415 1 9.00 >1",
        text="Sugars run high for a month, feet are well. | Type 2 diabetes with hyperglycemia "
        "on insulin, blood pressure good on tablets. Raise the evening dose.",
    ),
    Case(
        name="clinic-strep-throat",
        kind=CLINIC,
        payer="MCAID1",
        who="M 2018-09-30",
        on="2026-04-08",
        by="pediatrics",
        dx="J02.0",
        charges="- 99213 1 124.00; - 87880 1 21.00",
        text="Sore throat and fever for two days, rapid test positive. | Streptococcal "
        "pharyngitis. Ten days of tablets, home from school until tomorrow.",
        relationship="child",
        facility="LAKESIDE",
        via="fhir",
        service="PED",
    ),
    Case(
        name="clinic-asthma-review",
        kind=CLINIC,
        payer="BLUE1",
        who="F 1989-12-02",
        on="2026-04-14",
        by="family",
        dx="J45.30 Z79.51",
        charges="- 99213 1 131.00 >1,2",
        text="Wheeze twice a week since the birches bloom. | Mild persistent asthma, "
        "uncomplicated; goes on with the inhaled steroid.",
        via="json",
    ),
    Case(
        name="clinic-new-patient-reflux",
        kind=CLINIC,
        payer="UNITED1",
        who="M 1977-05-21",
        on="2026-04-21",
        by="internal",
        dx="K21.9 E66.9 Z68.32",
        charges="- 99203 1 205.00 >1,2,3",
        text="New here. Burning behind the breastbone after late meals. | Reflux without "
        "oesophagitis; obesity talked through, BMI 32.4.",
        facility="LAKESIDE",
        service="MED",
    ),
    Case(
        name="clinic-low-back-pain",
        kind=CLINIC,
        payer="BLUE1",
        who="M 1983-08-08",
        on="2026-05-05",
        by="family",
        dx="M54.50",
        charges="- 99213 1 131.00",
        text="Low back pain for a week after moving house, no red flags. | Low back pain, "
        "unspecified. Keep moving, warmth, see again in three weeks.",
        via="fhir",
    ),
    Case(
        name="clinic-depression-follow-up",
        kind=CLINIC,
        payer="UNITED1",
        who="F 1994-01-17",
        on="2026-05-12",
        by="family",
        dx="F33.1",
        charges="- 99214 1 176.00",
        text="Sleeps better, still low most mornings. | Major depressive disorder, recurrent, "
        "moderate. Dose raised, talk therapy goes on.",
        via="json",
        facility="LAKESIDE",
    ),
    Case(
        name="clinic-annual-wellness",
        kind=CLINIC,
        payer="MCARE1",
        who="M 1955-10-04",
        on="2026-05-19",
        by="internal",
        dx="Z00.00 E78.5",
        charges="- G0439 1 168.00 >1; - 36415 1 9.00 >2",
        text="Yearly wellness visit, feels well. | General examination without abnormal "
        "findings; lipids known and treated.",
        service="MED",
    ),
    Case(
        name="clinic-thyroid",
        kind=CLINIC,
        payer="UNITED1",
        who="F 1968-06-25",
        on="2026-06-03",
        by="internal",
        dx="E03.9",
        charges="- 99213 1 128.00; - 36415 1 9.00",
        text="Tired since spring, tablets taken on and off. | Hypothyroidism. Back to daily "
        "tablets, blood test in six weeks.",
        via="fhir",
        facility="LAKESIDE",
    ),
    Case(
        name="clinic-knee-injection",
        kind=CLINIC,
        payer="MCARE1",
        who="F 1948-07-29",
        on="2026-06-16",
        by="orthopedics",
        dx="M17.11",
        charges="- 20610-RT 1 148.00 >1; - J3301 4 11.20 >1",
        text="Right knee aches on stairs, nights are short. | Primary osteoarthritis of the "
        "right knee. Injection into the right knee, 40 mg of triamcinolone.",
        service="MED",
    ),
    Case(
        name="clinic-prenatal-visit",
        kind=CLINIC,
        payer="MCAID1",
        who="F 1999-02-11",
        on="2026-06-24",
        by="obstetrics",
        dx="Z34.02 Z3A.20",
        charges="- 99213 1 119.00 >1,2; - 81003 1 6.00 >1",
        text="Twentieth week, first child, feels movements. | Normal first pregnancy, second "
        "trimester.",
        service="OBG",
        via="json",
    ),
    Case(
        name="clinic-actinic-keratosis",
        kind=CLINIC,
        payer="MCARE1",
        who="M 1944-11-13",
        on="2026-07-07",
        by="family",
        dx="L57.0",
        charges="- 17000 1 92.00",
        text="One rough spot on the forehead. | Actinic keratosis, frozen today.",
        facility="LAKESIDE",
    ),
)

VACCINES = (
    Case(
        name="vaccine-flu-medicare",
        kind=CLINIC,
        payer="MCARE1",
        who="F 1950-04-19",
        on="2026-09-14",
        by="family",
        dx="Z23",
        charges="- G0008 1 34.00; - 90662 1 79.00",
        text="Influenza vaccine, high dose. | Came for the autumn vaccine only, is well.",
        documents=VACCINE,
    ),
    Case(
        name="vaccine-flu-commercial",
        kind=CLINIC,
        payer="BLUE1",
        who="M 1987-03-03",
        on="2026-09-15",
        by="family",
        dx="Z23",
        charges="- 90471 1 28.00; - 90686 1 31.00",
        text="Influenza vaccine. | Came for the autumn vaccine only, is well.",
        documents=VACCINE,
        via="fhir",
    ),
    Case(
        name="vaccine-well-child",
        kind=CLINIC,
        payer="MCAID1",
        who="F 2022-05-27",
        on="2026-06-30",
        by="pediatrics",
        dx="Z00.129 Z23",
        charges="- 99392-25 1 138.00 >1; - 90471 1 25.00 >2; - 90707 1 88.00 >2; "
        "- 90472 1 17.00 >2; - 90716 1 151.00 >2",
        text="Measles, mumps and rubella; chickenpox. | Well child of four years, grows along "
        "her line.",
        documents=VACCINE,
        relationship="child",
        service="PED",
        facility="LAKESIDE",
        via="json",
    ),
    Case(
        name="vaccine-tetanus",
        kind=CLINIC,
        payer="UNITED1",
        who="M 1975-12-12",
        on="2026-07-21",
        by="family",
        dx="Z23",
        charges="- 90471 1 28.00; - 90715 1 46.00",
        text="Tetanus, diphtheria and pertussis booster. | Booster was due this year.",
        documents=VACCINE,
    ),
    Case(
        name="vaccine-pneumococcal-medicare",
        kind=CLINIC,
        payer="MCARE1",
        who="M 1953-09-09",
        on="2026-08-11",
        by="internal",
        dx="Z23",
        charges="- G0009 1 34.00; - 90677 1 262.00",
        text="Pneumococcal vaccine. | Never had one before, is well.",
        documents=VACCINE,
        via="fhir",
        facility="LAKESIDE",
        service="MED",
    ),
)

INJURIES = (
    Case(
        name="injury-back-strain-at-work",
        kind=CLINIC,
        payer="WCOMP1",
        who="M 1980-10-28",
        on="2026-06-02",
        by="occupational",
        dx="S39.012A X50.0XXA Y99.0",
        charges="- 99203 1 198.00 >1,2,3",
        text="Lifted a crate at work this morning and felt a pull. | Strain of the lower back, "
        "first visit. Light duty for a week.",
        accident=AT_WORK,
    ),
    Case(
        name="injury-eye-at-work",
        kind=CLINIC,
        payer="WCOMP1",
        who="F 1991-06-06",
        on="2026-06-02",
        by="occupational",
        dx="T15.01XA Y99.0",
        charges="- 99213-25 1 129.00 >1,2; - 65220-RT 1 96.00 >1",
        text="Metal dust in the right eye at the workbench. | Foreign body in the right cornea, "
        "taken out with a needle.",
        accident=AT_WORK,
        via="json",
        facility="LAKESIDE",
    ),
    Case(
        name="injury-neck-after-crash",
        kind=CLINIC,
        payer="BLUE1",
        who="F 1972-02-20",
        on="2026-07-20",
        by="family",
        dx="S16.1XXA V43.52XA",
        charges="- 99214 1 171.00 >1,2",
        text="Neck stiff since a rear-end crash two days ago, she drove. | Strain of the neck "
        "muscles, first visit.",
        accident=ON_THE_ROAD,
        via="fhir",
    ),
)
