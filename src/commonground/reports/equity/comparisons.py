"""What each place is compared with, worked out from what is published and nothing else."""

from commonground.reports.equity.book import CITY, Book, Place
from commonground.reports.equity.rows import Compared, Comparisons


def comparisons(book: Book) -> Comparisons:
    """The city's figure for the same group."""

    def compare(metric: str, year: str, place: Place, group: str) -> Compared | None:
        cell = book.cells.get(CITY, {}).get((metric, year, group))
        if cell is None or book.metrics[metric]["kind"] in ("count", "signed_count"):
            return None
        return Compared(cell.text, cell.middle if cell.told else None, None)

    return compare
