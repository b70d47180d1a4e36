"""The words that rules are read aloud with, in both languages side by side, so that a change meets both."""

from collections.abc import Mapping

MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
}  # fmt: skip
GRADE_NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {"KG": "kindergarten", "AD": "adult", "UN": "ungraded"},
    "es": {"KG": "kínder", "AD": "adultos", "UN": "sin grado"},
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "enrolled_on": {
        "en": "The number of students who are enrolled on {day}.",
        "es": "El número de estudiantes que están matriculados el {day}.",
    },
    "attendance": {
        "en": "Days that students were present, divided by the days that they were on the roll.",
        "es": "Días en que los estudiantes estuvieron presentes, divididos entre los días en que estuvieron en lista.",
    },
    "chronic_absence": {
        "en": "The share of students who were absent on {share} % or more of the days that they were on the roll.",
        "es": "La proporción de estudiantes ausentes el {share} % o más de los días en que estuvieron en lista.",
    },
    "discipline": {
        "en": "The share of students with {kinds}",
        "es": "La proporción de estudiantes con {kinds}",
    },
    "discipline_of": {"en": ", of all students enrolled.", "es": ", entre todos los estudiantes matriculados."},
    "or": {"en": " or ", "es": " o "},
    "suspension_out": {"en": "an out-of-school suspension", "es": "una suspensión fuera de la escuela"},
    "suspension_in": {"en": "an in-school suspension", "es": "una suspensión dentro de la escuela"},
    "expulsion": {"en": "an expulsion", "es": "una expulsión"},
    "times": {"en": "{times} or more times", "es": "{times} veces o más"},
    "days": {"en": "{days} days or more in all", "es": "{days} días o más en total"},
    "entries": {
        "en": "How many times a student entered a school.",
        "es": "Cuántas veces ingresó un estudiante a una escuela.",
    },
    "withdrawals": {
        "en": "How many times a student left a school.",
        "es": "Cuántas veces se retiró un estudiante de una escuela.",
    },
    "net_entries": {
        "en": "How many times a student entered a school, minus how many times one left.",
        "es": "Cuántas veces ingresó un estudiante a una escuela, menos cuántas veces se retiró uno.",
    },
    "graduation": {
        "en": "The share of the students due to graduate this year whose status after {years} years is: {graduated}.",
        "es": "La proporción de los estudiantes que debían graduarse este año cuya condición tras {years} años es: {graduated}.",
    },
    "proficiency": {
        "en": "The share of tested students who are proficient in {subject}.",
        "es": "La proporción de estudiantes evaluados que son competentes en {subject}.",
    },
    "proficiency_level": {
        "en": "The share of tested students who reach level {level} or higher in {subject}.",
        "es": "La proporción de estudiantes evaluados que alcanzan el nivel {level} o uno más alto en {subject}.",
    },
    "growth": {
        "en": "The median growth percentile of tested students in {subject}: half of them grew more, half less.",
        "es": "El percentil mediano de crecimiento de los estudiantes evaluados en {subject}: la mitad creció más, la mitad menos.",
    },
    "subject_ela": {"en": "English language arts", "es": "lengua inglesa"},
    "subject_math": {"en": "mathematics", "es": "matemáticas"},
    "grades": {
        "en": "Students in these grades count: {grades}.",
        "es": "Cuentan los estudiantes de estos grados: {grades}.",
    },
    "range": {"en": "{first} to {last}", "es": "{first} a {last}"},
    "minimum_roll": {
        "en": "A student counts with {days} or more days on the roll.",
        "es": "Un estudiante cuenta si estuvo en lista {days} días o más.",
    },
    "minimum_enrolled": {
        "en": "A student counts when enrolled for {days} or more calendar days.",
        "es": "Un estudiante cuenta si estuvo matriculado {days} días de calendario o más.",
    },
    "present": {"en": "Counted as present: {list}.", "es": "Cuenta como presente: {list}."},
    "half": {"en": "Counted as half a day present: {list}.", "es": "Cuenta como medio día presente: {list}."},
    "not_counted": {"en": "Days that do not count at all: {list}.", "es": "Días que no cuentan: {list}."},
    "excluded_statuses": {
        "en": "Students with these statuses do not count: {list}.",
        "es": "No cuentan los estudiantes con estas condiciones: {list}.",
    },
    "best_result": {
        "en": "A student with several results counts once, with the best.",
        "es": "Un estudiante con varios resultados cuenta una vez, con el mejor.",
    },
    "gap": {
        "en": "Who comes back to the same school within {days} days has not left.",
        "es": "Quien vuelve a la misma escuela en un plazo de {days} días no se ha retirado.",
    },
    "no_gap": {
        "en": "Who only changes grade within the school has not left.",
        "es": "Quien solo cambia de grado en la misma escuela no se ha retirado.",
    },
    "by_month_no": {"en": "Months are not shown.", "es": "No se muestran los meses."},
    "by_month_all": {
        "en": "Months are shown for all students together.",
        "es": "Los meses se muestran para todos los estudiantes juntos.",
    },
    "by_month_groups": {
        "en": "Months are shown for each student group.",
        "es": "Los meses se muestran para cada grupo de estudiantes.",
    },
    "whole_year": {"en": "The whole school year counts.", "es": "Cuenta todo el año escolar."},
    "window": {
        "en": "Only {first} through {last} counts.",
        "es": "Solo cuenta del {first} al {last}.",
    },
    "day": {"en": "{month} {day}", "es": "{day} de {month}"},
    "at_longest": {
        "en": "A student of several schools counts once, at the school with most days of enrollment.",
        "es": "Un estudiante de varias escuelas cuenta una vez, en la escuela con más días de matrícula.",
    },
    "at_last": {
        "en": "A student of several schools counts once, at the last school.",
        "es": "Un estudiante de varias escuelas cuenta una vez, en la última escuela.",
    },
    "at_incident": {
        "en": "A student of several schools counts once, at the school of the last incident, or else at the school with most "
        "days of enrollment.",
        "es": "Un estudiante de varias escuelas cuenta una vez, en la escuela del último incidente o, si no hubo ninguno, en la "
        "escuela con más días de matrícula.",
    },
    "at_each": {
        "en": "A student of several schools counts at each of them, and once in each larger unit.",
        "es": "Un estudiante de varias escuelas cuenta en cada una, y una vez en cada unidad mayor.",
    },
    "days_here": {"en": "Only days at that school count.", "es": "Solo cuentan los días en esa escuela."},
    "days_everywhere": {
        "en": "Days at other schools count too.",
        "es": "También cuentan los días en otras escuelas.",
    },
    "incidents_here": {
        "en": "Only incidents at that school count.",
        "es": "Solo cuentan los incidentes en esa escuela.",
    },
    "incidents_everywhere": {
        "en": "Incidents at other schools count too.",
        "es": "También cuentan los incidentes en otras escuelas.",
    },
    "exclude_groups": {"en": "These groups do not count: {list}.", "es": "Estos grupos no cuentan: {list}."},
    "exclude_schools": {"en": "These schools do not count: {list}.", "es": "Estas escuelas no cuentan: {list}."},
    "within": {
        "en": "All of them are also counted under “{name}”.",
        "es": "Todos ellos cuentan también en «{name}».",
    },
    "digits": {
        "en": "Rounded to {digits} decimals, halves upward.",
        "es": "Redondeado a {digits} decimales, las mitades hacia arriba.",
    },
    "grade_rows": {"en": "Shown by grade for: {levels}.", "es": "Se muestra por grado para: {levels}."},
    "level_city": {"en": "the city", "es": "la ciudad"},
    "level_sector": {"en": "each sector", "es": "cada sector"},
    "level_lea": {"en": "each LEA", "es": "cada LEA"},
    "level_school": {"en": "each school", "es": "cada escuela"},
    "in_force": {"en": "Version {version}, in force from {year}.", "es": "Versión {version}, vigente desde {year}."},
    "source": {"en": "Source: {source}.", "es": "Fuente: {source}."},
}
