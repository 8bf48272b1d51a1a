"""Speed, side by side with what it is measured against: ``make bench``. Ratios, never assertions on time."""
