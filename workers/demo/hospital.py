"""The hospital's synthetic charts: emergency, outpatient surgery and outpatient departments.

Billed by the facility: revenue codes on every line, CPT or HCPCS numbers where the line needs one.
"""

from __future__ import annotations

from datetime import date

from services.chart.model import Accident
from workers.demo.facts import EMERGENCY, OUTPATIENT, SURGERY, Case

AT_WORK = Accident(on=date(2026, 6, 9), kind="EM", state="MI")

EMERGENCIES = (
    Case(
        name="ed-chest-pain",
        kind=EMERGENCY,
        payer="MCARE1",
        who="M 1957-01-30",
        on="2026-04-11",
        by="emergency",
        dx="R07.9 I10 R:R07.9",
        charges="0450 99284-25 1 1180.00; 0730 93005 1 142.00; 0320 71046 1 268.00; "
        "0300 80053 1 96.00; 0300 85025 1 48.00",
        text="Chest pain for an hour, gone on arrival, tracing and blood normal. | Chest pain, "
        "cause not found today. Home, cardiology this week.",
    ),
    Case(
        name="ed-asthma-child",
        kind=EMERGENCY,
        payer="MCAID1",
        who="M 2017-03-23",
        on="2026-04-18",
        by="emergency",
        dx="J45.901 R:R06.2",
        charges="0450 99283-25 1 690.00; 0410 94640 1 118.00",
        text="Wheeze since noon, better after two breathing treatments. | Asthma with acute "
        "exacerbation.",
        relationship="child",
        facility="LAKESIDE",
        via="fhir",
    ),
    Case(
        name="ed-ankle-sprain",
        kind=EMERGENCY,
        payer="UNITED1",
        who="F 2001-07-16",
        on="2026-05-02",
        by="emergency",
        dx="S93.401A W10.9XXA R:M25.571",
        charges="0450 99283-25 1 690.00; 0320 73610-RT 1 224.00; 0270 - 1 38.00",
        text="Missed a step, right ankle swollen, film without fracture. | Sprain of the right "
        "ankle, first visit.",
        via="json",
    ),
    Case(
        name="ed-wrist-fracture",
        kind=EMERGENCY,
        payer="MCARE1",
        who="F 1949-11-05",
        on="2026-05-16",
        by="emergency",
        dx="S52.531A W01.0XXA R:M25.531",
        charges="0450 99284-25 1 1180.00; 0320 73110-RT 1 231.00; 0360 25600-RT 1 940.00; "
        "0250 - 1 26.40",
        text="Slipped on a wet floor onto the right hand. | Colles fracture of the right radius, "
        "closed; set without incision and splinted.",
    ),
    Case(
        name="ed-hand-laceration-at-work",
        kind=EMERGENCY,
        payer="WCOMP1",
        who="M 1996-08-31",
        on="2026-06-09",
        by="emergency",
        dx="S61.411A W26.0XXA Y99.0 R:S61.411A",
        charges="0450 99282-25 1 410.00; 0450 12001 1 385.00; 0270 - 1 44.00",
        text="Cut the right hand with a kitchen knife at work. | Cut of the right hand, 2 cm, "
        "closed with four stitches.",
        accident=AT_WORK,
    ),
    Case(
        name="ed-kidney-stone",
        kind=EMERGENCY,
        payer="BLUE1",
        who="M 1979-04-27",
        on="2026-06-20",
        by="emergency",
        dx="N20.0 R:R10.9",
        charges="0450 99285-25 1 1640.00; 0350 74176 1 1210.00; 0300 81003 1 22.00; "
        "0636 J1885 2 18.60; 0260 96374 1 246.00",
        text="Waves of flank pain, stone of 4 mm on the picture. | Kidney stone without blockage. "
        "Pain gone after the injection.",
        via="fhir",
    ),
    Case(
        name="ed-ear-infection",
        kind=EMERGENCY,
        payer="MCAID1",
        who="F 2020-10-10",
        on="2026-07-04",
        by="emergency",
        dx="H66.91 R:H92.01",
        charges="0450 99282 1 410.00",
        text="Right ear pain since the night, drum red and full. | Otitis media, right ear.",
        relationship="child",
        via="json",
        facility="LAKESIDE",
    ),
    Case(
        name="ed-migraine",
        kind=EMERGENCY,
        payer="UNITED1",
        who="F 1986-09-18",
        on="2026-07-25",
        by="emergency",
        dx="G43.909 R:R51.9",
        charges="0450 99283-25 1 690.00; 0636 J2405 4 9.20; 0260 96374 1 246.00",
        text="Her usual headache on the left with light and sound hurting. | Migraine, not "
        "intractable. Slept it off here.",
    ),
    Case(
        name="ed-bladder-infection",
        kind=EMERGENCY,
        payer="MCARE1",
        who="F 1942-05-13",
        on="2026-08-22",
        by="emergency",
        dx="N30.00 R:R30.0",
        charges="0450 99283 1 690.00; 0300 81003 1 22.00; 0306 87086 1 54.00",
        text="Burning for two days, no fever, no flank pain. | Acute cystitis without blood.",
        facility="LAKESIDE",
    ),
)

SURGERIES = (
    Case(
        name="surgery-cataract",
        kind=SURGERY,
        payer="MCARE1",
        who="F 1946-02-08",
        on="2026-04-22",
        by="ophthalmology",
        operating="ophthalmology",
        dx="H25.11",
        charges="0360 66984-RT 1 3650.00; 0276 V2632 1 410.00; 0710 - 1 320.00; 0370 - 1 515.00",
        text="Reading has become hard. | Age-related nuclear cataract, right eye. Lens taken out "
        "and replaced.",
    ),
    Case(
        name="surgery-gallbladder",
        kind=SURGERY,
        payer="BLUE1",
        who="F 1981-12-19",
        on="2026-05-07",
        by="surgeon",
        operating="surgeon",
        dx="K80.20",
        charges="0360 47562 1 8940.00; 0710 - 2 980.00; 0370 - 1 1420.00; 0270 - 1 612.00; "
        "0312 88304 1 148.00",
        text="Colics after fat meals, stones on ultrasound. | Gallstones without cholecystitis. "
        "Gallbladder taken out through the scope.",
        via="fhir",
    ),
    Case(
        name="surgery-groin-hernia",
        kind=SURGERY,
        payer="UNITED1",
        who="M 1969-06-01",
        on="2026-05-28",
        by="surgeon",
        operating="surgeon",
        dx="K40.90",
        charges="0360 49505-LT 1 6120.00; 0278 C1781 1 640.00; 0710 - 1 490.00; 0370 - 1 1180.00",
        text="Bulge in the left groin on lifting. | Left inguinal hernia, repaired with mesh.",
        via="json",
        facility="LAKESIDE",
    ),
    Case(
        name="surgery-knee-arthroscopy",
        kind=SURGERY,
        payer="BLUE1",
        who="M 1990-03-26",
        on="2026-06-11",
        by="orthopedics",
        operating="orthopedics",
        dx="S83.241A",
        charges="0360 29881-RT 1 7380.00; 0710 - 1 490.00; 0370 - 1 1240.00",
        text="Right knee locks since a twist at football. | Tear of the inner meniscus of the "
        "right knee, trimmed through the scope.",
    ),
    Case(
        name="surgery-carpal-tunnel",
        kind=SURGERY,
        payer="MCARE1",
        who="F 1952-08-15",
        on="2026-07-09",
        by="orthopedics",
        operating="orthopedics",
        dx="G56.01",
        charges="0360 64721-RT 1 3980.00; 0710 - 1 320.00; 0370 - 1 540.00",
        text="Right hand tingles at night. | Carpal tunnel syndrome, right hand, released.",
        facility="LAKESIDE",
        via="fhir",
    ),
    Case(
        name="surgery-tonsils",
        kind=SURGERY,
        payer="MCAID1",
        who="M 2019-11-22",
        on="2026-07-30",
        by="surgeon",
        operating="surgeon",
        dx="J35.3",
        charges="0360 42820 1 5240.00; 0710 - 1 490.00; 0370 - 1 960.00; 0312 88304 1 148.00",
        text="Snores, stops breathing for moments. | Large tonsils and adenoids, both taken out.",
        relationship="child",
        via="json",
    ),
    Case(
        name="surgery-colonoscopy-polyp",
        kind=SURGERY,
        payer="UNITED1",
        who="F 1974-01-09",
        on="2026-08-13",
        by="gastroenterology",
        operating="gastroenterology",
        dx="Z12.11 K63.5",
        charges="0750 45380-33 1 2860.00 >1,2; 0312 88305 1 196.00 >2; 0370 - 1 610.00",
        text="Screening, first one. | One polyp of the colon, taken with the forceps.",
    ),
)

DEPARTMENTS = (
    Case(
        name="outpatient-lipid-panel",
        kind=OUTPATIENT,
        payer="BLUE1",
        who="F 1966-10-23",
        on="2026-05-20",
        by="internal",
        dx="E78.5",
        charges="0301 80061 1 84.00; 0300 36415 1 14.00",
        text="Fasting blood for the lipids. | Hyperlipidemia, unspecified.",
    ),
    Case(
        name="outpatient-spine-imaging",
        kind=OUTPATIENT,
        payer="UNITED1",
        who="M 1964-04-02",
        on="2026-06-25",
        by="orthopedics",
        dx="M54.16",
        charges="0612 72148 1 1780.00",
        text="Pain from the low back down the leg for two months. | Radiculopathy of the lumbar "
        "region.",
        service="RAD",
        via="fhir",
        facility="LAKESIDE",
    ),
    Case(
        name="outpatient-iron-infusion",
        kind=OUTPATIENT,
        payer="MCARE1",
        who="F 1958-12-27",
        on="2026-08-26",
        by="internal",
        dx="D50.9",
        charges="0636 J1756 200 312.00; 0335 96365 1 412.00",
        text="Tablets not borne, iron by vein today. | Iron deficiency anemia.",
        service="INF",
        via="json",
    ),
)
