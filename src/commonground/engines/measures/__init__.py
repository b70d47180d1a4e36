"""What the figures of schools are, and how they come from student records: business rules, groups, figures, comparators."""
