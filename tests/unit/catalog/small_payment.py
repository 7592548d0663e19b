"""Invented payment tables in CMS's layouts: values of nobody's codes."""

from pathlib import Path

from tests.unit.catalog.small_ptp import ptp_file

MUE_NOTICE = '"An invented notice of rights.\r\n\r\nIt goes over ""several"" lines.",,,\r\n'
MUE_HEADER = '"HCPCS/\r\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n'
MUE_LINE = 6
MUE_ROWS = (
    "11111,2,1 Line Edit,Invented reason",
    "J1234,0,2 Date of Service Edit: Policy,Invented reason",
    '0001U,90000,3 Date of Service Edit: Clinical,"Reason, with a comma"',
)
MUE_CSV = (
    "hcpcs_code,mue_units,mue_mai,mue_rationale,mue_service\r\n11111,2,1,Invented reason,DME Supplier\r\n"
    "J1234,0,2,Invented reason,DME Supplier\r\n"
)
AOC_TEXT = (
    "An invented notice\t\t\t\t\t\t\t\r\n"
    "AOC_Edit_Type\tAdd-On_Code\tAOC_DelDT\tPrimary_Code\tPrimary_Code_DelDT\tAOC_Edit_EffDT\tAOC_Edit_DelDT\t"
    "Special_Instruction_Notes\r\n"
    "1\t11111\t\t22222\t\t2013001\t\t\r\n"
    "1\t11111\t\t33333\t2019365\t2013001\t2019365\t\r\n"
    '2\t0001T\t\tCCCCC\t\t2020092\t\t"(Contractor Defined Primary Codes)"\r\n'
    "3\tG1234\t\t22222\t\t2024366\t\t\r\n"
)
AOC_CSV = "primary_code,add_on_code,aoc_edit_type\r\nCCCCC,0001T,2\r\n22222,11111,1\r\n"
PFS_HEADER = (
    ",,An invented fee schedule,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r\n"
    ",,Its notice of rights\x85,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r\n"
    ",,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,"
    "ASST,CO-,TEAM,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT\r\n"
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,"
    "SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT\r\n"
)
PFS_LINE = 5
_OPPS, _SHARES = "0.00,0.00,0.00", "0.10,0.80,0.10"
_END = f"33.4009,09,0,99,{_OPPS}"
PFS_ROWS = (
    f'11111,,"Secret, licensed words",A,,1.50,2.25,,1.10,,.12,3.87,2.72,0,090,{_SHARES},2,1,2,1,0,22222,{_END}',
    f"11111,26,Secret words,A,,0.50,0.25,NA,0.25,,0.02,0.77,0.77,1,XXX,{_OPPS},0,0,0,0,0,,33.4009,01,0,88,{_OPPS}",
    f'G1234,,Secret words,X,+,0.00,"1,234.50",,0.00,NA,{_OPPS},9,XXX,{_OPPS},9,9,9,9,9,,{_END}',
)
PFS_AMOUNTS = (
    "hcpcs_code,mod,rvu_work,rvu_non_pe,rvu_fac_pe,rvu_mp,rvu_non_sum,rvu_fac_sum,rvu_opps_non_pe,rvu_opps_fac_pe,"
    "rvu_opps_mp,cf\r\n"
    "11111,,1.5,2.25,1.1,0.12000000000000001,3.8699999999999997,2.72,0.0,0.0,0.0,33.2875\r\n"
    "11111,26,0.5,0.25,0.25,0.02,0.77,0.77,0.0,0.0,0.0,33.2875\r\n"
)
PFS_INDICATORS = (
    "hcpcs_code,mod,status,pctc,glob,pre_op,intra_op,post_op,mult_proc,bilat_surg,asst_surg,co_surg,team_surg,"
    "endo_base,phys_diag_pro,diag_img_fam,non_na,fac_na,not_used_mcr\r\n"
    "11111,,A,0.0,090,0.1,0.8,0.1,2.0,1.0,2.0,1.0,0.0,22222,09,99,,,\r\n"
    "11111,26,A,1.0,XXX,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,,01,88,NA,,+\r\n"
)


def mue_text(*rows: str, end: str = "\r\n") -> str:
    """A table of these values, or of the usual ones."""
    return (MUE_NOTICE + MUE_HEADER).replace("\r\n", end) + "".join(row + end for row in rows or MUE_ROWS)


def pfs_text(*rows: str, end: str = "\r\n") -> str:
    """A fee schedule of these rows, or of the usual ones."""
    return PFS_HEADER.replace("\r\n", end) + "".join(row + end for row in rows or PFS_ROWS)


def table_file(folder: Path, text: str | bytes, name: str) -> Path:
    """A table as an operator brings it: plain, or packed as its name says."""
    return ptp_file(folder, text, name)
