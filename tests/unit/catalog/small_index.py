"""Invented indexes in the official layout: an Alphabetic Index with references, and the two tables beside it."""

INDEX = b"""<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index>
  <version>2026</version>
  <title>ICD-10-CM INDEX TO DISEASES and INJURIES</title>
  <letter>
    <title>D</title>
    <mainTerm>
      <title>Diabetes, diabetic<nemod>(mellitus) (sugar)</nemod></title>
      <code>E11.9</code>
      <term level="1"><title>type 1</title><code>E10.9</code>
        <term level="2"><title>with</title>
          <term level="3"><title>amyotrophy</title><code>E10.44</code></term>
        </term>
      </term>
      <term level="1"><title>bronzed</title><see>Hemochromatosis</see></term>
    </mainTerm>
    <mainTerm>
      <title>Disease, diseased</title><seeAlso>Syndrome</seeAlso>
      <term level="1"><title>self-inflicted</title><see>X71-X83 with 7th character S</see></term>
      <term level="1"><title>sugar</title><see>Diabetes, type 1, with, amyotrophy</see></term>
      <term level="1"><title>tumorous</title><see>Neoplasm Table, abdomen</see></term>
    </mainTerm>
  </letter>
  <letter>
    <title>L</title>
    <mainTerm><title>Lump</title><code>R22.9</code>
      <term level="1"><title>foot</title><code>R22.4-</code></term>
    </mainTerm>
  </letter>
</ICD10CM.index>
"""
NEOPLASM = b"""<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index>
  <version>2026</version>
  <indexHeading>
    <head col="1">Neoplasm</head>
    <head col="2">Malignant Primary</head>
    <head col="5">Benign</head>
  </indexHeading>
  <letter>
    <title>N</title>
    <mainTerm>
      <title>Neoplasm, neoplastic</title><cell col="2">C80.1</cell><cell col="5">D36.9</cell>
      <term level="1"><title>abdomen, abdominal</title><cell col="2">C76.2</cell><cell col="5">-</cell></term>
    </mainTerm>
  </letter>
</ICD10CM.index>
"""
DRUG = b"""<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index>
  <version>2026</version>
  <indexHeading>
    <head col="1">Substance</head>
    <head col="2">Poisoning Accidental (unintentional)</head>
    <head col="6">Adverse effect</head>
  </indexHeading>
  <letter>
    <title>#</title>
    <mainTerm><title>1-propanol</title><cell col="2">T51.3X1</cell><cell col="6">--</cell></mainTerm>
  </letter>
  <letter>
    <title>A</title>
    <mainTerm><title>Abrine</title><cell col="2">T62.2X1</cell><cell col="6">T62.2X5</cell></mainTerm>
  </letter>
</ICD10CM.index>
"""
SMALL_INDEX = {
    "icd10cm-index-2026.xml": INDEX,
    "icd10cm-neoplasm-2026.xml": NEOPLASM,
    "icd10cm-drug-2026.xml": DRUG,
}
