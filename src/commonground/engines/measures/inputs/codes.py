"""The codes that cells may hold, and how other systems write them. Case, spaces and punctuation make no difference."""

from collections.abc import Mapping
from types import MappingProxyType

from commonground.tables import normalized

GRADES = ("PK3", "PK4", "KG", *(f"{grade:02d}" for grade in range(1, 13)), "AD", "UN")
RACES = ("american_indian", "asian", "black", "hispanic", "multiracial", "pacific_islander", "white")
SEXES = ("female", "male", "nonbinary")

# How much of a day a status counts as present. A day that is not written down at all is no day of membership.
ATTENDANCE: Mapping[str, float] = MappingProxyType(
    {"present": 1.0, "late": 1.0, "half": 0.5, "excused": 0.0, "absent": 0.0, "suspended": 0.0}
)
CONSEQUENCES = ("suspension_out", "suspension_in", "expulsion")
# "transferred_out" leaves the cohort (moved away with a record of it, or died); "completed" is a certificate that is no
# regular diploma; "unknown" is a student whose whereabouts nobody knows, who stays in the cohort.
OUTCOMES = ("graduated", "completed", "still_enrolled", "dropped_out", "transferred_out", "unknown")
SUBJECTS = ("ela", "math", "science")

# "7" is grade 07 and "K" is kindergarten; the numbers come from the list above.
_GRADES = {
    "PK3": "pre_k3 prek3 pk_3 pre_k_3 p3 preschool_3",
    "PK4": "pre_k4 prek4 pk_4 pre_k_4 p4 preschool_4 pk prek pre_k prekindergarten pre_kindergarten",
    "KG": "k kindergarten kinder 0 00",
    "AD": "adult adult_education",
    "UN": "ungraded ug",
    **{f"{n:02d}": f"{n} {n}{'st' if n == 1 else 'nd' if n == 2 else 'rd' if n == 3 else 'th'}" for n in range(1, 13)},
    "09": "9 9th freshman",
}
_RACES = {
    "american_indian": "american_indian_or_alaska_native american_indian_alaska_native native_american ai_an am i",
    "asian": "as a",
    "black": "black_or_african_american african_american black_african_american bl b",
    "hispanic": "hispanic_latino hispanic_or_latino hispanic_latino_of_any_race latino latinx hispanic_latine hi h",
    "multiracial": "two_or_more_races two_or_more multi multiple multi_racial mu m tr",
    "pacific_islander": (
        "native_hawaiian_or_other_pacific_islander native_hawaiian_other_pacific_islander pacific_islander_hawaiian "
        "native_hawaiian_or_pacific_islander hawaiian nh_pi pi p"
    ),
    "white": "wh w",
}
_SEXES = {"female": "f girl woman", "male": "m boy man", "nonbinary": "non_binary nb x another"}
_YES_NO = {"yes": "y 1 true t si sí", "no": "n 0 false f"}
_ATTENDANCE = {
    "present": "p in_attendance in_person remote",
    "late": "tardy t l late_arrival",
    "half": "half_day h partial",
    "excused": "e excused_absence absent_excused ea",
    "absent": "a unexcused unexcused_absence absent_unexcused ua u",
    "suspended": "s suspension out_of_school_suspension",
}
_SECTORS = {
    "district": "traditional public traditional_public dcps",
    "charter": "public_charter pcs charter_school",
    "other": "private independent",
}
_CONSEQUENCES = {
    "suspension_out": "out_of_school_suspension oss",
    "suspension_in": "in_school_suspension iss",
    "expulsion": "expelled exp",
}
_OUTCOMES = {
    "graduated": "graduate diploma regular_diploma grad",
    "completed": "completer other_credential ged certificate",
    "still_enrolled": "enrolled continuing",
    "dropped_out": "dropout drop_out",
    "transferred_out": "transfer transferred transfer_out excluded",
    "unknown": "",
}
_SUBJECTS = {
    "ela": "english english_language_arts reading language_arts",
    "math": "mathematics maths",
    "science": "sci",
}
_UNKNOWN = ("unknown", "not_reported", "not_stated", "na", "n_a", "missing")


def _vocabulary(words: Mapping[str, str], *, unknown: bool = False) -> Mapping[str, str]:
    known = {normalized(word): code for code, others in words.items() for word in (code, *others.split())}
    return MappingProxyType(dict.fromkeys(_UNKNOWN, "") | known if unknown else known)


VOCABULARIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "grade": _vocabulary(_GRADES),
        "race": _vocabulary(_RACES, unknown=True),
        "sex": _vocabulary(_SEXES, unknown=True),
        "yes_no": _vocabulary(_YES_NO, unknown=True),
        "attendance": _vocabulary(_ATTENDANCE),
        "sector": _vocabulary(_SECTORS),
        "consequence": _vocabulary(_CONSEQUENCES),
        "cohort": _vocabulary({"4": "four four_year 4_year", "5": "five five_year 5_year"}),
        "outcome": _vocabulary(_OUTCOMES),
        "subject": _vocabulary(_SUBJECTS),
        # The tables in which a year without rows may be a quiet one; in the others it can only be missing.
        "table": _vocabulary({"incidents": "incident discipline"}),
    }
)


def known_codes(vocabulary: str) -> tuple[str, ...]:
    """The codes of a vocabulary as the canonical tables hold them, in the order of the documents."""
    return tuple(dict.fromkeys(code for code in VOCABULARIES[vocabulary].values() if code))


def decoded(cell: str, vocabulary: str) -> str | None:
    """The canonical code of a cell; "" where it says that nobody knows; None where it says nothing that is known."""
    return VOCABULARIES[vocabulary].get(normalized(cell))
