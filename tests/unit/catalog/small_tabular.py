"""A small invented Tabular List in the official layout."""

from pathlib import Path

SMALL = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2026</version>
  <introduction>
    <introSection type="title"><title>Invented list</title></introSection>
  </introduction>
  <chapter>
    <name>19</name>
    <desc>Invented injuries (S00-S99)</desc>
    <excludes2>
      <note>invented birth injury (P10-P15)</note>
    </excludes2>
    <sectionIndex>
      <sectionRef first="S00" last="S09" id="S00-S09">Invented injuries of the head</sectionRef>
    </sectionIndex>
    <section id="S00-S99">
      <desc>All invented injuries (S00-S99)</desc>
    </section>
    <section id="S00-S09">
      <desc>Invented injuries of the head (S00-S09)</desc>
      <useAdditionalCode><note>code for the invented tool (S90.-)</note></useAdditionalCode>
      <diag>
        <name>S06</name>
        <desc>Invented head wound</desc>
        <inclusionTerm><note>Made-up bump</note></inclusionTerm>
        <excludes1><note>invented scratch (S09.0)</note></excludes1>
        <sevenChrNote><note>Add the 7th character to each code of S06, except as noted below</note></sevenChrNote>
        <sevenChrDef>
          <extension char="A">initial encounter</extension>
          <extension char="D">subsequent encounter</extension>
          <extension char="S">sequela</extension>
          <note>left over</note>
        </sevenChrDef>
        <notes>
<note>7th characters D and S do not apply to codes in category S06 with 6th character 7 - end, or 8 - other.</note>
        </notes>
        <diag>
          <name>S06.0</name>
          <desc>Invented head wound, right side</desc>
          <inclusionTerm><note>Right-handed bump</note></inclusionTerm>
        </diag>
        <diag>
          <name>S06.1</name>
          <desc>Invented head wound, left side</desc>
          <diag placeholder="true">
            <name>S06.1X</name>
            <desc>Invented head wound, left side</desc>
            <diag><name>S06.1X7</name><desc>Invented head wound, left side, with an end</desc></diag>
            <diag><name>S06.1X9</name><desc>Invented head wound, left side, unspecified</desc></diag>
          </diag>
        </diag>
      </diag>
      <diag>
        <name>S09</name>
        <desc>Other invented wound</desc>
        <diag><name>S09.0</name><desc>Invented scratch</desc></diag>
      </diag>
    </section>
    <section id="S90-S99">
      <desc>Invented tools (S90-S99)</desc>
      <diag><name>S90</name><desc>Invented spoon</desc></diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""
CODES = [
    "S060XXA", "S060XXD", "S060XXS", "S061X7A", "S061X9A", "S061X9D", "S061X9S", "S090", "S90",
]  # fmt: skip
"""Its reportable codes, in order."""


def written(folder: Path, text: str | bytes = SMALL, name: str = "icd10cm-tabular-April-1-2026.xml") -> Path:
    """A file with the text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
