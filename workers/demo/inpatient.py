"""The synthetic inpatient charts: every diagnosis says whether it was present on admission."""

from __future__ import annotations

from workers.demo.facts import INPATIENT, Case

STAYS = (
    Case(
        name="inpatient-heart-failure",
        kind=INPATIENT,
        payer="MCARE1",
        who="M 1943-06-17",
        on="2026-04-07 +4",
        by="hospitalist",
        dx="I13.0/Y I50.23/Y N18.31/Y E11.22/Y Z79.4/1 A:R06.02",
        charges="0120 - 4 7200.00; 0250 - 1 1240.60; 0300 - 1 1866.00; 0320 - 1 402.00; "
        "0480 - 1 1310.00",
        text="Short of breath and swollen for a week. | Acute on chronic systolic heart failure "
        "with hypertension and kidney disease stage 3a; type 2 diabetes with kidney disease.",
    ),
    Case(
        name="inpatient-pneumonia",
        kind=INPATIENT,
        payer="MCARE1",
        who="F 1947-09-12",
        on="2026-04-15 +5",
        by="hospitalist",
        dx="J18.9/Y J96.01/Y I10/Y Z87.891/1 A:R06.02",
        charges="0120 - 5 9000.00; 0250 - 1 2110.25; 0300 - 1 1420.00; 0320 - 1 536.00; "
        "0410 - 1 880.00",
        text="Fever and cough, oxygen low on arrival. | Pneumonia with acute respiratory failure "
        "with hypoxia.",
        via="fhir",
    ),
    Case(
        name="inpatient-hip-fracture",
        kind=INPATIENT,
        payer="MCARE1",
        who="F 1939-01-25",
        on="2026-04-27 +6",
        by="orthopedics",
        operating="orthopedics",
        dx="S72.011A/Y W01.0XXA/Y Y92.009/1 A:M25.551",
        px="0QS604Z@1",
        charges="0120 - 6 10800.00; 0360 - 1 9420.00; 0370 - 1 1850.00; 0278 - 1 2930.00; "
        "0250 - 1 1610.10; 0420 - 4 980.00",
        text="Slipped at home, right hip cannot bear weight. | Fracture of the right femoral "
        "neck, fixed with screws.",
        status="03",
    ),
    Case(
        name="inpatient-knee-replacement",
        kind=INPATIENT,
        payer="BLUE1",
        who="M 1963-02-16",
        on="2026-05-11 +2",
        by="orthopedics",
        operating="orthopedics",
        dx="M17.11/Y I10/Y A:M17.11",
        px="0SRC0J9@0",
        charges="0120 - 2 3600.00; 0360 - 1 11860.00; 0370 - 1 2040.00; 0278 - 1 7350.00; "
        "0420 - 3 735.00",
        text="Right knee worn out, walks one block. | Primary osteoarthritis of the right knee, "
        "joint replaced with a cemented one.",
        admission="3 1",
        via="json",
    ),
    Case(
        name="inpatient-delivery",
        kind=INPATIENT,
        payer="MCAID1",
        who="F 1998-04-04",
        on="2026-05-23 +2",
        by="obstetrics",
        operating="obstetrics",
        dx="O80/Y Z37.0/1 Z3A.39/Y A:O80",
        px="10E0XZZ@0",
        charges="0122 - 2 3400.00; 0720 - 1 4120.00; 0250 - 1 310.00; 0300 - 1 366.00",
        text="Labor began on its own in week 39. | Normal delivery of one living child.",
        service="OBG",
    ),
    Case(
        name="inpatient-newborn",
        kind=INPATIENT,
        payer="MCAID1",
        who="M 2026-05-23",
        on="2026-05-23 +2",
        by="pediatrics",
        dx="Z38.00/1 A:Z38.00",
        charges="0171 - 2 1900.00; 0300 - 1 142.00",
        text="Born at term, cried at once, feeds well. | Liveborn single child, born here.",
        admission="4 5",
        relationship="child",
        service="PED",
    ),
    Case(
        name="inpatient-sepsis",
        kind=INPATIENT,
        payer="MCARE1",
        who="F 1945-08-20",
        on="2026-06-01 +7",
        by="hospitalist",
        dx="A41.51/Y N39.0/Y N17.9/Y R65.20/Y A:R50.9",
        charges="0200 - 3 12600.00; 0120 - 4 7200.00; 0250 - 1 4480.90; 0300 - 1 3266.00; "
        "0306 - 1 640.00",
        text="Fever, shaking, little urine. | Sepsis from E. coli of the urinary tract with acute "
        "kidney injury.",
        facility="LAKESIDE",
        via="fhir",
    ),
    Case(
        name="inpatient-copd",
        kind=INPATIENT,
        payer="MCAID1",
        who="M 1971-03-11",
        on="2026-06-14 +3",
        by="hospitalist",
        dx="J44.1/Y F17.210/Y A:R06.02",
        charges="0120 - 3 5400.00; 0250 - 1 905.00; 0410 - 1 1120.00; 0300 - 1 611.00",
        text="Three days of more cough and breathlessness. | Flare of chronic obstructive lung "
        "disease; smokes a pack a day, help offered.",
        facility="LAKESIDE",
    ),
    Case(
        name="inpatient-appendicitis",
        kind=INPATIENT,
        payer="UNITED1",
        who="F 2004-12-30",
        on="2026-07-01 +1",
        by="surgeon",
        operating="surgeon",
        dx="K35.80/Y A:R10.31",
        px="0DTJ4ZZ@0",
        charges="0120 - 1 1800.00; 0360 - 1 8240.00; 0370 - 1 1490.00; 0250 - 1 420.00; "
        "0312 - 1 148.00",
        text="Pain moved to the right lower belly overnight. | Acute appendicitis, appendix taken "
        "out through the scope.",
        via="json",
    ),
    Case(
        name="inpatient-stroke",
        kind=INPATIENT,
        payer="MCARE1",
        who="M 1950-05-06",
        on="2026-07-13 +5",
        by="hospitalist",
        dx="I63.412/Y G81.91/Y I48.91/Y I10/Y A:R47.01",
        charges="0120 - 5 9000.00; 0350 - 1 2480.00; 0250 - 1 1715.00; 0420 - 5 1225.00; "
        "0440 - 4 760.00",
        text="Woke with a weak right side and no words. | Stroke from a clot to the left middle "
        "cerebral artery, right-sided weakness, atrial fibrillation.",
        status="62",
    ),
    Case(
        name="inpatient-heart-attack-stent",
        kind=INPATIENT,
        payer="BLUE1",
        who="M 1968-11-18",
        on="2026-08-03 +3",
        by="cardiology",
        operating="cardiology",
        dx="I21.4/Y I25.10/Y E78.5/Y A:R07.9",
        px="027034Z@0",
        charges="0206 - 3 8700.00; 0481 - 1 14250.00; 0278 - 1 3120.00; 0250 - 1 1390.00; "
        "0300 - 1 944.00",
        text="Pressure on the chest since dawn, markers high. | Heart attack without ST "
        "elevation; one narrowed artery opened with a stent.",
        via="fhir",
    ),
    Case(
        name="inpatient-leg-cellulitis",
        kind=INPATIENT,
        payer="UNITED1",
        who="F 1960-07-07",
        on="2026-08-31 +3",
        by="hospitalist",
        dx="L03.115/Y E11.65/Y A:M79.661",
        charges="0120 - 3 5400.00; 0250 - 1 1180.00; 0300 - 1 702.00",
        text="Right lower leg red, hot and growing. | Cellulitis of the right leg; sugar was high "
        "throughout.",
        facility="LAKESIDE",
    ),
)
