"""What the report says, in both languages side by side, so that a change meets both."""
# ruff: noqa: E501

from collections.abc import Callable, Mapping

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}
Say = Callable[..., str]

_WORDS: Mapping[str, tuple[str, str]] = {
    "skip": ("Skip to the content", "Ir al contenido"),
    "navigation": ("Parts of this report", "Partes de este informe"),
    "other_language": ("Español", "English"),
    "city": ("City overview", "Toda la ciudad"),
    "schools": ("Schools", "Escuelas"),
    "sectors": ("Sectors", "Sectores"),
    "about": ("How to read this", "Cómo leer el informe"),
    "downloads": ("Downloads", "Descargas"),
    "made": ("Published {date}", "Publicado el {date}"),
    "year_of": ("School year {year}", "Año escolar {year}"),
    "lead": (
        "The same figures for every district and charter school, for each group of students, under rules that both sectors agreed.",
        "Las mismas cifras para cada escuela de distrito y chárter, para cada grupo de estudiantes, con reglas que ambos sectores "
        "acordaron.",
    ),
    "find_school": ("Find a school", "Busque una escuela"),
    "schools_lead": (
        "All schools in the order of the alphabet. Schools are not ranked.",
        "Todas las escuelas por orden alfabético. No hay clasificación de escuelas.",
    ),
    "sectors_lead": (
        "District and charter schools serve different grades and students. The two columns stand side by side to show the city as a "
        "whole; they are no contest.",
        "Las escuelas de distrito y las chárter atienden grados y estudiantes distintos. Las dos columnas están una junto a otra para "
        "mostrar la ciudad completa; no son una competencia.",
    ),
    "school": ("School", "Escuela"),
    "lea": ("LEA", "LEA"),
    "leas": ("LEAs", "LEA"),
    "sector": ("Sector", "Sector"),
    "grades": ("Grades", "Grados"),
    "grades_of": ("grades {low} to {high}", "grados {low} a {high}"),
    "students": ("Students", "Estudiantes"),
    "n_exact": ("{n} students", "{n} estudiantes"),
    "n_about": ("{low} to {high} students", "{low} a {high} estudiantes"),
    "sector:district": ("District", "Distrito"),
    "sector:charter": ("Charter", "Chárter"),
    "sector:other": ("Other", "Otro"),
    "schools_of:district": ("District schools", "Escuelas de distrito"),
    "schools_of:charter": ("Charter schools", "Escuelas chárter"),
    "schools_of:other": ("Other schools", "Otras escuelas"),
    "group": ("Group", "Grupo"),
    "this_school": ("This school", "Esta escuela"),
    "this_lea": ("This LEA", "Esta LEA"),
    "whole_city": ("City", "Ciudad"),
    "city_like": ("City, same group and grades", "Ciudad, mismo grupo y grados"),
    "city_and_sector_like": ("City and sectors, same group and grades", "Ciudad y sectores, mismo grupo y grados"),
    "change": ("Since last year", "Desde el año pasado"),
    "higher:city": ("higher than the city", "más alto que la ciudad"),
    "lower:city": ("lower than the city", "más bajo que la ciudad"),
    "higher:sector": ("higher than the sector", "más alto que el sector"),
    "lower:sector": ("lower than the sector", "más bajo que el sector"),
    "unclear": ("no clear difference", "sin diferencia clara"),
    "up": ("up", "subió"),
    "down": ("down", "bajó"),
    "same": ("no clear change", "sin cambio claro"),
    "more": ("{n} more", "{n} más"),
    "fewer": ("{n} fewer", "{n} menos"),
    "equal": ("the same", "igual"),
    "points": ("{n} points", "{n} puntos"),
    "withheld": ("withheld", "no se publica"),
    "missing": ("no data", "sin datos"),
    "empty": ("no students", "sin estudiantes"),
    "why": (
        "Withheld: the group has fewer than {minimum} students, or this figure, alone or with others, would tell about fewer than {minimum}.",
        "No se publica: el grupo tiene menos de {minimum} estudiantes, o esta cifra, sola o con otras, diría algo sobre menos de {minimum}.",
    ),
    "coded": (
        "≥ and ≤: nearly all or nearly none; the exact figure would say something about each of these students.",
        "≥ y ≤: casi todos o casi ninguno; la cifra exacta diría algo sobre cada uno de estos estudiantes.",
    ),
    "ranges": (
        "A range such as 10–19 % is all that is told, so that no one can count single students.",
        "Un intervalo como 10–19 % es todo lo que se dice, para que nadie pueda contar a estudiantes individuales.",
    ),
    "corrected": ("corrected {date}", "corregido el {date}"),
    "stands": (
        "Figures of an earlier report stand as they were unless marked as corrected: a correction of fewer than {minimum} students would "
        "itself tell about these students. So corrected figures and figures that stand need not add up.",
        "Las cifras de un informe anterior quedan como estaban si no se marcan como corregidas: una corrección de menos de {minimum} "
        "estudiantes diría por sí sola algo sobre ellos. Por eso las cifras corregidas y las que quedan pueden no sumar.",
    ),
    "rule": ("What is counted", "Qué se cuenta"),
    "source": ("Source", "Fuente"),
    "version": ("Rule version {version}, in force since {year}", "Versión {version} de la regla, vigente desde {year}"),
    "chart": ("{metric}: {place} by student group", "{metric}: {place} por grupo de estudiantes"),
    "legend": (
        "The bar shows this place, the lighter part how far it may reach, the line the comparison.",
        "La barra muestra este lugar, la parte clara hasta dónde puede llegar, la línea la comparación.",
    ),
    "months": ("By month", "Por mes"),
    "month": ("Month", "Mes"),
    "column:level": ("Level", "Nivel"),
    "column:id": ("Id", "Id"),
    "column:name": ("Name", "Nombre"),
    "column:year": ("Year", "Año"),
    "no_names": (
        "The source gives schools and LEAs by their codes only; it says neither their names nor which LEA a school belongs to.",
        "La fuente nombra las escuelas y LEA solo por sus códigos; no dice sus nombres ni a qué LEA pertenece cada escuela.",
    ),
    "no_sectors": ("The figures name no sectors.", "Las cifras no nombran sectores."),
    "trend": ("All students, year by year", "Todos los estudiantes, año por año"),
    "year": ("Year", "Año"),
    "nothing": ("No figures were given for this place.", "No se entregaron cifras de este lugar."),
    "how_compared": (
        "A school is compared with the whole city, and with the schools of each sector, for the same group of students, weighted to "
        "the grades that the school serves. "
        "Higher or lower is said only where chance alone would rarely make such a difference (95 % interval); small schools vary more. Beside a sector, nothing is "
        "said where the difference is not clear.",
        "Una escuela se compara con toda la ciudad y con las escuelas de cada sector, para el mismo grupo de estudiantes, según los "
        "grados que la escuela atiende. Se dice más "
        "alto o más bajo solo cuando el azar rara vez produciría tal diferencia (intervalo del 95 %); las escuelas pequeñas varían más. Junto a un sector no se dice nada "
        "cuando la diferencia no es clara.",
    ),
    "about_protect": ("Why some figures are withheld", "Por qué algunas cifras no se publican"),
    "about_check": (
        "Anyone can try to work out a withheld figure with the open data and the command “commonground equity audit”. This report was "
        "published only after that failed for every one of them.",
        "Cualquiera puede intentar deducir una cifra no publicada con los datos abiertos y el comando “commonground equity audit”. Este "
        "informe se publicó solo después de que eso fallara con todas.",
    ),
    "about_counts": (
        "{withheld} of {all} figures are withheld.",
        "No se publican {withheld} de {all} cifras.",
    ),
    "about_rules": ("Every measure and its rule", "Cada medida y su regla"),
    "about_compare": ("How places are compared", "Cómo se comparan los lugares"),
    "file_csv": ("All figures as CSV", "Todas las cifras en CSV"),
    "file_xlsx": ("Figures by measure as a spreadsheet", "Cifras por medida en una hoja de cálculo"),
    "file_zip": (
        "Everything as one ZIP file, with a data dictionary",
        "Todo en un archivo ZIP, con un diccionario de datos",
    ),
    "file_pdf": ("This page as PDF", "Esta página en PDF"),
    "print": ("This page can be printed.", "Esta página se puede imprimir."),
    "back": ("All schools", "Todas las escuelas"),
    "letters": ("Schools by letter", "Escuelas por letra"),
    "contents": ("On this page", "En esta página"),
    "measure": ("Measure", "Medida"),
    "group_rates": ("By student group", "Por grupo de estudiantes"),
    "family:race": ("Race and ethnicity", "Raza y etnia"),
    "family:sex": ("Sex", "Sexo"),
    "family:english_learner": ("English learners", "Aprendices de inglés"),
    "family:disability": ("Disability", "Discapacidad"),
    "family:at_risk": ("At risk", "En riesgo"),
    "family:crossed": ("Two groups at once", "Dos grupos a la vez"),
}
MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}


def speaker(language: str) -> Say:
    """A function that says a word's text in one language, with its values filled in. KeyError for an unknown word."""
    position = list(LANGUAGES).index(language)

    def say(word: str, **values: object) -> str:
        return _WORDS[word][position].format(**values)

    return say


def knows(word: str) -> bool:
    return word in _WORDS


def school_year(year: str) -> str:
    """ "2025" as people write it: 2024-25."""
    return f"{int(year) - 1}-{year[2:]}" if year.isdigit() and len(year) == 4 else year


def grade(code: str) -> str:
    """A grade's code as people write it: K, 5."""
    return "K" if code == "KG" else code.lstrip("0")


def day(date: str, language: str) -> str:
    """An ISO date in words: "November 22, 2026", "22 de noviembre de 2026"."""
    year, month, number = (int(part) for part in date.split("-"))
    name = MONTHS[language][month - 1]
    return f"{name} {number}, {year}" if language == "en" else f"{number} de {name} de {year}"
